/**
 * Random access re-execution: part of a node's output alone, with the bits of the whole.
 *
 * @module
 */
import type { TensorInfo } from "../../ledger/primitives/mod.ts";
import { CHUNK_BYTES } from "../../ledger/primitives/mod.ts";
import type { GraphNode } from "../graph.ts";
import { ELEMENT_BYTES, type Tensor } from "../tensor.ts";
import type { Precision } from "./numbers/mod.ts";
import { evaluateRange } from "./reference/mod.ts";
import { admit, release } from "./values.ts";

/** Elements `start` (inclusive) to `end` (exclusive) of one output of a node. */
export interface RecomputeRequest {
  readonly node: GraphNode;
  readonly opset: number;
  readonly precision: Precision;
  /** `undefined` where an optional input is absent. */
  readonly inputs: readonly (Tensor | undefined)[];
  readonly outputs: readonly TensorInfo[];
  readonly output: number;
  readonly start: number;
  readonly end: number;
}

/** The elements, and what they cost. */
export interface Recomputed {
  /** A vector of the requested elements. */
  readonly elements: Tensor;
  /** For each input that was read: positions of its chunks of 64 KiB, ascending. */
  readonly inputChunks: ReadonlyMap<number, readonly number[]>;
  /** How many different input elements were read. */
  readonly elementsRead: number;
}

/**
 * Computes part of an output from its inputs, on the reference.
 *
 * @throws {ExecutorError} `bad_request` for a range outside the output; `unsupported_operator`; `bad_tensor`.
 */
export function recomputeRange(request: RecomputeRequest): Recomputed {
  const { node, opset, precision, outputs, output, start, end } = request;
  const inputs = request.inputs.map((tensor) => tensor && admit(tensor));
  const { words, reads } = evaluateRange({ node, opset, precision, inputs, outputs }, { output, start, end });
  const dtype = outputs[output]?.dtype ?? "float32";
  const chunks = [...reads].flatMap(([position, elements]) => {
    const tensor = inputs[position];
    if (!tensor || elements.size === 0) return [];
    const perChunk = CHUNK_BYTES / ELEMENT_BYTES[tensor.dtype];
    const touched = new Set([...elements].map((element) => Math.floor(element / perChunk)));
    return [[position, [...touched].sort((a, b) => a - b)] as const];
  });
  return {
    elements: release({ dtype, shape: [end - start], words }),
    inputChunks: new Map(chunks),
    elementsRead: [...reads.values()].reduce((sum, elements) => sum + elements.size, 0),
  };
}
