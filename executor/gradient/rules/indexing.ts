/**
 * Gradients of reading by index. Adding rows into a table is not deterministic on every device; a product with one-hot rows
 * is, at the price of rows times table size.
 *
 * @module
 */
import { intAttribute } from "../../onnx/mod.ts";
import { elementCount } from "../../tensor.ts";
import { expressions } from "../expressions.ts";
import { type GradientRule, inputName, inputType, outputGradient } from "../gradient_rule.ts";

const gather: GradientRule = (context) => {
  const { builder, node } = context, e = expressions(builder), { shape } = inputType(context, 0);
  const indices = inputName(context, 1), given = intAttribute(node, "axis", 0);
  const axis = given < 0 ? given + shape.length : given, rows = shape[axis] ?? 0;
  const indexRank = e.shapeOf(indices).length, count = elementCount(e.shapeOf(indices));
  const dy = outputGradient(context), rank = e.shapeOf(dy).length;
  // The gathered dimensions come first, then the product sums over them, then the table's axis goes back to its place.
  const gathered = Array.from({ length: indexRank }, (_, i) => axis + i);
  const others = Array.from({ length: rank }, (_, i) => i).filter((i) => !gathered.includes(i));
  const front = axis === 0 ? dy : e.transpose(dy, [...gathered, ...others]);
  const rest = shape.filter((_, i) => i !== axis);
  const oneHot = e.oneHot(e.reshape(indices, [count]), rows, 0);
  const table = e.reshape(builder.add("MatMul", [oneHot, e.reshape(front, [count, elementCount(rest)])]), [
    rows,
    ...rest,
  ]);
  const back = shape.map((_, i) => i < axis ? i + 1 : i === axis ? 0 : i);
  return [axis === 0 ? table : e.transpose(table, back)];
};

const gatherElements: GradientRule = (context) => {
  const { builder, node } = context, e = expressions(builder), { shape } = inputType(context, 0);
  const indices = inputName(context, 1), given = intAttribute(node, "axis", 0);
  const axis = given < 0 ? given + shape.length : given, picked = e.shapeOf(indices);
  const dy = e.reshape(outputGradient(context), [...picked.slice(0, axis), 1, ...picked.slice(axis)]);
  const summed = e.sum(e.mul(e.oneHot(indices, shape[axis] ?? 0, axis), dy), [axis + 1], false);
  return [String(e.shapeOf(summed)) === String(shape) ? summed : padTo(summed)];

  /** Indices may cover only the beginning of the other dimensions. */
  function padTo(x: string): string {
    const missing = shape.map((size, i) => size - (e.shapeOf(x)[i] ?? 0));
    return builder.add("Pad", [x, builder.ints([...shape.map(() => 0), ...missing])]);
  }
};

/** Rules by operator. */
export const INDEXING: Readonly<Record<string, GradientRule>> = {
  Gather: gather,
  GatherElements: gatherElements,
};
