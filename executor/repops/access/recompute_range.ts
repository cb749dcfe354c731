/**
 * A range of an output, computed alone.
 *
 * @module
 */
import { type Tensor } from "../../tensor.ts";
import { operatorOf, productSumsOf } from "../reference/mod.ts";
import { makeWords, release, type Words } from "../values.ts";
import {
  type AccessInput,
  callOn,
  type NodeRange,
  type NodeTypes,
  operandsOf,
  requireRange,
} from "./part.ts";
import { productRange } from "./product_range.ts";

/** A node with its inputs, of which the chunks that `inputsFor` named are enough, and a range of one output. */
export interface RecomputeRequest extends NodeTypes, NodeRange {
  readonly inputs: readonly AccessInput[];
}

/**
 * Computes part of an output. It has the bits that the whole node gives it on any backend.
 *
 * Cost: of a product, a pass over its vectors and one multiplication with addition for each term, about a nanosecond each; otherwise the
 * reference's.
 *
 * @returns A vector of the requested elements.
 * @throws {ExecutorError} `bad_request` for a range outside the output; `missing_chunk` for a read outside the chunks given;
 * `unsupported_operator`; `bad_tensor`.
 */
export function recomputeRange(request: RecomputeRequest): Tensor {
  const { dtype } = requireRange(request, request);
  const { start, end } = request;
  return release({ dtype, shape: [end - start], words: wordsOf(request, makeWords(dtype, end - start)) });
}

function wordsOf(request: RecomputeRequest, words: Words): Words {
  const call = callOn(request, operandsOf(request.node, request.inputs));
  const sums = request.output === 0 ? productSumsOf(call) : undefined;
  if (sums) return productRange(call, sums, request.start, words);
  const rule = operatorOf(call.node)(call)[request.output];
  for (let i = 0; i < words.length; i++) words[i] = rule?.(request.start + i) ?? 0;
  return words;
}
