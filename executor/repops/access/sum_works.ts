/**
 * What a dispute below a chunk asks for: parts of an element's sum from the inputs, and the combination of parts whose sums are given.
 *
 * Values are bits of a binary32, as they stand on the ledger.
 *
 * @module
 */
import { ExecutorError } from "../../errors.ts";
import type { SumPlace, SumWork } from "../../random_access.ts";
import { type InputNeeds } from "./inputs_for.ts";
import type { KnownInputs, NodeTypes } from "./part.ts";
import {
  inputsForFinish,
  inputsForTerms,
  type SumParts,
  sumParts,
  type SumRequest,
  sumStructure,
} from "./sum_parts.ts";
import { combineBlocks, combineSubtrees } from "./sum_tree.ts";

/** Of the many NaNs one: what hardware makes of a sum without a value differs in its sign and payload. */
const NAN_BITS = 0x7fc0_0000;

const one = new DataView(new ArrayBuffer(4));

/** Bits of a binary32. */
export function bitsOfValue(value: number): number {
  if (Number.isNaN(value)) return NAN_BITS;
  one.setFloat32(0, value);
  return one.getUint32(0);
}

function valueOfBits(bits: number): number {
  one.setUint32(0, bits);
  return one.getFloat32(0);
}

/** Groups that a place covers: an element is all of its sum. */
function rangeOf(place: SumPlace, groups: number): { readonly first: number; readonly count: number } {
  return place.kind === "element"
    ? { first: 0, count: groups }
    : { first: place.from, count: place.to - place.from };
}

function combined(parts: SumParts, place: SumPlace, bits: readonly number[]): number {
  const sums = Float32Array.from(bits, valueOfBits), range = rangeOf(place, parts.groups);
  const total = range.count > 1 ? combineSubtrees(range, sums) : combineBlocks(sums);
  return place.kind === "element" ? parts.finish(total) : total;
}

function done(parts: SumParts, work: SumWork): number {
  switch (work.kind) {
    case "block":
      return parts.block(work.block);
    case "part": {
      const { first, count } = rangeOf(work.place, parts.groups);
      const total = parts.over(first, count);
      return work.place.kind === "element" ? parts.finish(total) : total;
    }
    case "combination":
      return combined(parts, work.place, work.sums);
  }
}

/**
 * Does works on one element, and gives the bits of each.
 *
 * @throws {ExecutorError} `bad_request` for a node without sums, or an element or part that does not exist; `missing_chunk`.
 */
export function computeSums(request: SumRequest, works: readonly SumWork[]): readonly number[] {
  const parts = sumParts(request);
  return works.map((work) => bitsOfValue(done(parts, work)));
}

/**
 * Which input chunks a work on an element takes: a block those of its terms; the combination to an element what is added at its end; any other
 * combination none.
 *
 * @throws {ExecutorError} `bad_request` for a node without sums.
 */
export function inputsForSum(
  types: NodeTypes & { readonly index: number },
  work: SumWork,
  known: KnownInputs,
): InputNeeds {
  const structure = sumStructure(types, known);
  if (structure === undefined) {
    throw new ExecutorError("bad_request", `The elements of node ${types.node.name} are not one sum each.`);
  }
  const { terms, blockTerms, groupBlocks, groups } = structure;
  switch (work.kind) {
    case "block":
      return inputsForTerms(
        types,
        work.block * blockTerms,
        Math.min(terms, (work.block + 1) * blockTerms),
        known,
      );
    case "part": {
      const { first, count } = rangeOf(work.place, groups), perGroup = groupBlocks * blockTerms;
      return inputsForTerms(types, first * perGroup, Math.min(terms, (first + count) * perGroup), known);
    }
    case "combination":
      return work.place.kind === "element"
        ? inputsForFinish(types, known)
        : { complete: true, chunks: new Map(), multiplyAdds: work.sums.length };
  }
}
