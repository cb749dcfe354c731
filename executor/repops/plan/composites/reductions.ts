/**
 * Reductions and row operators that are others in a row, and operators of many operands that fold them from the left.
 *
 * @module
 */
import { intAttribute, intsAttribute, normalAxis } from "../../reference/mod.ts";
import type { Expansion, Writer } from "./writer.ts";

/** Operator set in which the axes of a reduction became an input. */
const AXES_INPUT: Readonly<Record<string, number>> = { ReduceSum: 13 };
const AXES_INPUT_OF_OTHERS = 18;

/** The axes that are reduced, ascending; `undefined` for a reduction of none, and for one that is known only later. */
function axesOf(writer: Writer): readonly number[] | undefined {
  const rank = writer.input(0)?.shape.length ?? 0;
  const given = intsAttribute(writer.node, "axes") ?? writer.known(1);
  if (given === undefined && writer.input(1)) return undefined;
  if (given && given.length > 0) {
    return given.map((axis) => normalAxis(axis, rank)).sort((a, b) => a - b);
  }
  if (intAttribute(writer.node, "noop_with_empty_axes", 0) !== 0) return undefined;
  return Array.from({ length: rank }, (_, axis) => axis);
}

/** Writes a reduction over axes, whichever way the operator takes them in the graph's operator set. */
export function reduce(
  writer: Writer,
  operator: string,
  x: string,
  axes: readonly number[],
  keepdims: number,
): string {
  return writer.opset >= (AXES_INPUT[operator] ?? AXES_INPUT_OF_OTHERS)
    ? writer.add(operator, [x, writer.integers(axes)], { keepdims })
    : writer.add(operator, [x], { axes, keepdims });
}

/** A reduction, and a function of its result. */
function reducedThen(reduction: string, then: string): Expansion {
  return (writer) => {
    const axes = axesOf(writer);
    if (!axes || writer.input(0)?.dtype !== "float32") return false;
    const keepdims = intAttribute(writer.node, "keepdims", 1);
    const sum = reduce(writer, reduction, writer.node.inputs[0] ?? "", axes, keepdims);
    writer.add(then, [sum], {}, "last");
    return true;
  };
}

/** The maximum, plus the logarithm of the sum of what is e to the power of the distance from it. */
const logSumExp: Expansion = (writer) => {
  const axes = axesOf(writer), x = writer.node.inputs[0] ?? "", info = writer.input(0);
  if (!axes || info?.dtype !== "float32" || info.shape.includes(0)) return false;
  const top = reduce(writer, "ReduceMax", x, axes, 1);
  const powers = writer.add("Exp", [writer.add("Sub", [x, top])]);
  const total = writer.add("Add", [top, writer.add("Log", [reduce(writer, "ReduceSum", powers, axes, 1)])]);
  writer.add(
    "Reshape",
    [total, writer.integers(writer.type(writer.node.outputs[0] ?? "").shape)],
    {},
    "last",
  );
  return true;
};

/** Softmax along an axis that is not the last: its rows are turned so that they lie, and back. */
const alongRows: Expansion = (writer) => {
  const { node, opset } = writer, shape = writer.input(0)?.shape ?? [];
  if (opset < 13) return false;
  const axis = normalAxis(intAttribute(node, "axis", -1), shape.length), last = shape.length - 1;
  if (axis === last || shape.includes(0)) return false;
  const swapped = shape.map((_, i) => i === axis ? last : i === last ? axis : i);
  const lying = writer.add("Transpose", [node.inputs[0] ?? ""], { perm: swapped });
  writer.add("Transpose", [writer.add(node.operator, [lying], { axis: last })], { perm: swapped }, "last");
  return true;
};

/** Folds operands from the left; `finish` writes the last node. */
function fold(step: string, finish?: (writer: Writer, total: string, count: number) => void): Expansion {
  return (writer) => {
    const { inputs } = writer.node, [first = "", ...others] = inputs;
    if (inputs.length <= (finish ? 0 : 2) || writer.input(0)?.dtype !== "float32") return false;
    let total = first;
    others.forEach((name, i) => {
      total = writer.add(step, [total, name], {}, !finish && i === others.length - 1 ? "last" : undefined);
    });
    finish?.(writer, total, inputs.length);
    return true;
  };
}

const mean = fold("Add", (writer, total, count) => {
  writer.add("Div", [total, writer.floats([], [count])], {}, "last");
});

/** Expansions by operator. */
export const reductionExpansions: Readonly<Record<string, Expansion>> = {
  ReduceL2: reducedThen("ReduceSumSquare", "Sqrt"),
  ReduceLogSum: reducedThen("ReduceSum", "Log"),
  ReduceLogSumExp: logSumExp,
  Softmax: alongRows,
  LogSoftmax: alongRows,
  Sum: fold("Add"),
  Max: fold("Max"),
  Min: fold("Min"),
  Mean: mean,
};
