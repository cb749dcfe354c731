/**
 * Operators that take rows as a whole: softmax, normalisations, reductions.
 *
 * @module
 */
import { elementCount } from "../../tensor.ts";
import { callOn, operandsOf } from "../access/mod.ts";
import { extent, input, intAttribute, normalAxis, reducedAxes } from "../reference/mod.ts";
import { coversOf, slabOf, wholeSlab } from "./boxes.ts";
import { integer, type Part, type PartRule } from "./part_rule.ts";
import type { Slab } from "./piece.ts";

/** Whole rows of `width` elements, with what else a row takes. */
function wholeRows(
  { types: { node }, x, output, ...range }: Part,
  width: number,
  others: readonly (Slab | undefined)[],
) {
  const shape = [elementCount(x.shape) / width, width];
  const pieces = coversOf(shape, range, width).map((cover) => ({
    node: { ...node, attributes: { ...node.attributes, axis: integer(1) } },
    inputs: [slabOf(0, shape, cover), ...others],
    output: { ...output, shape: cover.sizes },
    from: cover.from,
    count: cover.count,
  }));
  return { kind: "pieces", pieces } as const;
}

/** A softmax along the last axis. */
const softmax: PartRule = (part) => {
  const { types: { node, opset }, x } = part, rank = x.shape.length;
  const axis = normalAxis(intAttribute(node, "axis", opset < 13 ? 1 : -1), rank);
  return rank > 0 && axis === rank - 1 ? wholeRows(part, x.shape.at(-1) ?? 1, []) : undefined;
};

/** A normalisation of everything from an axis on. */
const normalization: PartRule = (part) => {
  const { types: { node, inputs }, x } = part;
  const width = extent(x.shape, normalAxis(intAttribute(node, "axis", -1), x.shape.length));
  const others = inputs.slice(1);
  if (others.some((info) => info && elementCount(info.shape) !== width)) return undefined;
  return wholeRows(part, width, others.map((info, i) => info && wholeSlab(i + 1, info.shape, [width])));
};

/** A reduction: all of the reduced axes, of the others what is wanted. */
const reduction: PartRule = (part) => {
  const { types, x, output, known } = part, { node, inputs } = types;
  const given = inputs.map((info, i) => i === 0 ? info && { ...info, chunks: new Map() } : known.get(i));
  if (inputs[1] !== undefined && given[1] === undefined) return undefined;
  const call = callOn(types, operandsOf(node, given));
  const axes = reducedAxes(call, input(call, 0));
  if (axes === undefined || elementCount(x.shape) === 0) return undefined;
  const isReduced = (axis: number) => axes.includes(axis);
  const kept = x.shape.map((size, axis) => isReduced(axis) ? 1 : size);
  const names = inputs[1] === undefined
    ? []
    : [{ dtype: "int64", shape: [axes.length], data: BigInt64Array.from(axes, BigInt) } as const];
  const pieces = coversOf(kept, part).map((cover) => {
    const box = {
      starts: cover.starts.map((start, axis) => isReduced(axis) ? 0 : start),
      sizes: cover.sizes.map((size, axis) => isReduced(axis) ? x.shape[axis] ?? 1 : size),
    };
    return {
      node: { ...node, attributes: { ...node.attributes, keepdims: integer(1) } },
      inputs: [slabOf(0, x.shape, box), ...names],
      output: { ...output, shape: cover.sizes },
      from: cover.from,
      count: cover.count,
    };
  });
  return { kind: "pieces", pieces };
};

/** Rules by operator. */
export const rowRules: Readonly<Record<string, PartRule>> = {
  Softmax: softmax,
  LogSoftmax: softmax,
  LayerNormalization: normalization,
  RMSNormalization: normalization,
  ReduceSum: reduction,
  ReduceMean: reduction,
  ReduceMax: reduction,
  ReduceMin: reduction,
  ReduceSumSquare: reduction,
  ReduceL1: reduction,
  ReduceL2: reduction,
};
