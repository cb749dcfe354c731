/**
 * Below an element: the blocks and groups of its sum, each computed alone.
 *
 * @module
 */
import { ExecutorError } from "../../errors.ts";
import {
  canonical,
  PRODUCT_BLOCK,
  PRODUCT_GROUP,
  REDUCTION_BLOCK,
  reductionBlock,
  treeSum,
} from "../numbers/mod.ts";
import {
  type Call,
  type ProductSums,
  productSumsOf,
  reductionSumsOf,
  type TermSums,
} from "../reference/mod.ts";
import { type InputNeeds, needsOf } from "./inputs_for.ts";
import {
  type AccessInput,
  callOn,
  type KnownInputs,
  type NodeTypes,
  operandsOf,
  requireRange,
} from "./part.ts";
import { factorsOf, groupSum } from "./product_range.ts";
import { combineBlocks } from "./sum_tree.ts";

/** How each element of an output is summed. */
export interface SumStructure {
  /** SPEC 3 (MatMul, Gemm, Conv, ConvTranspose, Einsum of two operands) or SPEC 4 (ReduceSum and its kin). */
  readonly order: "product" | "reduction";
  readonly terms: number;
  /** Terms of a block: 256 of a product, 2048 of a reduction. The last one may have fewer. */
  readonly blockTerms: number;
  readonly blocks: number;
  /** Blocks of a group: 8 of a product, 1 of a reduction. The last one may have fewer. */
  readonly groupBlocks: number;
  /** Leaves of the tree. */
  readonly groups: number;
}

/** An element whose sum is taken apart: position `index` of the output at position 0. */
export interface SumRequest extends NodeTypes {
  readonly inputs: readonly AccessInput[];
  readonly index: number;
}

type Sums =
  | { readonly order: "product"; readonly sums: ProductSums }
  | { readonly order: "reduction"; readonly sums: TermSums };

function sumsOn(call: Call): Sums | undefined {
  const products = productSumsOf(call);
  if (products) return { order: "product", sums: products };
  const reduced = reductionSumsOf(call);
  return reduced && { order: "reduction", sums: reduced };
}

/**
 * How the elements of a node's output are summed; `undefined` if they are not one sum each, in floats: exact integers need no order, and
 * the others are cheap by the chunk.
 *
 * @param known Values of the inputs that decide, such as a reduction's axes.
 * @throws {ExecutorError} `unsupported_operator`; `missing_chunk` if a deciding input is not known.
 */
export function sumStructure(types: NodeTypes, known: KnownInputs = new Map()): SumStructure | undefined {
  const inputs = types.inputs.map((info, position) =>
    known.get(position) ?? (info && { ...info, chunks: new Map<number, Uint8Array>() })
  );
  const found = sumsOn(callOn(types, operandsOf(types.node, inputs)));
  return found && structureOf(found);
}

function structureOf({ order, sums: { terms } }: Sums): SumStructure {
  const blockTerms = order === "product" ? PRODUCT_BLOCK : REDUCTION_BLOCK;
  const groupBlocks = order === "product" ? PRODUCT_GROUP : 1;
  const blocks = Math.ceil(terms / blockTerms);
  return { order, terms, blockTerms, blocks, groupBlocks, groups: Math.ceil(blocks / groupBlocks) };
}

/** What terms `from` (inclusive) to `to` (exclusive) of an element's sum need: those of a block, a group, or a subtree. */
export function inputsForTerms(
  types: NodeTypes & { readonly index: number },
  from: number,
  to: number,
  known?: KnownInputs,
): InputNeeds {
  requireElement(types);
  return needsOf(types, known ?? new Map(), (call, note) => {
    const { order, sums } = requireSums(call);
    if (order === "reduction") {
      const term = sums.termsOf(types.index);
      for (let i = from; i < to; i++) term(i);
      return to - from;
    }
    for (const side of [sums.left, sums.right]) {
      const elementOf = side.elementsOf(side.vectorOf(types.index));
      for (let k = from; k < to; k++) {
        const element = elementOf(k);
        if (element !== undefined) note(side.position, element);
      }
    }
    return to - from;
  });
}

/** What making an element of its sum needs: a bias, or nothing. */
export function inputsForFinish(
  types: NodeTypes & { readonly index: number },
  known?: KnownInputs,
): InputNeeds {
  requireElement(types);
  return needsOf(types, known ?? new Map(), (call) => {
    const { sums } = requireSums(call);
    sums.finish(0, types.index);
    return 1;
  });
}

/** The parts of one element's sum, on one reading of the inputs. */
export interface SumParts extends SumStructure {
  /** Sums of one block, of one group, of groups [first, first + count), as binary32, not made canonical. */
  block(block: number): number;
  group(group: number): number;
  over(first: number, count: number): number;
  /** The element that a sum makes. */
  finish(total: number): number;
}

/**
 * Takes an element's sum apart.
 *
 * @throws {ExecutorError} `bad_request` for a node without sums or an element that does not exist; its parts `bad_request` for one that does not
 * exist, `missing_chunk` for a read outside the chunks given.
 */
export function sumParts(request: SumRequest): SumParts {
  requireElement(request);
  const { index } = request;
  const call = callOn(request, operandsOf(request.node, request.inputs));
  const found = requireSums(call), structure = structureOf(found);
  const { terms, blockTerms, blocks, groupBlocks, groups } = structure;
  const block = (at: number): number => {
    requirePart(request, "block", at, blocks);
    const [from, to] = [at * blockTerms, Math.min(terms, (at + 1) * blockTerms)];
    if (found.order === "reduction") {
      const term = found.sums.termsOf(index);
      return reductionBlock(to - from, (i) => term(from + i));
    }
    const { left, right } = found.sums;
    return groupSum(factorsOf(call, left, index, from, to), factorsOf(call, right, index, from, to), 0);
  };
  const group = (at: number): number => {
    requirePart(request, "group", at, groups);
    const first = at * groupBlocks, count = Math.min(groupBlocks, blocks - first);
    return combineBlocks(Float32Array.from({ length: count }, (_, i) => block(first + i)));
  };
  const over = (first: number, count: number): number => {
    const sums = Float32Array.from({ length: count }, (_, i) => group(first + i));
    return treeSum(0, count, (i) => sums[i] ?? 0);
  };
  return { ...structure, block, group, over, finish: (total) => found.sums.finish(canonical(total), index) };
}

/**
 * One block of an element's sum, as binary32, not made canonical.
 *
 * @throws {ExecutorError} `bad_request` for a node without sums, or a block or element that does not exist; `missing_chunk`.
 */
export function recomputeBlock(request: SumRequest, block: number): number {
  return sumParts(request).block(block);
}

/**
 * One group of an element's sum, as binary32, not made canonical: its blocks combined.
 *
 * @throws {ExecutorError} As {@link recomputeBlock} does.
 */
export function recomputeGroup(request: SumRequest, group: number): number {
  return sumParts(request).group(group);
}

/**
 * The element that a sum makes: the sum made canonical, then bias, factors, or division by the count.
 *
 * @param total The sum over all groups, 0 if there are none.
 * @throws {ExecutorError} `bad_request` for a node without sums; `missing_chunk`.
 */
export function finishElement(request: SumRequest, total: number): number {
  return sumParts(request).finish(total);
}

function requireElement(types: NodeTypes & { readonly index: number }): void {
  requireRange(types, { output: 0, start: types.index, end: types.index + 1 });
}

function requireSums(call: Call): Sums {
  const found = sumsOn(call);
  if (found) return found;
  throw new ExecutorError(
    "bad_request",
    `The elements of node ${call.node.name} (${call.node.operator}) are not one sum each: recompute a range of them.`,
  );
}

function requirePart({ node }: NodeTypes, what: string, part: number, count: number): void {
  if (Number.isInteger(part) && part >= 0 && part < count) return;
  throw new ExecutorError(
    "bad_request",
    `Node ${node.name} has ${count} ${what}s for each sum: not ${part}.`,
  );
}
