/**
 * Short names for the nodes that gradients are written with, in the form that every operator set since 11 has.
 *
 * @module
 */
import type { GraphBuilder } from "../onnx/mod.ts";

/** Operator set in which the axes of ReduceSum became an input; those of the other reductions followed in 18. */
const REDUCE_SUM_AXES_INPUT = 13;
const REDUCE_AXES_INPUT = 18;

/** Expressions over a builder: each adds nodes and gives the name of the result. */
export interface Expressions {
  add(a: string, b: string): string;
  sub(a: string, b: string): string;
  mul(a: string, b: string): string;
  div(a: string, b: string): string;
  neg(x: string): string;
  /** `x * factor` for a binary32 factor. */
  scale(x: string, factor: number): string;
  where(condition: string, a: string, b: string): string;
  transpose(x: string, order: readonly number[]): string;
  /** Swaps the last two dimensions. */
  transposeMatrix(x: string): string;
  reshape(x: string, shape: readonly number[]): string;
  expand(x: string, shape: readonly number[]): string;
  sum(x: string, axes: readonly number[], keep: boolean): string;
  mean(x: string, axes: readonly number[], keep: boolean): string;
  /** Sums over the dimensions along which `shape` was broadcast to x's. */
  sumToShape(x: string, shape: readonly number[]): string;
  /** float32 zeros. */
  zeros(shape: readonly number[]): string;
  /** Rows of zeros and a one: [...indices' shape with `depth` put in at `axis`]. */
  oneHot(indices: string, depth: number, axis: number): string;
  shapeOf(x: string): readonly number[];
}

/** Expressions over a builder. */
export function expressions(builder: GraphBuilder): Expressions {
  const shapeOf = (x: string) => builder.type(x).shape;
  const reshape = (x: string, shape: readonly number[]) =>
    String(shapeOf(x)) === String(shape) && shapeOf(x).length === shape.length
      ? x
      : builder.add("Reshape", [x, builder.ints(shape)]);
  const transpose = (x: string, order: readonly number[]) => builder.add("Transpose", [x], { perm: order });
  const reduce = (operator: string, since: number) => (x: string, axes: readonly number[], keep: boolean) => {
    if (axes.length === 0) return x;
    const keepdims = keep ? 1 : 0;
    return builder.opset >= since
      ? builder.add(operator, [x, builder.ints(axes)], { keepdims })
      : builder.add(operator, [x], { axes, keepdims });
  };
  const sum = reduce("ReduceSum", REDUCE_SUM_AXES_INPUT);
  const mul = (a: string, b: string) => builder.add("Mul", [a, b]);
  return {
    add: (a, b) => builder.add("Add", [a, b]),
    sub: (a, b) => builder.add("Sub", [a, b]),
    mul,
    div: (a, b) => builder.add("Div", [a, b]),
    neg: (x) => builder.add("Neg", [x]),
    scale: (x, factor) => mul(x, builder.float(factor)),
    where: (condition, a, b) => builder.add("Where", [condition, a, b]),
    transpose,
    transposeMatrix: (x) => {
      const order = shapeOf(x).map((_, i) => i), last = order.length - 1;
      return transpose(x, [...order.slice(0, -2), last, last - 1]);
    },
    reshape,
    expand: (x, shape) =>
      String(shapeOf(x)) === String(shape) ? x : builder.add("Expand", [x, builder.ints(shape)]),
    sum,
    mean: reduce("ReduceMean", REDUCE_AXES_INPUT),
    sumToShape: (x, shape) => {
      const from = shapeOf(x), lead = from.length - shape.length;
      const axes = from.flatMap((size, i) => i < lead || (shape[i - lead] === 1 && size !== 1) ? [i] : []);
      return reshape(sum(x, axes, true), shape);
    },
    zeros: (shape) => builder.add("ConstantOfShape", [builder.ints(shape)]),
    oneHot: (indices, depth, axis) => {
      const values = builder.constant({ dtype: "float32", shape: [2], data: Float32Array.of(0, 1) });
      return builder.add("OneHot", [indices, builder.int(depth), values], { axis });
    },
    shapeOf,
  };
}
