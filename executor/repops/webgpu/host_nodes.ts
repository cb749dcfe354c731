/**
 * Nodes without a shader, on the WebAssembly kernels: their operands come from the GPU and go back to it.
 *
 * @module
 */
import { ExecutorError } from "../../errors.ts";
import type { Precision } from "../numbers/mod.ts";
import type { PlannedValue, Step } from "../plan/mod.ts";
import { sizeOf } from "../values.ts";
import { allocationBytes, compileNode, type Machine } from "../wasm/mod.ts";

/** A node on the host. */
export interface HostNode {
  /** Storages to read before, and to write after: each once, with how many words. */
  readonly reads: readonly HostValue[];
  readonly writes: readonly HostValue[];
  /** Computes the words of `writes` from those of `reads`. */
  run(words: readonly Uint32Array[]): readonly Uint32Array<ArrayBuffer>[];
}

/** Words of a storage. */
export interface HostValue {
  readonly storage: number;
  readonly words: number;
}

/**
 * Makes nodes ready on one machine. They run one at a time, so their operands share its memory.
 *
 * @throws {ExecutorError} `engine_failed` if memory is short.
 */
export function prepareHostNodes(
  machine: Machine,
  steps: readonly Step[],
  opset: number,
  precision: Precision,
): readonly HostNode[] {
  const bytesOf = (value: PlannedValue) => allocationBytes(sizeOf(value.info) * 4);
  const present = (values: Step["inputs"]) =>
    values.flatMap((value) => (value && value.storage >= 0 ? [value] : []));
  const needed = steps.map(({ inputs, outputs }) =>
    [...present(inputs), ...present(outputs)].reduce((sum, value) => sum + bytesOf(value), 0)
  );
  const base = machine.allocate(Math.max(0, ...needed));
  const nodes = steps.map((step) => {
    let next = base;
    const addresses = new Map<PlannedValue, number>();
    const placeOf = (value: PlannedValue | undefined) => {
      if (!value || value.storage < 0) return undefined;
      const address = addresses.get(value) ?? next;
      if (!addresses.has(value)) next += bytesOf(value);
      addresses.set(value, address);
      return { info: value.info, address, constant: value.constant };
    };
    const { work } = compileNode({
      node: step.node,
      opset,
      precision,
      machine,
      inputs: step.inputs.map(placeOf),
      outputs: step.outputs.map(placeOf),
    });
    return { step, work, addresses };
  });
  const scratch = machine.end();
  machine.reserve(scratch, allocationBytes(Math.max(0, ...nodes.map(({ work }) => work.scratch))));
  return nodes.map(({ step, work, addresses }) => {
    const reads = [...new Set(present(step.inputs))];
    const writes = [...new Set(present(step.outputs))];
    const view = (value: PlannedValue) =>
      machine.view("uint32", addresses.get(value) ?? base, sizeOf(value.info));
    return {
      reads: reads.map(hostValue),
      writes: writes.map(hostValue),
      run: (words) => {
        if (words.length !== reads.length) {
          throw new ExecutorError("engine_failed", `Node ${step.node.name} was given too few operands.`);
        }
        reads.forEach((value, i) => view(value).set(words[i] ?? []));
        work.run(scratch);
        return writes.map((value) => new Uint32Array(view(value)));
      },
    };
  });
}

function hostValue(value: PlannedValue): HostValue {
  return { storage: value.storage, words: sizeOf(value.info) };
}
