/**
 * Operators whose every element comes from the elements at its place, and those that only move elements.
 *
 * @module
 */
import { elementCount } from "../../tensor.ts";
import { intsAttribute } from "../reference/mod.ts";
import { coversOf, projected, slabOf, wholeSlab } from "./boxes.ts";
import { integers, type Part, type PartRule } from "./part_rule.ts";
import type { Slab } from "./piece.ts";

/** The range itself, of an input with the output's elements in order. */
function flatSlab(input: number, { start, end }: Part): Slab {
  return { input, shape: [end - start], runs: () => [[start, end - start]] };
}

/** Elements at the same place of inputs that are broadcast. */
export const pointwise: PartRule = (part) => {
  const { types: { node, inputs }, output, start, end } = part;
  const total = elementCount(output.shape);
  const isFlat = inputs.every((info) => {
    const count = info && elementCount(info.shape);
    return count === undefined || count === total || count === 1;
  });
  if (isFlat) {
    const slabs = inputs.map((info, i) =>
      info && (elementCount(info.shape) === total ? flatSlab(i, part) : wholeSlab(i, info.shape, []))
    );
    const count = end - start;
    const piece = { node, inputs: slabs, output: { ...output, shape: [count] }, from: 0, count };
    return { kind: "pieces", pieces: [piece] };
  }
  const pieces = coversOf(output.shape, part).map((cover) => ({
    node,
    inputs: inputs.map((info, i) => info && slabOf(i, info.shape, projected(info.shape, cover))),
    output: { ...output, shape: cover.sizes },
    from: cover.from,
    count: cover.count,
  }));
  return { kind: "pieces", pieces };
};

/** The first input's elements under another shape. */
export const reshaped: PartRule = (part) => {
  const count = part.end - part.start, output = { ...part.output, shape: [count] };
  const node = { operator: "Identity", domain: "", attributes: {} };
  return {
    kind: "pieces",
    pieces: [{ node, inputs: [flatSlab(0, part)], output, from: 0, count }],
  };
};

/** Axes in another order. */
export const transposed: PartRule = (part) => {
  const { types: { node }, x, output } = part;
  const permutation = intsAttribute(node, "perm") ?? x.shape.map((_, axis) => x.shape.length - 1 - axis);
  const attributes = { perm: integers(permutation) };
  const pieces = coversOf(output.shape, part).map((cover) => {
    const back = (values: readonly number[]) =>
      x.shape.map((_, axis) => values[permutation.indexOf(axis)] ?? 0);
    const box = { starts: back(cover.starts), sizes: back(cover.sizes) };
    return {
      node: { ...node, attributes },
      inputs: [slabOf(0, x.shape, box)],
      output: { ...output, shape: cover.sizes },
      from: cover.from,
      count: cover.count,
    };
  });
  return { kind: "pieces", pieces };
};
