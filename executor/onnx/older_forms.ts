/**
 * How operators were written before operator set 11, and how that is said today.
 *
 * Sources: ONNX's Changelog.md, by operator and version.
 *
 * @module
 */
import type { Attribute, GraphNode } from "../graph.ts";
import type { Tensor } from "../tensor.ts";
import { floatAttribute, intAttribute, intsAttribute, stringAttribute } from "./attributes.ts";
import { nodeError } from "./shape_rule.ts";

/** What a rule may use besides the node. */
export interface UpgradeContext {
  readonly opset: number;
  /** Adds a constant and gives its name. */
  constant(tensor: Tensor): string;
  /** A new name for a value. */
  name(): string;
  /** Dimensions of a value, where they are known without inference: those of inputs and constants. */
  rank(value: string): number | undefined;
}

/** The nodes that say today what an older node said; `undefined` for a form that cannot be said. */
export type Upgrade = (node: GraphNode, context: UpgradeContext) => readonly GraphNode[] | undefined;

/** The operator set since which an operator has its form of operator set 11, and what to do with older ones. */
export interface OlderForm {
  readonly since: number;
  readonly upgrade?: Upgrade;
}

function without(node: GraphNode, ...names: readonly string[]): GraphNode {
  const attributes = Object.fromEntries(
    Object.entries(node.attributes).filter(([name]) => !names.includes(name)),
  );
  return { ...node, attributes };
}

function withAttributes(node: GraphNode, added: Readonly<Record<string, Attribute>>): GraphNode {
  return { ...node, attributes: { ...node.attributes, ...added } };
}

const text = (value: string): Attribute => ({ type: "string", value });

function int64(values: readonly number[]): Tensor {
  return { dtype: "int64", shape: [values.length], data: BigInt64Array.from(values, BigInt) };
}

function scalar(value: number): Tensor {
  return { dtype: "float32", shape: [], data: Float32Array.of(value) };
}

function floats(node: GraphNode, name: string): readonly number[] | undefined {
  const attribute = node.attributes[name];
  return attribute?.type === "floats" ? attribute.value : undefined;
}

/** Version 1 of elementwise operators said which inputs may be overwritten. */
const unary: Upgrade = (node) => [without(node, "consumed_inputs")];

/**
 * The second operand in the place where the first one's axes want it: until version 6 its shape was a stretch of the first
 * one's, from `axis` on or else at the end.
 */
function placeOperand(
  node: GraphNode,
  context: UpgradeContext,
  axis: number,
): readonly GraphNode[] | undefined {
  const [a = "", b = ""] = node.inputs;
  const rankA = context.rank(a), rankB = context.rank(b);
  if (rankA === undefined || rankB === undefined) return undefined;
  const trailing = rankA - (axis < 0 ? axis + rankA : axis) - rankB;
  if (trailing < 0) throw nodeError(node, "bad_shape", `axis ${axis} leaves no room for its second operand.`);
  if (trailing === 0) return [node];
  const axes = Array.from({ length: trailing }, (_, i) => BigInt(rankB + i));
  const placed = context.name();
  return [
    {
      name: `${node.name}.place`,
      operator: "Unsqueeze",
      domain: "",
      inputs: [b],
      outputs: [placed],
      attributes: { axes: { type: "ints", value: axes } },
    },
    { ...node, inputs: [a, placed, ...node.inputs.slice(2)] },
  ];
}

const binary: Upgrade = (node, context) => {
  const axis = intAttribute(node, "axis", undefined),
    plain = without(node, "axis", "broadcast", "consumed_inputs");
  const broadcasts = intAttribute(node, "broadcast", 0) !== 0;
  return axis === undefined || !broadcasts ? [plain] : placeOperand(plain, context, axis);
};

/** The slope of each channel, which is axis 1. */
const pRelu: Upgrade = (node, context) => {
  const plain = without(node, "consumed_inputs"), rank = context.rank(node.inputs[1] ?? "");
  return rank === 1 ? placeOperand(plain, context, 1) : [plain];
};

const clip: Upgrade = (node, context) => {
  const bound = (name: string, otherwise: number) =>
    context.constant(scalar(floatAttribute(node, name, otherwise)));
  const [x = ""] = node.inputs;
  // The largest finite binary32 values are the old defaults.
  const limits = [bound("min", -3.4028234663852886e38), bound("max", 3.4028234663852886e38)];
  return [{ ...without(node, "min", "max", "consumed_inputs"), inputs: [x, ...limits] }];
};

const slice: Upgrade = (node, context) => {
  const starts = intsAttribute(node, "starts", []), ends = intsAttribute(node, "ends", []);
  const axes = intsAttribute(node, "axes", starts.map((_, i) => i));
  const [x = ""] = node.inputs;
  const lists = [starts, ends, axes].map((list) => context.constant(int64(list)));
  return [{ ...without(node, "starts", "ends", "axes"), inputs: [x, ...lists] }];
};

const pad: Upgrade = (node, context) => {
  const pads = intsAttribute(node, "pads", undefined) ?? intsAttribute(node, "paddings", []);
  const [x = ""] = node.inputs;
  const given = [context.constant(int64(pads)), context.constant(scalar(floatAttribute(node, "value", 0)))];
  return [{ ...without(node, "pads", "paddings", "value"), inputs: [x, ...given] }];
};

const topK: Upgrade = (node, context) => {
  const k = intAttribute(node, "k", undefined);
  const [x = ""] = node.inputs;
  return [k === undefined ? node : { ...without(node, "k"), inputs: [x, context.constant(int64([k]))] }];
};

const reshape: Upgrade = (node, context) => {
  const shape = intsAttribute(node, "shape", []), [x = ""] = node.inputs;
  return [{ ...without(node, "shape", "consumed_inputs"), inputs: [x, context.constant(int64(shape))] }];
};

/** Upsample, and Resize of version 10: coordinates are divided by the scale, and nearest means the one before. */
const resize: Upgrade = (node, context) => {
  const [x = "", given] = node.inputs, listed = floats(node, "scales");
  const scales = given ?? (listed &&
    context.constant({ dtype: "float32", shape: [listed.length], data: Float32Array.from(listed) }));
  if (scales === undefined) return undefined;
  const mode = stringAttribute(node, "mode", "nearest");
  const way = { mode: text(mode === "bilinear" ? "linear" : mode), nearest_mode: text("floor") };
  return [{
    ...withAttributes(without(node, "scales"), {
      ...way,
      coordinate_transformation_mode: text("asymmetric"),
    }),
    operator: "Resize",
    inputs: [x, "", scales],
  }];
};

/** Only its form for inference: training masks were drawn from a generator that nothing names. */
const dropout: Upgrade = (node, { opset }) =>
  opset < 7 && intAttribute(node, "is_test", 0) === 0 && node.outputs.length > 1
    ? undefined
    : [without(node, "ratio", "is_test", "consumed_inputs")];

const batchNormalization: Upgrade = (node, { opset }) => {
  const trains = opset < 7 ? intAttribute(node, "is_test", 0) === 0 : node.outputs.length > 1;
  return trains || intAttribute(node, "spatial", 1) === 0
    ? undefined
    : [without(node, "is_test", "spatial", "consumed_inputs")];
};

/** Version 1 took the name of the element type. */
const cast: Upgrade = (node) => node.attributes["to"]?.type === "int" ? [node] : undefined;

function each(names: string, form: OlderForm): Readonly<Record<string, OlderForm>> {
  return Object.fromEntries(names.split(" ").map((name) => [name, form]));
}

/** By operator. What is not here is new in operator set 11 or later, or has no rule of shape either. */
export const OLDER_FORMS: ReadonlyMap<string, OlderForm> = new Map(Object.entries({
  ...each(
    "Not Softplus Softsign Identity Transpose Constant Gather Shape Size Flatten Squeeze Unsqueeze DepthToSpace SpaceToDepth MatMul " +
      "Conv ConvTranspose GlobalAveragePool GlobalMaxPool MaxPool AveragePool LRN Softmax LogSoftmax Hardmax ArgMax ArgMin " +
      "ReduceSum ReduceMean ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceSumSquare",
    { since: 1 },
  ),
  ...each("Split", { since: 2 }),
  ...each("Concat", { since: 4 }),
  ...each(
    "LeakyRelu Elu Selu HardSigmoid Tile",
    { since: 6 },
  ),
  ...each("Abs Neg Exp Log Sqrt Reciprocal Floor Ceil Sigmoid Tanh Relu InstanceNormalization", {
    since: 6,
    upgrade: unary,
  }),
  ...each("Add Sub Mul Div Pow And Or Xor Equal Greater Less", { since: 7, upgrade: binary }),
  ...each("PRelu", { since: 7, upgrade: pRelu }),
  ...each("Gemm", { since: 7, upgrade: (node) => [without(node, "broadcast")] }),
  ...each("Sum Max Min Mean", { since: 8, upgrade: unary }),
  ...each("Sin Cos Tan Asin Acos Atan", { since: 7 }),
  ...each("Expand", { since: 8 }),
  ...each(
    "Sign Erf Where Sinh Cosh Asinh Acosh Atanh IsNaN Shrink ConstantOfShape EyeLike OneHot Scatter MeanVarianceNormalization NonZero",
    { since: 9 },
  ),
  ...each(
    "ThresholdedRelu Mod QuantizeLinear DequantizeLinear MatMulInteger ConvInteger QLinearConv QLinearMatMul IsInf ReverseSequence",
    { since: 10 },
  ),
  ...each("Cast", { since: 6, upgrade: cast }),
  ...each("Reshape", { since: 5, upgrade: reshape }),
  ...each("BatchNormalization", { since: 9, upgrade: batchNormalization }),
  ...each("Dropout", { since: 10, upgrade: dropout }),
  ...each("Slice", { since: 10, upgrade: slice }),
  ...each("TopK", { since: 10, upgrade: topK }),
  ...each("Clip", { since: 11, upgrade: clip }),
  ...each("Pad", { since: 11, upgrade: pad }),
  ...each("Resize Upsample", { since: 11, upgrade: resize }),
}));
