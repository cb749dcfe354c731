/**
 * Graphs at random: operators after each other on values of any shape, read transposed, sliced backwards, broadcast and in part, so
 * that what planners fuse, fold and place is met in combinations that nobody thought of.
 *
 * @module
 */
import { floatValue, GraphBuilder } from "../../../executor/onnx/mod.ts";
import type { TypedGraph } from "../../../executor/graph.ts";
import { elementCount, type Tensor } from "../../../executor/tensor.ts";
import { type FloatKind, floats, randomNumbers } from "./random_values.ts";

/** A graph, and inputs for it. */
export interface RandomGraph {
  readonly graph: TypedGraph;
  readonly inputs: Readonly<Record<string, Tensor>>;
}

/** Elements of the largest value. */
const LARGEST = 3000;

/** Nodes of a graph, about. */
const NODES = 14;

const UNARY =
  "Abs Neg Exp Log Sqrt Reciprocal Floor Ceil Round Sign Sigmoid Tanh Erf Relu LeakyRelu Elu Selu Celu Softplus Softsign HardSigmoid HardSwish Identity Sin Cos"
    .split(" ");
const BINARY = "Add Sub Mul Div Max Min PRelu".split(" ");
const REDUCTIONS =
  "ReduceMean ReduceMax ReduceMin ReduceSumSquare ReduceL1 ReduceL2 ReduceLogSumExp ReduceProd".split(" ");

/** What a step is made with. */
interface Draft {
  readonly builder: GraphBuilder;
  /** A whole number of 0 to `below` - 1. */
  below(below: number): number;
  /** One of the values so far. */
  value(): string;
  shape(name: string): readonly number[];
}

type Step = (draft: Draft) => string;

const pick = <T>(draft: Draft, list: readonly [T, ...T[]] | readonly T[]): T => {
  const chosen = list[draft.below(list.length)];
  if (chosen === undefined) throw new RangeError("an empty list has nothing to choose from");
  return chosen;
};

/** A value of one dimension or more. */
function matrixLike(draft: Draft): string {
  const name = draft.value();
  return draft.shape(name).length > 0 ? name : draft.builder.add("Reshape", [name, draft.builder.ints([1])]);
}

const axisOf = (draft: Draft, name: string) => draft.below(draft.shape(name).length);

/** The value, or what is left of it along some axes: what broadcasts against it. */
function narrower(draft: Draft, name: string): string {
  const shape = draft.shape(name);
  if (shape.length === 0 || draft.below(3) === 0) return name;
  const axis = axisOf(draft, name);
  const end = draft.builder.ints([1]), start = draft.builder.ints([0]), axes = draft.builder.ints([axis]);
  return draft.builder.add("Slice", [name, start, end, axes]);
}

const STEPS: readonly Step[] = [
  (d) => d.builder.add(pick(d, UNARY), [d.value()]),
  (d) => d.builder.add(pick(d, UNARY), [d.value()]),
  (d) => {
    const a = d.value(), b = narrower(d, a), operator = pick(d, BINARY);
    // The slope of PRelu is broadcast to its input, never the other way.
    return d.builder.add(operator, operator === "PRelu" || d.below(2) === 0 ? [a, b] : [b, a]);
  },
  (d) => {
    const a = d.value(), b = narrower(d, a);
    return d.builder.add("Where", [d.builder.add(pick(d, ["Greater", "LessOrEqual"]), [a, b]), b, a]);
  },
  (d) => {
    const a = matrixLike(d), order = d.shape(a).map((_, i) => i);
    const perm = order.map((axis) => ({ axis, key: d.below(1000) })).sort((x, y) => x.key - y.key).map((e) =>
      e.axis
    );
    return d.builder.add("Transpose", [a], { perm });
  },
  (d) => {
    const a = matrixLike(d), shape = d.shape(a), at = d.below(shape.length);
    return d.builder.add("Reshape", [a, d.builder.ints([...shape.slice(0, at), -1])]);
  },
  (d) => {
    const a = matrixLike(d),
      axis = axisOf(d, a),
      size = d.shape(a)[axis] ?? 1,
      step = pick(d, [1, 2, -1, -2]);
    const [start, end] = step > 0 ? [d.below(size), size] : [size - 1 - d.below(size), -size - 1];
    return d.builder.add("Slice", [a, ...[start, end, axis, step].map((value) => d.builder.ints([value]))]);
  },
  (d) => {
    const a = matrixLike(d), other = d.builder.add(pick(d, UNARY), [a]);
    return d.builder.add("Concat", [a, other], { axis: axisOf(d, a) });
  },
  (d) => {
    const a = matrixLike(d), pads = [...d.shape(a), ...d.shape(a)].map(() => d.below(3));
    return d.builder.add("Pad", [a, d.builder.ints(pads), d.builder.float(0.5)]);
  },
  (d) => {
    const a = matrixLike(d);
    return d.builder.add(pick(d, ["Softmax", "LogSoftmax"]), [a], { axis: axisOf(d, a) });
  },
  (d) => {
    const a = matrixLike(d), width = d.shape(a).at(-1) ?? 1;
    const scale = d.builder.constant(floats([width], d.below(99), "near"));
    return d.builder.add("LayerNormalization", [a, scale, scale], { epsilon: floatValue(1e-3) });
  },
  (d) => {
    const a = matrixLike(d);
    return d.builder.add(pick(d, REDUCTIONS), [a], { axes: [axisOf(d, a)], keepdims: d.below(2) });
  },
  (d) => {
    const a = matrixLike(d), rows = d.shape(a).at(-1) ?? 1;
    const weight = d.builder.constant(floats([rows, 1 + d.below(9)], d.below(99), "wide"));
    const product = d.builder.add("MatMul", [a, weight]);
    const bias = d.builder.constant(floats([d.shape(product).at(-1) ?? 1], d.below(99), "wide"));
    return d.below(2) === 0 ? product : d.builder.add("Add", [product, bias]);
  },
  (d) => {
    const a = matrixLike(d), rank = d.shape(a).length;
    if (rank < 2) return a;
    const perm = d.shape(a).map((_, i) => i === rank - 1 ? rank - 2 : i === rank - 2 ? rank - 1 : i);
    return d.builder.add("MatMul", [a, d.builder.add("Transpose", [a], { perm })]);
  },
  (d) => {
    const a = matrixLike(d), axis = axisOf(d, a), size = d.shape(a)[axis] ?? 1;
    const places = Array.from({ length: 1 + d.below(5) }, () => d.below(2 * size) - size);
    return d.builder.add("Gather", [a, d.builder.ints(places)], { axis });
  },
  (d) => {
    const a = d.value();
    return d.builder.add("Expand", [a, d.builder.ints([2, ...d.shape(a).map(() => 1)])]);
  },
  (d) => d.builder.add("Cast", [d.builder.add("Cast", [d.value()], { to: pick(d, [6, 7, 9]) })], { to: 1 }),
  (d) => {
    const a = matrixLike(d);
    return d.builder.add("Cast", [d.builder.add("ArgMax", [a], { axis: axisOf(d, a) })], { to: 1 });
  },
  (d) => {
    const a = matrixLike(d), axis = axisOf(d, a), size = d.shape(a)[axis] ?? 1;
    return d.builder.addMany("TopK", [a, d.builder.ints([1 + d.below(size)])], 2, { axis })[0] ?? a;
  },
  (d) => {
    const a = matrixLike(d);
    return d.builder.add("CumSum", [a, d.builder.int(axisOf(d, a))], { reverse: d.below(2) });
  },
  (d) => d.builder.add("Clip", [d.value(), d.builder.float(-0.75), d.builder.float(4)]),
  (d) => {
    const a = matrixLike(d), repeats = d.shape(a).map(() => 1 + d.below(2));
    return d.builder.add("Tile", [a, d.builder.ints(repeats)]);
  },
];

/** The graph of a seed. Its last values are its outputs; what nobody reads is left out. */
export function randomGraph(seed: number, kind: FloatKind): RandomGraph {
  const random = randomNumbers(seed), below = (limit: number) => Math.floor(random() * limit);
  const builder = new GraphBuilder({ name: `random graph ${seed}` });
  const inputs: Record<string, Tensor> = {}, values: string[] = [];
  for (let i = 0; i < 3; i++) {
    const shape = Array.from({ length: 1 + below(4) }, () => 1 + below(6));
    inputs[`x${i}`] = floats(shape, 31 * seed + i, kind);
    values.push(builder.input(`x${i}`, "float32", shape));
  }
  const shape = (name: string) => builder.type(name).shape;
  const value = () => values[below(values.length)] ?? "x0";
  for (let i = 0; i < NODES; i++) {
    const step = STEPS[below(STEPS.length)];
    const name = step?.({ builder, below, value, shape }) ?? "x0";
    if (elementCount(shape(name)) <= LARGEST && shape(name).length <= 5) values.push(name);
  }
  values.slice(-3).forEach((name, i) => builder.output(name, `y${i}`));
  return { graph: builder.finish(), inputs };
}
