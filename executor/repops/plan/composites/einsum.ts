/**
 * Einsum as a product of matrices, or as a sum: the labels that are summed keep the order in which they first occur, and so the
 * terms keep theirs.
 *
 * @module
 */
import { parseEinsum } from "../../../onnx/mod.ts";
import { extent, stridesOf, stringAttribute } from "../../reference/mod.ts";
import type { Expansion, Writer } from "./writer.ts";

type Labels = readonly string[];

/** An operand: its name, and its labels, each of which it has once. */
interface Operand {
  readonly name: string;
  readonly labels: Labels;
}

/** Largest size of each label in any operand: where an operand has 1, it is repeated. */
type Sizes = ReadonlyMap<string, number>;

/** Longest table of places on a diagonal. */
const TABLE_LIMIT = 2 ** 22;

/** Writes the operand with its axes in another order, joined into groups. Labels that it lacks, or has with size 1, are repeated. */
function grouped(writer: Writer, sizes: Sizes, operand: Operand, groups: readonly Labels[]): string {
  const { name, labels } = operand, { shape } = writer.type(name);
  const sizeOf = (label: string) => sizes.get(label) ?? 1;
  const all = groups.flat(), own = all.filter((label) => labels.includes(label));
  const order = own.map((label) => labels.indexOf(label));
  const isInOrder = order.every((axis, i) => axis === i);
  let value = isInOrder ? name : writer.add("Transpose", [name], { perm: order });
  const given = all.map((label) => labels.includes(label) ? shape[labels.indexOf(label)] ?? 1 : 1);
  if (all.some((label, i) => given[i] !== sizeOf(label))) {
    const apart = writer.add("Reshape", [value, writer.integers(given)]);
    value = writer.add("Expand", [apart, writer.integers(all.map(sizeOf))]);
  }
  return writer.add("Reshape", [value, writer.integers(groups.map((group) => extent(group.map(sizeOf))))]);
}

/** Writes the result: axes apart again, and in the order that the equation asks for. */
function finish(writer: Writer, value: string, labels: Labels, wanted: Labels): void {
  const shape = writer.type(writer.node.outputs[0] ?? "").shape;
  const sizeOf = (label: string) => shape[wanted.indexOf(label)] ?? 1;
  const isInOrder = labels.every((label, i) => label === wanted[i]);
  const apart = writer.add(
    "Reshape",
    [value, writer.integers(labels.map(sizeOf))],
    {},
    isInOrder ? "last" : undefined,
  );
  if (!isInOrder) {
    writer.add("Transpose", [apart], { perm: wanted.map((label) => labels.indexOf(label)) }, "last");
  }
}

function sumOf(writer: Writer, sizes: Sizes, operand: Operand, wanted: Labels): void {
  const summed = operand.labels.filter((label) => !wanted.includes(label));
  const matrix = grouped(writer, sizes, operand, [wanted, summed]);
  const sum = writer.opset >= 13
    ? writer.add("ReduceSum", [matrix, writer.integers([1])], { keepdims: 0 })
    : writer.add("ReduceSum", [matrix], { axes: [1], keepdims: 0 });
  finish(writer, sum, wanted, wanted);
}

/** What one operand alone has and the result has not is summed together with the other's terms: the other repeats its elements. */
function productOf(writer: Writer, sizes: Sizes, [a, b]: readonly [Operand, Operand], wanted: Labels): void {
  const all = [...new Set([...a.labels, ...b.labels])];
  const summed = all.filter((label) => !wanted.includes(label));
  const batch = a.labels.filter((label) => wanted.includes(label) && b.labels.includes(label));
  const rows = a.labels.filter((label) => wanted.includes(label) && !b.labels.includes(label));
  const columns = b.labels.filter((label) => wanted.includes(label) && !a.labels.includes(label));
  const product = writer.add("MatMul", [
    grouped(writer, sizes, a, [batch, rows, summed]),
    grouped(writer, sizes, b, [batch, summed, columns]),
  ]);
  finish(writer, product, [...batch, ...rows, ...columns], wanted);
}

/** An operand without the labels that it has more than once: the elements on their diagonal, along the first axis of each. */
function diagonal(writer: Writer, name: string, labels: Labels): Operand {
  const { shape } = writer.type(name), strides = stridesOf(shape), unique = [...new Set(labels)];
  if (unique.length === labels.length) return { name, labels };
  const axesOf = (label: string) => labels.flatMap((each, axis) => each === label ? [axis] : []);
  const sizes = unique.map((label) => Math.max(...axesOf(label).map((axis) => shape[axis] ?? 1)));
  // An axis of size 1 is repeated: it adds nothing to a position.
  const steps = unique.map((label) =>
    axesOf(label).reduce((sum, axis) => sum + (shape[axis] === 1 ? 0 : strides[axis] ?? 1), 0)
  );
  const units = stridesOf(sizes);
  const places = Array.from({ length: extent(sizes) }, (_, index) =>
    sizes.reduce(
      (at, size, axis) => at + (Math.floor(index / (units[axis] ?? 1)) % size) * (steps[axis] ?? 0),
      0,
    ));
  const flat = writer.add("Reshape", [name, writer.integers([-1])]);
  const taken = writer.add("Gather", [flat, writer.integers(places)]);
  return { name: writer.add("Reshape", [taken, writer.integers(sizes)]), labels: unique };
}

/** See the module. */
export const expandEinsum: Expansion = (writer) => {
  const { node, opset } = writer;
  const shapes = node.inputs.map((_, i) => writer.input(i)?.shape ?? []);
  const context = { node, opset, optional: writer.input, constant: () => undefined };
  const { inputs, output } = parseEinsum(context, stringAttribute(node, "equation", ""), shapes);
  const isLarge = inputs.some((labels, i) =>
    new Set(labels).size < labels.length && extent(shapes[i] ?? []) > TABLE_LIMIT
  );
  if (new Set(output).size < output.length || shapes.some((shape) => extent(shape) === 0) || isLarge) {
    return false;
  }
  const sizes = new Map<string, number>();
  inputs.forEach((labels, i) =>
    labels.forEach((label, axis) => sizes.set(label, Math.max(sizes.get(label) ?? 1, shapes[i]?.[axis] ?? 1)))
  );
  const [a, b] = inputs.map((labels, i) => diagonal(writer, node.inputs[i] ?? "", labels));
  if (a && b) productOf(writer, sizes, [a, b], output);
  else if (a) sumOf(writer, sizes, a, output);
  return true;
};
