/**
 * How a node becomes dispatches: everything that does not depend on the elements is decided when a graph is loaded.
 *
 * @module
 */
import type { Dtype, TensorInfo } from "../../../../ledger/primitives/mod.ts";
import type { GraphNode } from "../../../graph.ts";
import type { Precision } from "../../numbers/mod.ts";
import { type CanonicalTensor, isFloat, sizeOf } from "../../values.ts";
import { PARAMETER_VECTORS, type Shader } from "../shader/shader.ts";

/** A value in a buffer. */
export interface Place {
  readonly info: TensorInfo;
  /** Number of the buffer. */
  readonly slot: number;
  /** Its elements, if they are known when the graph is loaded. */
  readonly constant: CanonicalTensor | undefined;
}

/** A node, and where its operands are. Absent ones are `undefined`. */
export interface Site {
  readonly node: GraphNode;
  readonly opset: number;
  readonly precision: Precision;
  readonly inputs: readonly (Place | undefined)[];
  readonly outputs: readonly (Place | undefined)[];
  /** Most words that one buffer may have on the adapter. */
  readonly largestWords: number;
  /** Whether the adapter is software, whose threads are lanes of the processor's vectors. */
  readonly isSoftware: boolean;
  /** A buffer that the node alone uses, by number. */
  scratch(words: number): number;
  /** A buffer that holds these words from the start. */
  known(words: Uint32Array): number;
}

/** A stretch of a tensor, in words, as a shader sees it: positions in the tensor less `first` are positions in the stretch. */
export interface Window {
  readonly first: number;
  readonly words: number;
  /** Where it starts in its buffer, if that is not `first`. */
  readonly at?: number;
}

/** Work of a shader: workgroups in a row, with the same parameters but for the number of the first one. */
export interface Dispatch {
  readonly shader: Shader;
  /** Buffers by number. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly parameters: Uint32Array;
  readonly workgroups: number;
  /** Steps that one workgroup takes, about: long dispatches are split by it. */
  readonly stepsEach: number;
  /** Number of the first workgroup; 0 if absent. */
  readonly first?: number;
  /** What is bound of each input, then of each output; all of them if absent. */
  readonly windows?: readonly Window[];
  /**
   * The same work on windows of at most so many words of its buffers; `undefined` if it cannot be had. Absent if it is known that
   * it cannot.
   */
  split?(limit: number): readonly Dispatch[] | undefined;
}

/** Makes a node ready; `undefined` if no shader serves this form of it. */
export type Compiler = (site: Site) => readonly Dispatch[] | undefined;

/** Parameters from vectors of up to four words, by their position. Negative numbers wrap around. */
export function parametersOf(vectors: Readonly<Record<number, readonly number[]>>): Uint32Array {
  const words = new Uint32Array(4 * PARAMETER_VECTORS);
  for (const [at, vector] of Object.entries(vectors)) words.set(vector, 4 * Number(at));
  return words;
}

/** Number of elements. */
export const countOf = (place: Place): number => sizeOf(place.info);

/** Whether the place holds floats. */
export const holdsFloats = (place: Place | undefined): place is Place =>
  place !== undefined && isFloat(place.info.dtype);

/** Whether the type is held as a signed 32-bit integer of full width. */
export const isWord = (dtype: Dtype): boolean => dtype === "int32" || dtype === "int64";

/** A place in a buffer that the node alone uses. */
export function scratchPlace(site: Site, shape: readonly number[]): Place {
  const info = { dtype: "float32", shape } as const;
  return { info, slot: site.scratch(sizeOf(info)), constant: undefined };
}

/** The same elements under another shape. */
export function reshaped(place: Place, shape: readonly number[]): Place {
  return { ...place, info: { ...place.info, shape } };
}

/** Elements of a parameter that is known when the graph is loaded. */
export function knownElements(place: Place | undefined): readonly number[] | undefined {
  return place?.constant && Array.from(place.constant.words);
}
