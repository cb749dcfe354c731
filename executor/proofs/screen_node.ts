/**
 * Screening what a node is claimed to have put out, instead of computing it again.
 *
 * @module
 */
import { encode, type Hash, hash, u32 } from "../../ledger/primitives/mod.ts";
import type { GraphNode } from "../graph.ts";
import type { Tensor } from "../tensor.ts";
import type { ExactProduct } from "./exact_product.ts";
import { screenProduct } from "./freivalds.ts";
import { productOfNode } from "./product_node.ts";

/**
 * Multiplications with addition that an engine does in the time in which the screen reads an entry: 8-bit integers go sixteen at a time, and the screen's field
 * one by one.
 */
const WORK_OF_ENTRY = 48;

/** Bytes that follow from a seed. */
function bytesFrom(seed: Hash, length: number): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(length / seed.length) * seed.length);
  for (let at = 0; at < bytes.length; at += seed.length) {
    bytes.set(hash("assay/screen", seed, encode(u32, at)), at);
  }
  return bytes.subarray(0, length);
}

/** Whether screening takes less than computing: of C both halves of each entry are read. */
function isWorthIt({ a, b, c }: ExactProduct): boolean {
  const entries = a.entries.length + b.entries.length + 2 * c.length;
  return a.rows * a.columns * b.columns >= WORK_OF_ENTRY * entries;
}

/**
 * Whether a claimed output of an exact integer product passes Freivalds' test.
 *
 * Cost: a pass over A, B and the claim, where computing takes as many over A as B has columns. A wrong output passes with a chance of 2^-31.
 *
 * @param claimed The claimed output, of the type and shape that the node has.
 * @param seed 32 random bytes that nobody knew when the output was committed to.
 * @returns `undefined` if that cannot be told so: of another operator, or a product that is computed as fast. See {@link productOfNode}.
 */
export function screenNode(
  node: GraphNode,
  inputs: readonly (Tensor | undefined)[],
  claimed: Tensor,
  seed: Hash,
): boolean | undefined {
  // Of QLinearMatMul the sums are not committed to: nobody else has them.
  const product = node.operator === "MatMulInteger" ? productOfNode(node, inputs, claimed) : undefined;
  if (product === undefined || !isWorthIt(product)) return undefined;
  return screenProduct(product, bytesFrom(seed, 4 * product.b.columns));
}
