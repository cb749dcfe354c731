/**
 * The operators that repops promises: those that inference and training of MLPs, CNNs and transformers need.
 *
 * Written out apart from the engine's own registry: the promise must not shrink when the engine loses an operator.
 *
 * @module
 */

const LISTED: Readonly<Record<string, string>> = {
  products: "MatMul Gemm Conv ConvTranspose Einsum",
  windows: "MaxPool AveragePool GlobalMaxPool GlobalAveragePool",
  normalizations:
    "BatchNormalization LayerNormalization RMSNormalization GroupNormalization InstanceNormalization",
  probabilities: "Softmax LogSoftmax SoftmaxCrossEntropyLoss NegativeLogLikelihoodLoss Dropout",
  attention: "RotaryEmbedding Trilu",
  activations:
    "Relu LeakyRelu PRelu Elu Selu Celu ThresholdedRelu Gelu Sigmoid HardSigmoid HardSwish Swish Mish Softplus Softsign Tanh Erf",
  arithmetic:
    "Add Sub Mul Div Neg Abs Sign Exp Log Sqrt Pow Reciprocal Floor Ceil Round Clip Max Min Mean Sum Mod Sin Cos",
  choices: "Where Equal Less LessOrEqual Greater GreaterOrEqual And Or Xor Not",
  reductions:
    "ReduceSum ReduceMean ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceSumSquare " +
    "ArgMax ArgMin TopK CumSum",
  indexing: "Gather GatherElements GatherND Scatter ScatterElements ScatterND OneHot",
  movement:
    "Concat Split Slice Pad Reshape Flatten Squeeze Unsqueeze Transpose Expand Tile Identity DepthToSpace SpaceToDepth Resize " +
    "Upsample",
  making: "Constant ConstantOfShape Range Shape Size Cast CastLike",
  quantization:
    "QuantizeLinear DequantizeLinear DynamicQuantizeLinear MatMulInteger ConvInteger QLinearMatMul QLinearConv",
};

/** Names of the promised operators of the standard domain. */
export const LISTED_OPERATORS: ReadonlySet<string> = new Set(
  Object.values(LISTED).flatMap((family) => family.split(" ")),
);
