/**
 * A small convolutional classifier for the drawn digits, as an ONNX model like one exported from PyTorch: weights are initializers,
 * the batch dimension is symbolic.
 *
 *     image [batch, 1, 16, 16] -> Conv 3x3 (8) -> Relu -> MaxPool 2 -> Conv 3x3 (16) -> Relu -> MaxPool 2 -> Flatten -> Gemm -> logits [batch, 10]
 *
 * @module
 */
import { type Attribute, buildModel, type Graph, type GraphNode, type Tensor } from "../../executor/mod.ts";
import { DIGIT_CLASSES, DIGIT_SIDE } from "./digits.ts";
import { seededRandom } from "./seeded_random.ts";

/** Name of the model's input, float32 [batch, 1, 16, 16]. */
export const DIGIT_INPUT = "image";

/** Name of the model's output, float32 [batch, 10]: unnormalised scores. */
export const DIGIT_LOGITS = "logits";

/** Channels of the two convolutions: enough for 95 % and more, small enough that a step takes a few milliseconds. */
const CHANNELS = [8, 16] as const;

function ints(...values: readonly number[]): Attribute {
  return { type: "ints", value: values.map(BigInt) };
}

function node(
  operator: string,
  name: string,
  inputs: readonly string[],
  attributes: Readonly<Record<string, Attribute>> = {},
): GraphNode {
  return { name, operator, domain: "", inputs, outputs: [name], attributes };
}

/** Normally distributed weights with the variance of He et al. 2015, 2 / (inputs of one output). */
function weights(shape: readonly number[], fanIn: number, random: () => number): Tensor {
  const scale = Math.sqrt(2 / fanIn);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const count = shape.reduce((product, size) => product * size, 1);
  return { dtype: "float32", shape, data: Float32Array.from({ length: count }, () => scale * normal()) };
}

function zeros(length: number): Tensor {
  return { dtype: "float32", shape: [length], data: new Float32Array(length) };
}

/** The classifier with fresh weights, as the bytes of an ONNX model. The same seed gives the same model on one machine. */
export function digitModel(seed: number): Uint8Array {
  const random = seededRandom(seed);
  const [first, second] = CHANNELS;
  const features = second * (DIGIT_SIDE / 4) ** 2;
  const same = { kernel_shape: ints(3, 3), pads: ints(1, 1, 1, 1) };
  const half = { kernel_shape: ints(2, 2), strides: ints(2, 2) };
  const graph: Graph = {
    name: "digits",
    opset: 17,
    nodes: [
      node("Conv", "conv1", [DIGIT_INPUT, "conv1.weight", "conv1.bias"], same),
      node("Relu", "relu1", ["conv1"]),
      node("MaxPool", "pool1", ["relu1"], half),
      node("Conv", "conv2", ["pool1", "conv2.weight", "conv2.bias"], same),
      node("Relu", "relu2", ["conv2"]),
      node("MaxPool", "pool2", ["relu2"], half),
      node("Flatten", "flat", ["pool2"], { axis: { type: "int", value: 1n } }),
      node("Gemm", DIGIT_LOGITS, ["flat", "fc.weight", "fc.bias"], { transB: { type: "int", value: 1n } }),
    ],
    inputs: [{ name: DIGIT_INPUT, dtype: "float32", shape: ["batch", 1, DIGIT_SIDE, DIGIT_SIDE] }],
    outputs: [{ name: DIGIT_LOGITS, dtype: "float32", shape: ["batch", DIGIT_CLASSES] }],
    initializers: new Map([
      ["conv1.weight", weights([first, 1, 3, 3], 9, random)],
      ["conv1.bias", zeros(first)],
      ["conv2.weight", weights([second, first, 3, 3], 9 * first, random)],
      ["conv2.bias", zeros(second)],
      ["fc.weight", weights([DIGIT_CLASSES, features], features, random)],
      ["fc.bias", zeros(DIGIT_CLASSES)],
    ]),
  };
  return buildModel(graph);
}
