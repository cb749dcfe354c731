/**
 * Nodes for the tests of bounds, in several shapes, and inputs for them from a seed.
 *
 * @module
 */
import type { TypedGraph } from "../../../executor/graph.ts";
import { type AttributeInputs, floatValue, GraphBuilder } from "../../../executor/onnx/mod.ts";
import { elementCount, type Tensor } from "../../../executor/tensor.ts";
import { must } from "../must.ts";
import { randomNumbers } from "../repops/random_values.ts";

/** A node: its operator and the shapes of its inputs, all floats. */
export interface NoiseCase {
  readonly operator: string;
  readonly shapes: readonly (readonly number[])[];
  readonly attributes?: AttributeInputs;
  readonly opset?: number;
  /** Inputs that must be positive: of roots, logarithms, variances. */
  readonly positive?: readonly number[];
}

const unary = (...operators: readonly string[]): readonly NoiseCase[] =>
  operators.map((operator) => ({ operator, shapes: [[3, 65]] }));

/** Operators with a bound, in forms that devices compute differently. */
export const NOISE_CASES: readonly NoiseCase[] = [
  { operator: "MatMul", shapes: [[7, 19], [19, 11]] },
  { operator: "MatMul", shapes: [[5, 1000], [1000, 6]] },
  { operator: "MatMul", shapes: [[2, 3, 40], [2, 40, 8]] },
  { operator: "MatMul", shapes: [[64, 128], [128, 64]] },
  { operator: "MatMul", shapes: [[3, 4096], [4096, 4]] },
  {
    operator: "Gemm",
    shapes: [[6, 50], [9, 50], [9]],
    attributes: { transB: 1, alpha: floatValue(-0.5), beta: floatValue(2) },
  },
  { operator: "Conv", shapes: [[1, 3, 9, 9], [4, 3, 3, 3], [4]], attributes: { pads: [1, 1, 1, 1] } },
  { operator: "Conv", shapes: [[2, 8, 12, 12], [6, 4, 3, 3]], attributes: { group: 2, strides: [2, 2] } },
  { operator: "Conv", shapes: [[1, 16, 8, 8], [8, 16, 1, 1]] },
  { operator: "ConvTranspose", shapes: [[1, 4, 5, 5], [4, 3, 3, 3]], attributes: { strides: [2, 2] } },
  { operator: "ReduceSum", shapes: [[5, 700]], attributes: { keepdims: 0 } },
  { operator: "ReduceMean", shapes: [[5, 700]], attributes: { axes: [1] } },
  { operator: "ReduceMean", shapes: [[40, 30]], attributes: { axes: [0] } },
  { operator: "ReduceL2", shapes: [[5, 300]], attributes: { axes: [1] } },
  { operator: "ReduceSumSquare", shapes: [[5, 300]], attributes: { axes: [1] } },
  { operator: "AveragePool", shapes: [[1, 3, 9, 9]], attributes: { kernel_shape: [3, 3], strides: [2, 2] } },
  { operator: "GlobalAveragePool", shapes: [[2, 3, 9, 9]] },
  { operator: "Softmax", shapes: [[6, 100]], attributes: { axis: -1 } },
  { operator: "Softmax", shapes: [[3, 1500]], attributes: { axis: -1 } },
  { operator: "LayerNormalization", shapes: [[6, 128], [128], [128]] },
  { operator: "LayerNormalization", shapes: [[2, 3, 33], [33], [33]] },
  { operator: "InstanceNormalization", shapes: [[2, 3, 6, 6], [3], [3]] },
  { operator: "BatchNormalization", shapes: [[2, 3, 5, 5], [3], [3], [3], [3]], positive: [4] },
  ...unary("Exp", "Tanh", "Sigmoid", "Erf", "Softplus", "Softsign", "LeakyRelu", "Elu", "HardSigmoid"),
  { operator: "Sqrt", shapes: [[3, 65]], positive: [0] },
  { operator: "Log", shapes: [[3, 65]], positive: [0] },
  { operator: "Reciprocal", shapes: [[3, 65]] },
  { operator: "Gelu", shapes: [[3, 65]], opset: 20 },
  ...["Add", "Sub", "Mul", "Div"].map((operator) => ({ operator, shapes: [[5, 33], [33]] })),
  { operator: "Pow", shapes: [[5, 33], [33]], positive: [0] },
  ...unary("Relu", "Neg", "Abs", "Floor", "Identity"),
  { operator: "Transpose", shapes: [[5, 33]] },
  { operator: "MaxPool", shapes: [[1, 3, 9, 9]], attributes: { kernel_shape: [3, 3] } },
  { operator: "Concat", shapes: [[3, 4], [3, 5]], attributes: { axis: 1 } },
  { operator: "Max", shapes: [[5, 33], [33]] },
];

/** The graph of a case. */
export function graphOf({ operator, shapes, attributes, opset }: NoiseCase): TypedGraph {
  const builder = new GraphBuilder({ opset: opset ?? 17 });
  const inputs = shapes.map((shape, i) => builder.input(`x${i}`, "float32", shape));
  builder.output(builder.add(operator, inputs, attributes ?? {}, "y"), "y");
  return builder.finish();
}

/** Inputs of one of four kinds: around one, of many magnitudes, with a large common part, sparse. */
export function inputsOf({ shapes, positive }: NoiseCase, seed: number): readonly Tensor[] {
  const random = randomNumbers(seed);
  const kind = seed % 4;
  const value = (): number => {
    const x = random() * 2 - 1;
    if (kind === 1) return x * 2 ** Math.floor(random() * 20 - 14);
    if (kind === 2) return 3 + x * 0.01;
    if (kind === 3) return random() < 0.7 ? 0 : 4 * x;
    return 2 * x;
  };
  return shapes.map((shape, i): Tensor => {
    const data = Float32Array.from({ length: elementCount(shape) }, value);
    return {
      dtype: "float32",
      shape,
      data: positive?.includes(i) ? data.map((x) => Math.abs(x) + 1e-3) : data,
    };
  });
}

/** The node of a case's graph with the types of its outputs, as a bound is asked for. */
export function requestOf(graph: TypedGraph, inputs: readonly Tensor[]) {
  const node = must(graph.nodes[0]);
  const outputs = node.outputs.map((name) => must(graph.types.get(name)));
  return { node, opset: graph.opset, inputs, outputs };
}
