/**
 * Kernels that can run on some rows of their operands at a time, and how each operand lies along those rows.
 *
 * @module
 */
import { integerRange } from "../../numbers/mod.ts";
import { intAttribute, intsAttribute, normalAxis } from "../../reference/mod.ts";
import type { PlannedValue, Step } from "../../plan/mod.ts";
import { isFloat, sizeOf } from "../../values.ts";
import { BINARY, type BinaryForm } from "../source/mod.ts";
import { binaryName, unaryName } from "./elementwise.ts";
import { SMALL } from "./quantization.ts";
import { REDUCTIONS } from "./rows.ts";

/** An operand along the rows: all of them, one value for each, some rows again and again (one, if `period` is 1), one value for all. */
export type Span =
  | { readonly kind: "whole" | "perRow" | "single" }
  | { readonly kind: "block"; readonly period: number };

/** A step on rows. */
export interface TileKernel {
  readonly kind: "unary" | "binary" | "choice" | "scaling" | "reduction" | "rows";
  readonly kernel: string;
  /** Elements of the operands that are whole. */
  readonly elements: number;
  /** Elements of a row; absent where rows may be cut anywhere. */
  readonly count?: number;
  readonly operands: readonly Span[];
  /** Of a reduction: what its sums are divided by, or 0. */
  readonly divisor?: number;
  /** Of a scaling: the least and the greatest value. */
  readonly limits?: readonly [number, number];
}

/** The kernel of a step; `undefined` if it has none that runs on rows. */
export function tileKernel({ node, inputs, outputs }: Step): TileKernel | undefined {
  const [out] = outputs, [a] = inputs;
  const present = inputs.flatMap((value) => value ? [value] : []);
  if (!out || !a || node.domain !== "" || outputs.length !== 1 || out.storage < 0) return undefined;
  if (present.length !== inputs.length || sizeOf(out.info) === 0) return undefined;
  switch (node.operator) {
    case "Softmax":
    case "LogSoftmax":
      return softmaxKernel(node, a, present);
    case "Where":
      return choiceKernel(present, out);
    case "QuantizeLinear":
    case "DequantizeLinear":
      return scalingKernel(node, present, out);
  }
  if (node.operator in REDUCTIONS) return reductionKernel(node, present, out);
  return present.length === 1 ? unaryKernel(node, a, out) : binaryKernel(node, present, out);
}

/**
 * Whether a step maps the elements of a storage, so that its output may lie there: it reads each element where it writes, before it does. Steps
 * that run as one are not looked into.
 */
export function mapsInPlace(step: Step, storage: number): boolean {
  const kernel = step.parts === undefined ? tileKernel(step) : undefined;
  if (kernel === undefined || kernel.kind === "reduction" || kernel.kind === "rows") return false;
  return step.inputs.every((value, i) => value?.storage !== storage || kernel.operands[i]?.kind === "whole");
}

function unaryKernel(node: Step["node"], a: PlannedValue, out: PlannedValue): TileKernel | undefined {
  const name = unaryName(node, a.info.dtype, out.info.dtype);
  if (name === undefined) return undefined;
  return { kind: "unary", kernel: `u_${name}`, elements: sizeOf(out.info), operands: [{ kind: "whole" }] };
}

function binaryKernel(
  node: Step["node"],
  inputs: readonly PlannedValue[],
  out: PlannedValue,
): TileKernel | undefined {
  const [a, b] = inputs;
  const name = a && node.operator in BINARY ? binaryName(node.operator, a.info.dtype) : undefined;
  if (!a || !b || inputs.length !== 2 || name === undefined) return undefined;
  const operands = [a, b].flatMap((value) => spanOf(value, out) ?? []);
  const [first, second] = operands;
  if (!first || !second || (first.kind !== "whole" && second.kind !== "whole")) return undefined;
  const common = { kind: "binary", elements: sizeOf(out.info), operands } as const;
  const kernel = `b_${name}_${formOf(first, second)}`;
  const cut = operands.some(({ kind }) => kind === "perRow" || kind === "block");
  return cut ? { ...common, kernel, count: lengthOf(out) } : { ...common, kernel };
}

/** A choice whose condition is whole, between two operands that are whole or one value, not both one value. */
function choiceKernel(inputs: readonly PlannedValue[], out: PlannedValue): TileKernel | undefined {
  const operands = inputs.flatMap((value) => spanOf(value, out) ?? []);
  const [condition, a, b] = operands;
  if (!condition || !a || !b || condition.kind !== "whole") return undefined;
  if (![a, b].every(({ kind }) => kind === "whole" || kind === "single")) return undefined;
  if (a.kind === "single" && b.kind === "single") return undefined;
  return { kind: "choice", kernel: `where_${formOf(a, b)}`, elements: sizeOf(out.info), operands };
}

/** Quantisation by one scale and one zero point, or back. */
function scalingKernel(
  { operator }: Step["node"],
  inputs: readonly PlannedValue[],
  out: PlannedValue,
): TileKernel | undefined {
  const [a, ...parameters] = inputs, isThere = operator === "QuantizeLinear";
  if (!a || parameters.some(({ info }) => sizeOf(info) !== 1)) return undefined;
  const [float, integer] = isThere ? [a, out] : [out, a];
  if (!isFloat(float.info.dtype) || !SMALL.has(integer.info.dtype)) return undefined;
  return {
    kind: "scaling",
    kernel: isThere ? "quantise_row" : "dequantise_row",
    elements: sizeOf(out.info),
    operands: [{ kind: "whole" }, ...parameters.map(() => ({ kind: "single" } as const))],
    limits: isThere ? integerRange(out.info.dtype) : [0, 0],
  };
}

/** Which of two operands varies along a row. */
function formOf(a: Span, b: Span): BinaryForm {
  const stays = ({ kind }: Span) => kind === "single" || kind === "perRow";
  return stays(b) ? "left" : stays(a) ? "right" : "both";
}

/** Softmax along the last axis. */
function softmaxKernel(
  node: Step["node"],
  a: PlannedValue,
  inputs: readonly PlannedValue[],
): TileKernel | undefined {
  const { shape, dtype } = a.info;
  // Before opset 13 the default was another, and all axes from the given one on made a row: the same for the last one.
  const axis = intAttribute(node, "axis", shape.length);
  if (!isFloat(dtype) || inputs.length !== 1 || (axis !== -1 && axis !== shape.length - 1)) return undefined;
  const kernel = node.operator === "Softmax" ? "softmax" : "logSoftmax";
  return {
    kind: "rows",
    kernel,
    elements: sizeOf(a.info),
    count: lengthOf(a),
    operands: [{ kind: "whole" }],
  };
}

/** A reduction of the last axis alone. */
function reductionKernel(
  node: Step["node"],
  [a, axesInput]: readonly PlannedValue[],
  out: PlannedValue,
): TileKernel | undefined {
  const kernels = REDUCTIONS[node.operator];
  if (!a || !kernels || !isFloat(a.info.dtype) || (axesInput && !axesInput.constant)) return undefined;
  const axes = intsAttribute(node, "axes") ?? Array.from(axesInput?.constant?.words ?? []);
  const [axis] = axes, count = lengthOf(a), elements = sizeOf(a.info);
  if (axis === undefined || axes.length !== 1 || count < 2) return undefined;
  if (normalAxis(axis, a.info.shape.length) !== a.info.shape.length - 1) return undefined;
  if (sizeOf(out.info) * count !== elements) return undefined;
  return {
    kind: "reduction",
    kernel: kernels.rows,
    elements,
    count,
    operands: [{ kind: "whole" }],
    divisor: kernels.mean ? count : 0,
  };
}

/** Elements of a row: the last axis. */
const lengthOf = ({ info }: PlannedValue): number => info.shape.at(-1) ?? 1;

/** How an operand lies along the rows of an output; `undefined` if in none of the ways that kernels know. */
function spanOf(operand: PlannedValue, out: PlannedValue): Span | undefined {
  const size = sizeOf(operand.info), elements = sizeOf(out.info), count = lengthOf(out);
  if (size === elements) return { kind: "whole" };
  if (size === 1) return { kind: "single" };
  const { shape } = operand.info;
  if (shape.at(-1) === 1) return size * count === elements ? { kind: "perRow" } : undefined;
  const significant = shape.slice(shape.findIndex((length) => length !== 1));
  const trailing = out.info.shape.slice(-significant.length);
  return String(significant) === String(trailing) ? { kind: "block", period: size / count } : undefined;
}
