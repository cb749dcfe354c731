/**
 * Integer arithmetic on shapes, done before execution: what exporters write as Shape, Gather, Concat and so on becomes a
 * constant. Only integers and booleans: their results are exact, so folding never changes a bit.
 *
 * @module
 */
import type { TensorInfo } from "../../ledger/primitives/mod.ts";
import { elementCount, type Tensor, zeros } from "../tensor.ts";
import { intAttribute, intsAttribute } from "./attributes.ts";
import { input, type NodeContext, normalizeAxis } from "./shape_rule.ts";
import { shapeBounds } from "./rules/indexing.ts";
import { reducedAxes } from "./rules/mod.ts";
import { sliceRanges } from "./slice_ranges.ts";

/** Most elements of a folded value: shapes, axes and positions are short; anything longer is data and stays in the graph. */
const FOLD_LIMIT = 4096;

const FOLDABLE: ReadonlySet<string> = new Set(["int32", "int64", "bool"]);

/** Value of one output from the known inputs, or `undefined` if the operator is not folded. */
type Fold = (context: NodeContext, out: TensorInfo) => readonly bigint[] | undefined;

/**
 * The first output of a node whose inputs are known, or `undefined` if it has to be executed.
 *
 * @param out Type of that output, as its shape rule found it.
 */
export function foldNode(context: NodeContext, out: TensorInfo): Tensor | undefined {
  const fold = context.node.domain === "" && context.node.outputs.length === 1
    ? FOLDS.get(context.node.operator)
    : undefined;
  if (fold === undefined || !FOLDABLE.has(out.dtype) || elementCount(out.shape) > FOLD_LIMIT) {
    return undefined;
  }
  const readsOnlyTypes = context.node.operator === "Shape" || context.node.operator === "Size";
  const known = readsOnlyTypes || context.node.inputs.every((name, i) => {
    const value = name === "" ? undefined : context.constant(i);
    return name === "" ||
      (value !== undefined && FOLDABLE.has(value.dtype) && value.data.length <= FOLD_LIMIT);
  });
  const values = known ? fold(context, out) : undefined;
  return values === undefined ? undefined : tensorOf(out, values);
}

function tensorOf(info: TensorInfo, values: readonly bigint[]): Tensor {
  const tensor = zeros({ dtype: info.dtype, shape: [...info.shape] });
  // Typed arrays wrap around like the runtime's integers do.
  if (tensor.data instanceof BigInt64Array || tensor.data instanceof BigUint64Array) tensor.data.set(values);
  else tensor.data.set(values.map((value) => Number(BigInt.asIntN(32, value))));
  return tensor;
}

function valuesOf(context: NodeContext, index: number): readonly bigint[] {
  const tensor = context.constant(index);
  return tensor === undefined ? [] : Array.from<number | bigint, bigint>(tensor.data, BigInt);
}

/** For each element of `out`, the flat position of its element in an input broadcast to it. */
function broadcastPositions(shape: readonly number[], out: readonly number[]): readonly number[] {
  return positions(out, (index) => {
    const offset = out.length - shape.length;
    return shape.reduce((flat, size, axis) => flat * size + (size === 1 ? 0 : index[axis + offset] ?? 0), 0);
  });
}

/** `at` of every index of a shape, row by row. */
function positions(shape: readonly number[], at: (index: readonly number[]) => number): readonly number[] {
  const index = shape.map(() => 0);
  return Array.from({ length: elementCount(shape) }, () => {
    const position = at(index);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] ?? 0) + 1;
      if ((index[axis] ?? 0) < (shape[axis] ?? 0)) break;
      index[axis] = 0;
    }
    return position;
  });
}

function flatIndex(shape: readonly number[], index: readonly number[]): number {
  return shape.reduce((flat, size, axis) => flat * size + (index[axis] ?? 0), 0);
}

function elementwise(compute: (...operands: readonly bigint[]) => bigint): Fold {
  return (context, out) => {
    const operands = context.node.inputs.map((_, i) => {
      const values = valuesOf(context, i);
      return broadcastPositions(input(context, i).shape, out.shape).map((at) => values[at] ?? 0n);
    });
    const count = elementCount(out.shape);
    return Array.from({ length: count }, (_, i) => compute(...operands.map((operand) => operand[i] ?? 0n)));
  };
}

function binary(compute: (a: bigint, b: bigint) => bigint): Fold {
  return elementwise((a = 0n, b = 0n) => compute(a, b));
}

const truth = (compute: (a: bigint, b: bigint) => boolean) => binary((a, b) => compute(a, b) ? 1n : 0n);

const copy: Fold = (context) => valuesOf(context, 0);

const gather: Fold = (context, out) => {
  const { shape } = input(context, 0), indices = input(context, 1).shape;
  const axis = normalizeAxis(context, intAttribute(context.node, "axis", 0), shape.length);
  const values = valuesOf(context, 0), chosen = valuesOf(context, 1), size = shape[axis] ?? 0;
  const places = positions(out.shape, (index) => {
    const at = Number(chosen[flatIndex(indices, index.slice(axis, axis + indices.length))] ?? 0n);
    const counted = at < 0 ? at + size : at;
    return flatIndex(shape, [...index.slice(0, axis), counted, ...index.slice(axis + indices.length)]);
  });
  return places.every((at) => at >= 0 && at < values.length)
    ? places.map((at) => values[at] ?? 0n)
    : undefined;
};

const slice: Fold = (context, out) => {
  const { shape } = input(context, 0), ranges = sliceRanges(context), values = valuesOf(context, 0);
  return positions(out.shape, (index) =>
    flatIndex(
      shape,
      index.map((at, axis) => {
        const range = ranges.get(axis);
        return range === undefined ? at : range.start + at * range.step;
      }),
    )).map((at) => values[at] ?? 0n);
};

/** Only along the first axis, which is how shapes are put together. */
const concat: Fold = (context, out) => {
  const first = normalizeAxis(context, intAttribute(context.node, "axis", 0), out.shape.length) === 0;
  return first ? context.node.inputs.flatMap((_, i) => valuesOf(context, i)) : undefined;
};

const transpose: Fold = (context, out) => {
  const { shape } = input(context, 0), values = valuesOf(context, 0);
  const order = intsAttribute(context.node, "perm", shape.map((_, i) => shape.length - 1 - i));
  return positions(
    out.shape,
    (index) => flatIndex(shape, shape.map((_, axis) => index[order.indexOf(axis)] ?? 0)),
  )
    .map((at) => values[at] ?? 0n);
};

const cast: Fold = (context, out) =>
  out.dtype === "bool" ? valuesOf(context, 0).map((value) => value === 0n ? 0n : 1n) : valuesOf(context, 0);

const shapeOf: Fold = (context) => {
  const { shape } = input(context, 0), { start, count } = shapeBounds(shape.length, context.node);
  return shape.slice(start, start + count).map(BigInt);
};

const constantOfShape: Fold = (context, out) => {
  const attribute = context.node.attributes["value"];
  const value = attribute?.type === "tensor" ? attribute.value.data[0] : 0;
  return Array.from({ length: elementCount(out.shape) }, () => BigInt(value ?? 0));
};

const range: Fold = (context, out) => {
  const [start = 0n] = valuesOf(context, 0), [delta = 1n] = valuesOf(context, 2);
  return Array.from({ length: elementCount(out.shape) }, (_, i) => start + BigInt(i) * delta);
};

function reduction(start: bigint, combine: (a: bigint, b: bigint) => bigint): Fold {
  // A reduction of everything is the one that shape arithmetic needs.
  return (context) =>
    reducedAxes(context).length === input(context, 0).shape.length
      ? [valuesOf(context, 0).reduce(combine, start)]
      : undefined;
}

const FOLDS: ReadonlyMap<string, Fold> = new Map<string, Fold>(Object.entries({
  Shape: shapeOf,
  Size: (context) => [BigInt(elementCount(input(context, 0).shape))],
  Identity: copy,
  Reshape: copy,
  Flatten: copy,
  Squeeze: copy,
  Unsqueeze: copy,
  Expand: (context, out) => {
    const values = valuesOf(context, 0);
    return broadcastPositions(input(context, 0).shape, out.shape).map((at) => values[at] ?? 0n);
  },
  Cast: cast,
  Gather: gather,
  Slice: slice,
  Concat: concat,
  Transpose: transpose,
  ConstantOfShape: constantOfShape,
  Range: range,
  ReduceProd: reduction(1n, (a, b) => a * b),
  ReduceSum: reduction(0n, (a, b) => a + b),
  Add: binary((a, b) => a + b),
  Sub: binary((a, b) => a - b),
  Mul: binary((a, b) => a * b),
  // Integer division by zero has no defined result in ONNX; zero is ours.
  Div: binary((a, b) => b === 0n ? 0n : a / b),
  Max: elementwise((...all) => all.reduce((a, b) => a > b ? a : b)),
  Min: elementwise((...all) => all.reduce((a, b) => a < b ? a : b)),
  Neg: elementwise((a = 0n) => -a),
  Abs: elementwise((a = 0n) => a < 0n ? -a : a),
  Not: elementwise((a = 0n) => a === 0n ? 1n : 0n),
  And: binary((a, b) => a & b),
  Or: binary((a, b) => a | b),
  Equal: truth((a, b) => a === b),
  Greater: truth((a, b) => a > b),
  GreaterOrEqual: truth((a, b) => a >= b),
  Less: truth((a, b) => a < b),
  LessOrEqual: truth((a, b) => a <= b),
  Where: elementwise((condition = 0n, a = 0n, b = 0n) => condition === 0n ? b : a),
}));
