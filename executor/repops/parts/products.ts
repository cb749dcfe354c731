/**
 * Products of matrices: the needed rows of the one by the needed columns of the other.
 *
 * @module
 */
import type { TensorInfo } from "../../../ledger/primitives/mod.ts";
import { elementCount } from "../../tensor.ts";
import { intAttribute } from "../reference/mod.ts";
import { type Box, type Cover, coversOf, projected, slabOf, wholeSlab } from "./boxes.ts";
import type { Part, PartRule } from "./part_rule.ts";
import type { Slab } from "./piece.ts";

/** A box of batches, with these stretches of the last two axes. */
function matricesOf(
  shape: readonly number[],
  cover: Cover,
  rows: readonly [number, number],
  columns: readonly [number, number],
): Box {
  const batch = projected(shape.slice(0, -2), {
    starts: cover.starts.slice(0, -2),
    sizes: cover.sizes.slice(0, -2),
  });
  return {
    starts: [...batch.starts, rows[0], columns[0]],
    sizes: [...batch.sizes, rows[1], columns[1]],
  };
}

/** What a cover takes along an axis, counted from the end. */
function stretch({ starts, sizes }: Box, axis: number): readonly [start: number, size: number] {
  return [starts.at(axis) ?? 0, sizes.at(axis) ?? 1];
}

/** A scalar, or nothing: what is the same for all elements. */
function isUniform(info: TensorInfo | undefined): boolean {
  return info === undefined || elementCount(info.shape) === 1;
}

/** A product of A at position 0 by B at `right`. Of other inputs only scalars are known. */
function matrixProduct(right: number): PartRule {
  return (part) => {
    const { types: { node, inputs }, x: a, output } = part, b = inputs[right];
    if (b === undefined || a.shape.length < 2 || b.shape.length < 2) return undefined;
    if (inputs.some((info, i) => i !== 0 && i !== right && !isUniform(info))) return undefined;
    const inner = a.shape.at(-1) ?? 1;
    const pieces = coversOf(output.shape, part).map((cover) => ({
      node,
      inputs: inputs.map((info, i): Slab | undefined => {
        if (i === 0) return slabOf(0, a.shape, matricesOf(a.shape, cover, stretch(cover, -2), [0, inner]));
        if (i === right) {
          return slabOf(i, b.shape, matricesOf(b.shape, cover, [0, inner], stretch(cover, -1)));
        }
        return info && wholeSlab(i, info.shape);
      }),
      output: { ...output, shape: cover.sizes },
      from: cover.from,
      count: cover.count,
    }));
    return { kind: "pieces", pieces, multiplyAdds: (part.end - part.start) * inner };
  };
}

/** A Gemm's operand: `along` of the output's axis, all of the inner one. */
function gemmBox(along: readonly [number, number], inner: number, innerFirst: boolean): Box {
  return innerFirst
    ? { starts: [0, along[0]], sizes: [inner, along[1]] }
    : { starts: [along[0], 0], sizes: [along[1], inner] };
}

const gemm: PartRule = (part: Part) => {
  const { types: { node, inputs }, x: a, output } = part, [, b, c] = inputs;
  if (b === undefined || a.shape.length !== 2 || b.shape.length !== 2) return undefined;
  const transA = intAttribute(node, "transA", 0) !== 0, transB = intAttribute(node, "transB", 0) !== 0;
  const inner = a.shape[transA ? 0 : 1] ?? 1;
  const pieces = coversOf(output.shape, part).map((cover) => ({
    node,
    inputs: [
      slabOf(0, a.shape, gemmBox(stretch(cover, -2), inner, transA)),
      slabOf(1, b.shape, gemmBox(stretch(cover, -1), inner, !transB)),
      c && slabOf(2, c.shape, projected(c.shape, cover)),
    ],
    output: { ...output, shape: cover.sizes },
    from: cover.from,
    count: cover.count,
  }));
  return { kind: "pieces", pieces, multiplyAdds: (part.end - part.start) * inner };
};

/** Rules by operator. */
export const productRules: Readonly<Record<string, PartRule>> = {
  MatMul: matrixProduct(1),
  MatMulInteger: matrixProduct(1),
  QLinearMatMul: matrixProduct(3),
  Gemm: gemm,
};
