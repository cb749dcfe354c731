/**
 * Gradients of reading and writing by index. Adding rows into a table is not deterministic on every device: a product with one-hot
 * rows is, at the price of rows times table size, and where the engine has it `ai.assay.EmbeddingGradient` is for nothing.
 *
 * @module
 */
import { intAttribute, stringAttribute } from "../../onnx/mod.ts";
import { elementCount } from "../../tensor.ts";
import { expressions } from "../expressions.ts";
import {
  type GradientContext,
  type GradientRule,
  inputName,
  inputType,
  outputGradient,
  refuse,
} from "../gradient_rule.ts";

/**
 * Back through a Gather along `axis` of a table that has `rows` there.
 *
 * @param dy Gradient of what was gathered: the indices' dimensions stand in the place of the axis.
 */
export function gatherBack(
  context: GradientContext,
  dy: string,
  axis: number,
  indices: string,
  rows: number,
): string {
  const { builder } = context, e = expressions(builder);
  const indexRank = e.shapeOf(indices).length, count = elementCount(e.shapeOf(indices));
  const rank = e.shapeOf(dy).length;
  // The gathered dimensions come first, then they are summed over, then the table's axis goes back to its place.
  const gathered = Array.from({ length: indexRank }, (_, i) => axis + i);
  const others = Array.from({ length: rank }, (_, i) => i).filter((i) => !gathered.includes(i));
  const front = axis === 0 ? dy : e.transpose(dy, [...gathered, ...others]);
  const rest = others.map((i) => e.shapeOf(dy)[i] ?? 1), width = elementCount(rest);
  const flat = e.reshape(front, [count, width]), list = e.reshape(indices, [count]);
  const [summed = ""] = builder.extended
    ? builder.addOwn("EmbeddingGradient", [list, flat], { rows })
    : [builder.add("MatMul", [e.oneHot(list, rows, 0), flat])];
  const table = e.reshape(summed, [rows, ...rest]);
  const back = Array.from({ length: rest.length + 1 }, (_, i) => i < axis ? i + 1 : i === axis ? 0 : i);
  return axis === 0 ? table : e.transpose(table, back);
}

/** A node's axis, counted from the front of its first input. */
function axisOf(context: GradientContext, fallback: number): number {
  const given = intAttribute(context.node, "axis", fallback);
  return given < 0 ? given + inputType(context, 0).shape.length : given;
}

const gather: GradientRule = (context) => {
  const axis = axisOf(context, 0), rows = inputType(context, 0).shape[axis] ?? 0;
  return [gatherBack(context, outputGradient(context), axis, inputName(context, 1), rows)];
};

const gatherElements: GradientRule = (context) => {
  const { builder } = context, e = expressions(builder), { shape } = inputType(context, 0);
  const indices = inputName(context, 1), axis = axisOf(context, 0), picked = e.shapeOf(indices);
  const dy = e.reshape(outputGradient(context), [...picked.slice(0, axis), 1, ...picked.slice(axis)]);
  const summed = e.sum(e.mul(e.oneHot(indices, shape[axis] ?? 0, axis), dy), [axis + 1], false);
  return [String(e.shapeOf(summed)) === String(shape) ? summed : padTo(summed)];

  /** Indices may cover only the beginning of the other dimensions. */
  function padTo(x: string): string {
    const missing = shape.map((size, i) => size - (e.shapeOf(x)[i] ?? 0));
    return builder.add("Pad", [x, builder.ints([...shape.map(() => 0), ...missing])]);
  }
};

/** As a Gather from the table whose rows are all that tuples of indices can name. */
const gatherND: GradientRule = (context) => {
  const { builder, node } = context, e = expressions(builder), { shape } = inputType(context, 0);
  const indices = inputName(context, 1), picked = e.shapeOf(indices);
  const batch = intAttribute(node, "batch_dims", 0), depth = picked.at(-1) ?? 0;
  const named = shape.slice(0, batch + depth), rest = shape.slice(batch + depth);
  const int64 = builder.type(indices).dtype === "int64" ? indices : builder.add("Cast", [indices], { to: 7 });
  const sizes = builder.ints(named.slice(batch)), strides = builder.ints(stridesOf(named).slice(batch));
  const negative = builder.add("Less", [int64, builder.ints([0])]);
  const counted = builder.add("Where", [negative, builder.add("Add", [int64, sizes]), int64]);
  const row = e.sum(builder.add("Mul", [counted, strides]), [picked.length - 1], false);
  const places = picked.slice(0, -1), dy = e.reshape(outputGradient(context), [...places, ...rest]);
  return [e.reshape(gatherBack(context, dy, 0, builder.add("Add", [row, batchStarts()]), rowCount()), shape)];

  function rowCount(): number {
    return elementCount(named);
  }

  /** The row at which the table of each batch begins: int64 [...batch, 1, ...]. */
  function batchStarts(): string {
    const batches = named.slice(0, batch), each = elementCount(named.slice(batch));
    const starts = Array.from({ length: elementCount(batches) }, (_, i) => i * each);
    return e.reshape(builder.ints(starts), [...batches, ...places.slice(batch).map(() => 1)]);
  }
};

/** Elements between neighbours along each axis. */
function stridesOf(shape: readonly number[]): readonly number[] {
  return shape.map((_, i) => elementCount(shape.slice(i + 1)));
}

/**
 * What is overwritten has no gradient, and each update has that of the place where it went. Indices that name a place twice
 * give the gradient to both, as PyTorch does.
 */
function scatter(write: string, read: string): GradientRule {
  return (context) => {
    const { builder, node, needs } = context, e = expressions(builder), dy = outputGradient(context);
    const reduction = stringAttribute(node, "reduction", "none"), indices = inputName(context, 1);
    if (reduction !== "none" && reduction !== "add") {
      throw refuse(node, `reduction "${reduction}" is not supported`);
    }
    const axis = write === "ScatterND" ? {} : { axis: axisOf(context, 0) };
    const cleared = () => builder.add(write, [dy, indices, e.zeros(inputType(context, 2).shape)], axis);
    return [
      needs[0] ? reduction === "add" ? dy : cleared() : undefined,
      undefined,
      needs[2] ? builder.add(read, [dy, indices], axis) : undefined,
    ];
  };
}

/** The taken elements have their gradients, the others have none. No place is taken twice. */
const topK: GradientRule = (context) => {
  const { builder, node } = context, e = expressions(builder), axis = axisOf(context, -1);
  const taken = node.outputs[1] ?? builder.addMany("TopK", node.inputs, 2, node.attributes)[1] ?? "";
  const zeros = e.zeros(inputType(context, 0).shape);
  return [builder.add("ScatterElements", [zeros, taken, outputGradient(context)], { axis })];
};

/** Rules by operator. */
export const INDEXING: Readonly<Record<string, GradientRule>> = {
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherND,
  Scatter: scatter("ScatterElements", "GatherElements"),
  ScatterElements: scatter("ScatterElements", "GatherElements"),
  ScatterND: scatter("ScatterND", "GatherND"),
  TopK: topK,
};
