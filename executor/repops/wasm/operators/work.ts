/**
 * How a node is made ready for the kernels: everything that does not depend on the elements is decided when a graph is loaded.
 *
 * @module
 */
import type { Dtype, TensorInfo } from "../../../../ledger/primitives/mod.ts";
import type { GraphNode } from "../../../graph.ts";
import type { Precision } from "../../numbers/mod.ts";
import { type CanonicalTensor, isFloat, sizeOf } from "../../values.ts";
import type { Machine } from "../machine.ts";

/** A value in the machine's memory. */
export interface Place {
  readonly info: TensorInfo;
  readonly address: number;
  /** Its elements, if they are known when the graph is loaded. */
  readonly constant: CanonicalTensor | undefined;
}

/** A node, and where its operands are. Absent ones are `undefined`. */
export interface Site {
  readonly node: GraphNode;
  readonly opset: number;
  readonly precision: Precision;
  readonly machine: Machine;
  readonly inputs: readonly (Place | undefined)[];
  readonly outputs: readonly (Place | undefined)[];
}

/** A node ready to run. */
export interface Work {
  /** Bytes of scratch memory that a run needs. */
  readonly scratch: number;
  /** Runs the kernels, with scratch memory at this address. */
  run(scratch: number): void;
}

/** Makes a node ready; `undefined` if no kernel serves this form of it, and the reference has to. */
export type Compiler = (site: Site) => Work | undefined;

/** Bytes of a word. */
export const WORD = 4;

/** Work without scratch memory. */
export function work(run: () => void): Work {
  return { scratch: 0, run };
}

/** One after the other, sharing scratch memory. */
export function inOrder(...works: readonly Work[]): Work {
  return {
    scratch: Math.max(0, ...works.map(({ scratch }) => scratch)),
    run: (scratch) => {
      for (const each of works) each.run(scratch);
    },
  };
}

/** Number of elements. */
export const countOf = (place: Place): number => sizeOf(place.info);

/** Vectors of four that cover so many elements. */
export const vectorsOf = (count: number): number => Math.ceil(count / 4);

/** Whether the place holds floats. */
export const holdsFloats = (place: Place | undefined): place is Place =>
  place !== undefined && isFloat(place.info.dtype);

/** Whether the type is held as a signed 32-bit integer of full width. */
export const isWord = (dtype: Dtype): boolean => dtype === "int32" || dtype === "int64";

/** Puts a float into lasting memory, four times over, and returns its address. */
export function constantFloat(machine: Machine, value: number): number {
  const address = machine.allocate(4 * WORD);
  machine.view("float32", address, 4).fill(value);
  return address;
}

/** Puts integers into lasting memory and returns their address. */
export function constantIntegers(machine: Machine, values: Int32Array): number {
  const address = machine.allocate(values.length * WORD);
  machine.view("int32", address, values.length).set(values);
  return address;
}
