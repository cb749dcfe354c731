/**
 * Gradients of Einsum: each operand's is an Einsum of the result's gradient with the other operand.
 *
 * @module
 */
import { parseEinsum, stringAttribute } from "../../onnx/mod.ts";
import { expressions } from "../expressions.ts";
import {
  type GradientContext,
  type GradientRule,
  inputType,
  outputGradient,
  refuse,
  shapeContext,
} from "../gradient_rule.ts";

/** Letters for labels of one equation: what stood behind an ellipsis needs letters too. */
const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

const einsum: GradientRule = (context) => {
  const { node, needs } = context;
  const shapes = node.inputs.map((_, i) => inputType(context, i).shape);
  if (shapes.length > 2) throw refuse(node, "only one or two operands are supported");
  const { inputs, output } = parseEinsum(
    shapeContext(context),
    stringAttribute(node, "equation", ""),
    shapes,
  );
  if (inputs.some((labels) => new Set(labels).size < labels.length)) {
    throw refuse(node, "a label that an operand has twice is not supported");
  }
  return inputs.map((_, i) => needs[i] ? operandGradient(context, inputs, output, shapes, i) : undefined);
};

function operandGradient(
  context: GradientContext,
  inputs: readonly (readonly string[])[],
  output: readonly string[],
  shapes: readonly (readonly number[])[],
  operand: number,
): string {
  const { builder, node } = context, e = expressions(builder), dy = outputGradient(context);
  const wanted = inputs[operand] ?? [], shape = shapes[operand] ?? [];
  const others = inputs.flatMap((labels, i) => i === operand ? [] : [{ labels, name: node.inputs[i] ?? "" }]);
  const letters = new Map(
    [...new Set([...inputs.flat(), ...output])].map((label, i) => [label, LETTERS[i] ?? ""]),
  );
  const written = (labels: readonly string[]) => labels.map((label) => letters.get(label) ?? "").join("");
  // A label that only this operand has was summed away: its gradient is the same all along it.
  const given = new Set([...output, ...others.flatMap(({ labels }) => labels)]);
  const kept = wanted.filter((label) => given.has(label));
  const terms = [written(output), ...others.map(({ labels }) => written(labels))].join(",");
  const names = [dy, ...others.map(({ name }) => name)];
  const equation = `${terms}->${written(kept)}`;
  const summed = equation === `${written(output)}->${written(output)}`
    ? dy
    : builder.add("Einsum", names, { equation });
  const aligned = e.reshape(summed, [
    ...wanted.map((label) => given.has(label) ? e.shapeOf(summed)[kept.indexOf(label)] ?? 1 : 1),
  ]);
  // A dimension of size 1 stands for the other operand's larger one.
  const common = wanted.map((label, i) => given.has(label) ? e.shapeOf(aligned)[i] ?? 1 : shape[i] ?? 1);
  return e.sumToShape(e.expand(aligned, common), shape);
}

/** Rules by operator. */
export const EINSUM: Readonly<Record<string, GradientRule>> = { Einsum: einsum };
