/**
 * Operators whose results are the same on every device: they move elements, compare them, choose among them, or change nothing but a sign.
 *
 * @module
 */

/** Names in the standard domain. */
export const EXACT_OPERATORS: ReadonlySet<string> = new Set([
  ...[
    "Identity",
    "Reshape",
    "Flatten",
    "Squeeze",
    "Unsqueeze",
    "Transpose",
    "Concat",
    "Split",
    "Slice",
    "Pad",
  ],
  ...[
    "Expand",
    "Tile",
    "Trilu",
    "DepthToSpace",
    "SpaceToDepth",
    "ReverseSequence",
    "Gather",
    "GatherElements",
  ],
  ...["GatherND", "OneHot", "Where", "Constant", "ConstantOfShape", "Shape", "Size", "EyeLike", "NonZero"],
  ...["Abs", "Neg", "Sign", "Floor", "Ceil", "Round", "Relu", "Clip", "Max", "Min", "ThresholdedRelu"],
  ...["MaxPool", "GlobalMaxPool", "ReduceMax", "ReduceMin", "ArgMax", "ArgMin", "TopK", "Hardmax"],
  ...[
    "Equal",
    "Less",
    "LessOrEqual",
    "Greater",
    "GreaterOrEqual",
    "And",
    "Or",
    "Xor",
    "Not",
    "IsNaN",
    "IsInf",
  ],
  ...["BitwiseAnd", "BitwiseOr", "BitwiseXor", "BitwiseNot", "BitShift", "MatMulInteger", "ConvInteger"],
  // One correctly rounded conversion, or none.
  ...["Cast", "CastLike"],
]);
