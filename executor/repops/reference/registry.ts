/**
 * All operators of the reference, and what is refused.
 *
 * @module
 */
import { ExecutorError } from "../../errors.ts";
import type { GraphNode } from "../../graph.ts";
import { ASSAY_DOMAIN } from "../../onnx/mod.ts";
import { LONGEST_SUM } from "../numbers/mod.ts";
import { isFloat, isHeld } from "../values.ts";
import { intAttribute } from "./attributes.ts";
import { binaryOperators } from "./binary.ts";
import type { Call, CallTypes, ReferenceOperator } from "./call.ts";
import { castingOperators } from "./casting.ts";
import { convolutionOperators, convolutionSums } from "./convolution.ts";
import { einsumOperators, einsumSums, refuseEinsum } from "./einsum.ts";
import { gatheringOperators } from "./gathering.ts";
import { generationOperators } from "./generation.ts";
import { movementOperators } from "./movement.ts";
import { normalizationOperators } from "./normalization.ts";
import { poolingOperators } from "./pooling.ts";
import { extent } from "./positions.ts";
import { matrixSums, productOperators, type ProductSums } from "./products.ts";
import { quantizationOperators } from "./quantization.ts";
import { reductionOperators } from "./reduction.ts";
import { refuseResize, resizingOperators } from "./resizing.ts";
import { rotaryOperators } from "./rotary.ts";
import { selectionOperators } from "./selection.ts";
import { softmaxOperators } from "./softmax.ts";
import { unaryOperators } from "./unary.ts";

/** Operators of our own domain; they stand in the same family files as their relatives. */
const OWN = ["EmbeddingGradient", "CounterDropout"];

const operators: ReadonlyMap<string, ReferenceOperator> = new Map(
  [
    unaryOperators,
    binaryOperators,
    productOperators,
    einsumOperators,
    convolutionOperators,
    poolingOperators,
    reductionOperators,
    softmaxOperators,
    normalizationOperators,
    selectionOperators,
    gatheringOperators,
    movementOperators,
    castingOperators,
    generationOperators,
    quantizationOperators,
    resizingOperators,
    rotaryOperators,
  ].flatMap((family) => Object.entries(family)),
);

/**
 * Terms of each sum of a node that adds up; 0 for others. Beyond {@link LONGEST_SUM} a sum's order is not proven to lose nothing
 * (SPEC 3.4).
 */
function termsOf({ node, inputs, outputs }: CallTypes): number {
  const [a, b] = [inputs[0]?.shape ?? [], inputs[1]?.shape ?? []], out = outputs[0]?.shape ?? [];
  const { operator } = node;
  if (operator === "MatMul") return a.at(-1) ?? 1;
  if (operator === "Gemm") return a[intAttribute(node, "transA", 0) !== 0 ? 0 : 1] ?? 1;
  if (operator === "Conv") return extent(b, 1);
  if (operator === "ConvTranspose") return extent(b) / Math.max(1, b[1] ?? 1);
  if (operator.startsWith("Reduce")) return extent(a) / Math.max(1, extent(out));
  return 0;
}

const refusals: Readonly<Record<string, (types: CallTypes) => string | undefined>> = {
  Einsum: refuseEinsum,
  Resize: refuseResize,
};

/** Families that only move elements take every type; these convert, and take halves too. */
const HALVES_WELCOME = new Set([
  ...Object.keys(movementOperators),
  ...Object.keys(gatheringOperators),
  "Identity",
  "Where",
  "Cast",
  "CastLike",
  "Constant",
  "ConstantOfShape",
  "Shape",
  "Size",
  "DequantizeLinear",
]);

/** Operators that a scatter computes with are not mere movement when they reduce. */
const isHalf = (dtype: string) => dtype === "float16" || dtype === "bfloat16";

/** Operators that have only a float form; all others have integer forms or take any type. */
const FLOAT_ONLY = new Set([
  ...Object.keys(convolutionOperators),
  ...Object.keys(softmaxOperators),
  ...Object.keys(normalizationOperators),
  ...Object.keys(resizingOperators),
  ...Object.keys(rotaryOperators),
  "MatMul",
  "Gemm",
  "Einsum",
  "AveragePool",
  "GlobalAveragePool",
  "ReduceL2",
  "ReduceLogSum",
  "ReduceLogSumExp",
]);

const pointwise: ReadonlySet<string> = new Set([
  ...Object.keys(unaryOperators),
  ...Object.keys(binaryOperators),
  "Cast",
]);

/** Whether an operator makes every element of its output from the elements at the same place of its inputs, which are broadcast. */
export function isPointwise(operator: string): boolean {
  return pointwise.has(operator);
}

/** The names of all operators, those of `ai.assay` included. */
export function operatorNames(): readonly string[] {
  return [...operators.keys()];
}

/**
 * The operator of a node.
 *
 * @throws {ExecutorError} `unsupported_operator` naming node and operator.
 */
export function operatorOf(node: GraphNode): ReferenceOperator {
  const operator = operators.get(node.operator);
  const domain = OWN.includes(node.operator) ? ASSAY_DOMAIN : "";
  const given = node.domain === "ai.onnx" ? "" : node.domain;
  if (operator && given === domain) return operator;
  throw refusal(node, "the engine does not have it");
}

const productSums: Readonly<Record<string, (call: Call) => ProductSums | undefined>> = {
  ...matrixSums,
  ...convolutionSums,
  ...einsumSums,
};

/** The sums of products that a node's output consists of; `undefined` if it does not. */
export function productSumsOf(call: Call): ProductSums | undefined {
  return call.node.domain === "" || call.node.domain === "ai.onnx"
    ? productSums[call.node.operator]?.(call)
    : undefined;
}

/**
 * Requires that the engine can compute a node: its operator, attributes and types.
 *
 * @throws {ExecutorError} `unsupported_operator` naming node and operator and saying why.
 */
export function requireSupported(types: CallTypes): void {
  const { node } = types;
  operatorOf(node);
  const present = [...types.inputs, ...types.outputs].flatMap((info) => (info ? [info.dtype] : []));
  const unheld = present.find((dtype) => !isHeld(dtype));
  if (unheld) throw refusal(node, `it uses ${unheld}, which no GPU computes alike: cast it to float32`);
  const half = present.find(isHalf);
  if (half && !HALVES_WELCOME.has(node.operator)) {
    throw refusal(node, `it computes in ${half}: cast to float32 first, and back after`);
  }
  const first = types.inputs[0]?.dtype;
  if (FLOAT_ONLY.has(node.operator) && first && !isFloat(first)) {
    throw refusal(node, `it has no form for ${first}`);
  }
  if (termsOf(types) > LONGEST_SUM) throw refusal(node, `its sums have more than ${LONGEST_SUM} terms`);
  const reason = refusals[node.operator]?.(types);
  if (reason) throw refusal(node, reason);
}

function refusal(node: GraphNode, reason: string): ExecutorError {
  const name = node.domain === "" ? node.operator : `${node.domain}.${node.operator}`;
  return new ExecutorError(
    "unsupported_operator",
    `Node ${node.name || "(unnamed)"} uses operator ${name}, which repops refuses: ${reason}.`,
    { node: node.name, operator: name },
  );
}
