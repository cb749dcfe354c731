/**
 * Below a chunk. A chunk of a sum over very many terms, as one column of a huge weight gradient is, takes more input than arbiters should
 * fetch. So what is judged of such a node is a part of the sum that one element is:
 *
 *  1. **When.** A node's descriptor says how its elements are summed ({@link SumShape}): it stands in the program, where everybody who opens
 *     the program checks it. A chunk costs its elements times the terms of each, in multiplications with addition, and takes at most eight
 *     bytes of input for each of them. Above `params.unitCostCap` it is descended; below, it is judged as it is.
 *  2. **Leaves.** The chunk's own Merkle tree is descended to one leaf of 1 KiB, whose values the provider posts. The challenger names the first
 *     that differs, and what it has there itself.
 *  3. **Sums.** The element is a sum over groups, in the tree of {@link splitRange}; a group is the sum of a few blocks; a block is that of a few
 *     hundred terms. The provider posts the sums of the up to 16 children of the part in dispute. The challenger names the leftmost that differs
 *     from its own, which is disputed next; or it says that they are right and do not make the part.
 *  4. **Judged** is one block; or, if the children are agreed on, their combination, which takes no input but, at the element itself, what is added at
 *     its end. Both are some hundred operations, whatever the program.
 *
 * The ledger computes none of it: values are bits to it. It sees no graphs either. That a program has no dearer unit, as a chunk of an
 * operator that is no sum may be, is for whoever opens it to see: providers decline such a task and the market warns of it. Whoever accepts it nevertheless
 * is judged by whoever can: arbiters that cannot in time say so by silence, and without a quorum nobody is slashed.
 *
 * @module
 */
import {
  CHUNK_BYTES,
  DESCENT_ARITY,
  DTYPE_BYTES,
  type Hash,
  hash,
  type NodeDescriptor,
  splitRange,
  type SumShape,
} from "../primitives/mod.ts";
import type { Params } from "../state/mod.ts";
import type { SumPart } from "./records.ts";
import { extentOf } from "./unit.ts";

/** Most groups of a sum: 2^31 terms in groups of 2048, more than the largest tensor has. */
export const MAX_SUM_GROUPS = 1 << 20;

/** Bytes of a value: sums are in binary32. */
export const VALUE_BYTES = 4;

/** A child of a part: a subtree over several groups or one, or a block of a group. */
export type SumChild =
  | { readonly kind: "groups"; readonly from: number; readonly to: number }
  | { readonly kind: "block"; readonly block: number };

/** Blocks and groups of a sum. */
export function extentOfSum(
  { terms, blockTerms, groupBlocks }: SumShape,
): { readonly blocks: number; readonly groups: number } {
  const blocks = Math.ceil(terms / blockTerms);
  return { blocks, groups: Math.ceil(blocks / groupBlocks) };
}

/** How the elements of a node's first output are summed; `undefined` if they are not, or in a shape that could not be descended. */
export function sumOf({ sum, outputs }: NodeDescriptor): SumShape | undefined {
  if (sum === null || outputs[0]?.dtype !== "float32") return undefined;
  const { blockTerms, groupBlocks } = sum;
  if (blockTerms < 1 || groupBlocks < 1 || groupBlocks > DESCENT_ARITY) return undefined;
  const { groups } = extentOfSum(sum);
  return groups >= 1 && groups <= MAX_SUM_GROUPS ? sum : undefined;
}

/** Elements of a chunk of a node's output; 0 if it has no such chunk. */
function elementsIn({ outputs }: NodeDescriptor, output: number, chunk: number): number {
  const info = outputs[output], extent = info && extentOf(info);
  if (info === undefined || extent === undefined) return 0;
  return Math.max(0, Math.min(CHUNK_BYTES, extent.bytes - chunk * CHUNK_BYTES)) / DTYPE_BYTES[info.dtype];
}

/** Whether a chunk is too dear to be judged, and can be taken apart. */
export function descendsChunk(
  descriptor: NodeDescriptor,
  { output, chunk }: { readonly output: number; readonly chunk: number },
  { unitCostCap }: Pick<Params, "unitCostCap">,
): boolean {
  const sum = output === 0 ? sumOf(descriptor) : undefined;
  if (sum === undefined) return false;
  return BigInt(elementsIn(descriptor, output, chunk)) * BigInt(sum.terms) > unitCostCap;
}

/** The children of a part, left to right: at least one and at most 16. */
export function childrenOf(sum: SumShape, part: SumPart): readonly SumChild[] {
  const { blocks, groups } = extentOfSum(sum);
  const { from, to } = part.kind === "element" ? { from: 0, to: groups } : part;
  if (to - from > 1) {
    return splitRange({ from, to }).map((range): SumChild => ({ kind: "groups", ...range }));
  }
  const first = from * sum.groupBlocks, end = Math.min(first + sum.groupBlocks, blocks);
  return Array.from({ length: end - first }, (_, i): SumChild => ({ kind: "block", block: first + i }));
}

/** The verdict about a part of a sum: the hash of its value's bits. */
export function partVerdict(bits: number): Hash {
  const bytes = new Uint8Array(VALUE_BYTES);
  new DataView(bytes.buffer).setUint32(0, bits, true);
  return hash("assay/partial-sum", bytes);
}
