/**
 * Graphs that every engine runs alike, by name, so that processes can speak of them.
 *
 * @module
 */
import {
  bindShapes,
  buildTrainingStep,
  type Carry,
  floatValue,
  type Graph,
  GraphBuilder,
  STEP_NAMES,
  type Tensor,
  type Tensors,
  type TypedGraph,
} from "../../../executor/mod.ts";
import { ToolError } from "../../errors.ts";
import { choices, encoder, noise, residualNet } from "./models.ts";
import { type Training, TRAININGS } from "./trainings.ts";

/** A graph to run again and again. */
export interface Workload {
  readonly graph: TypedGraph;
  readonly inputs: Tensors;
  /** Arithmetic operations of one run, where that is the customary measure. */
  readonly operations?: number;
  /** What a step of a training leaves for the next one; absent for what has no state. */
  readonly carry?: Carry;
}

/**
 * Puts out the first row of a matrix: in a model the rest would stay inside. A whole result of 4 MiB would be handed out in fresh pages, which on
 * a virtual machine takes between nothing and thirty times what an operator computes, as the garbage collection happens to have given memory
 * back.
 */
function putOutFirstRow(builder: GraphBuilder, matrix: string): void {
  const [from, to, axis] = [builder.ints([0]), builder.ints([1]), builder.ints([0])];
  builder.output(builder.add("Slice", [matrix, from, to, axis]), "y");
}

/** A x B with B a constant, as weights are. */
function product(n: number): Workload {
  const builder = new GraphBuilder({ name: `MatMul ${n}` });
  const a = builder.input("a", "float32", [n, n]), b = builder.constant(noise([n, n], 2), "b");
  putOutFirstRow(builder, builder.add("MatMul", [a, b]));
  return { graph: builder.finish(), inputs: { a: noise([n, n], 1) }, operations: 2 * n ** 3 };
}

/**
 * A x B as a model quantised to 8 bits has it: rows of A are quantised as they come, B is a constant, and the integer sums are brought back to their
 * scale.
 */
function quantisedProduct(n: number): Workload {
  const builder = new GraphBuilder({ name: `MatMulInteger ${n}` });
  const a = builder.input("a", "float32", [n, n]);
  const [quantised = "", scale = "", zero = ""] = builder.addMany("DynamicQuantizeLinear", [a], 3);
  const weights = Int8Array.from(Array.from(choices([n, n], 255, 2).data, Number), (value) => value - 127);
  const b = builder.constant({ dtype: "int8", shape: [n, n], data: weights }, "b");
  const sums = builder.add("Cast", [builder.add("MatMulInteger", [quantised, b, zero])], { to: 1 });
  putOutFirstRow(builder, builder.add("Mul", [sums, builder.add("Mul", [scale, builder.float(1 / 127)])]));
  return { graph: builder.finish(), inputs: { a: noise([n, n], 1) }, operations: 2 * n ** 3 };
}

/** Rows and columns of what goes through one operator: 4 MiB, more than the caches near a core hold. */
const ROWS = 1024, COLUMNS = 1024;

/** Some operators on one matrix. `putOut` says what leaves the graph. */
function operators(
  body: (builder: GraphBuilder, x: string) => string,
  putOut: (builder: GraphBuilder, result: string) => void = putOutFirstRow,
): Workload {
  const builder = new GraphBuilder({ name: "operators" });
  const x = builder.input("x", "float32", [ROWS, COLUMNS]);
  putOut(builder, body(builder, x));
  return { graph: builder.finish(), inputs: { x: noise([ROWS, COLUMNS], 3) } };
}

/** A constant row, as biases and scales are. */
function row(builder: GraphBuilder, seed: number): string {
  return builder.constant(noise([COLUMNS], seed));
}

function trainingStep(training: Training): Workload {
  const infos = training.data.map(({ name, tensor }) => ({ name, dtype: tensor.dtype, shape: tensor.shape }));
  const { step, state } = buildTrainingStep({ ...training, data: infos, loss: "cross_entropy" });
  const { state: ofState, data: ofData, next, batch } = STEP_NAMES;
  const rows = BigInt64Array.from({ length: training.batchSize }, (_, i) => BigInt(i));
  const given: [string, Tensor][] = [
    ...state.map(({ name, tensor }): [string, Tensor] => [ofState + name, tensor]),
    ...training.data.map(({ name, tensor }): [string, Tensor] => [ofData + name, tensor]),
    [batch, { dtype: "int64", shape: [rows.length], data: rows }],
  ];
  const carry = state.flatMap(({ name }) => {
    const changes = step.graph.outputs.some((output) => output.name === next + name);
    return changes ? [[ofState + name, next + name] as const] : [];
  });
  return { graph: step.graph, inputs: Object.fromEntries(given), carry: Object.fromEntries(carry) };
}

function inference(model: Graph, x: Tensor): Workload {
  return { graph: bindShapes(model), inputs: { x } };
}

/** Sizes of the encoder, and channels of the residual net's stages. */
export const ENCODER = { batch: 1, time: 128, width: 384, heads: 6, layers: 6 } as const;
export const RESIDUAL_WIDTHS = [32, 64, 128] as const;

const WORKLOADS: Readonly<Record<string, () => Workload>> = {
  "MatMul 256": () => product(256),
  "MatMul 512": () => product(512),
  "MatMul 1024": () => product(1024),
  Add: () => operators((b, x) => b.add("Add", [x, row(b, 4)])),
  Relu: () => operators((b, x) => b.add("Relu", [x])),
  Exp: () => operators((b, x) => b.add("Exp", [x])),
  Erf: () => operators((b, x) => b.add("Erf", [x])),
  Tanh: () => operators((b, x) => b.add("Tanh", [x])),
  Sqrt: () => operators((b, x) => b.add("Sqrt", [b.add("Mul", [x, x])])),
  Softmax: () => operators((b, x) => b.add("Softmax", [x], { axis: -1 })),
  LayerNormalization: () =>
    operators((b, x) =>
      b.add("LayerNormalization", [x, row(b, 5), row(b, 6)], { axis: -1, epsilon: floatValue(1e-5) })
    ),
  ReduceSum: () => operators((b, x) => b.add("ReduceSum", [x, b.ints([1])])),
  // All of it: for one row ONNX Runtime would transpose no more than that row.
  Transpose: () =>
    operators((b, x) => b.add("Transpose", [x], { perm: [1, 0] }), (b, result) => b.output(result, "y")),
  CumSum: () => operators((b, x) => b.add("CumSum", [x, b.int(1)])),
  TopK: () => operators((b, x) => b.addMany("TopK", [x, b.ints([16])], 2, { axis: -1 })[0] ?? x),
  Gather: () => operators((b, x) => b.add("Gather", [x, b.constant(choices([ROWS], ROWS, 9))])),
  QuantizeLinear: () =>
    operators((b, x) => {
      const zero = b.constant({ dtype: "uint8", shape: [], data: Uint8Array.of(128) });
      const scale = b.float(1 / 127);
      return b.add("DequantizeLinear", [b.add("QuantizeLinear", [x, scale, zero]), scale, zero]);
    }),
  "MatMulInteger 512": () => quantisedProduct(512),
  "MLP step": () => trainingOf("MLP"),
  "CNN step": () => trainingOf("CNN"),
  "char-LM step": () => trainingOf("char-LM"),
  encoder: () =>
    inference(
      encoder(ENCODER),
      noise([ENCODER.batch, ENCODER.time, ENCODER.width], 7),
    ),
  ResNet: () => inference(residualNet(RESIDUAL_WIDTHS), noise([1, 3, 64, 64], 8)),
};

function trainingOf(name: string): Workload {
  const make = TRAININGS[name];
  if (make === undefined) throw new ToolError("failed", `There is no training "${name}".`);
  return trainingStep(make());
}

/** @throws {ToolError} `failed` for a name that is none. */
export function workloadNamed(name: string): Workload {
  const make = WORKLOADS[name];
  if (make === undefined) throw new ToolError("failed", `There is no workload "${name}".`);
  return make();
}
