/**
 * Einsum as a product of matrices, or as a sum: the labels that are summed keep the order in which they first occur, and so the
 * terms keep theirs.
 *
 * @module
 */
import { parseEinsum } from "../../../onnx/mod.ts";
import { extent, stringAttribute } from "../../reference/mod.ts";
import type { Expansion, Writer } from "./writer.ts";

type Labels = readonly string[];

/** An operand: its name, its labels, and the size of each. */
interface Operand {
  readonly name: string;
  readonly labels: Labels;
  readonly sizes: ReadonlyMap<string, number>;
}

/** Writes the operand with its axes in another order, joined into groups. */
function grouped(writer: Writer, { name, labels, sizes }: Operand, groups: readonly Labels[]): string {
  const sizeOf = (label: string) => sizes.get(label) ?? 1;
  const order = groups.flat().map((label) => labels.indexOf(label));
  const isInOrder = order.every((axis, i) => axis === i);
  const turned = isInOrder ? name : writer.add("Transpose", [name], { perm: order });
  const shape = groups.map((group) => extent(group.map(sizeOf)));
  return writer.add("Reshape", [turned, writer.integers(shape)]);
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

function sumOf(writer: Writer, operand: Operand, wanted: Labels): boolean {
  const summed = operand.labels.filter((label) => !wanted.includes(label));
  const matrix = grouped(writer, operand, [wanted, summed]);
  const sum = writer.opset >= 13
    ? writer.add("ReduceSum", [matrix, writer.integers([1])], { keepdims: 0 })
    : writer.add("ReduceSum", [matrix], { axes: [1], keepdims: 0 });
  finish(writer, sum, wanted, wanted);
  return true;
}

function productOf(writer: Writer, a: Operand, b: Operand, wanted: Labels): boolean {
  const shared = a.labels.filter((label) => b.labels.includes(label));
  const batch = shared.filter((label) => wanted.includes(label));
  const summed = shared.filter((label) => !wanted.includes(label));
  const rows = a.labels.filter((label) => !shared.includes(label));
  const columns = b.labels.filter((label) => !shared.includes(label));
  // What one operand alone has and the result has not is summed together with the other's terms.
  if ([...rows, ...columns].some((label) => !wanted.includes(label))) return false;
  if (shared.some((label) => a.sizes.get(label) !== b.sizes.get(label))) return false;
  const product = writer.add("MatMul", [
    grouped(writer, a, [batch, rows, summed]),
    grouped(writer, b, [batch, summed, columns]),
  ]);
  finish(writer, product, [...batch, ...rows, ...columns], wanted);
  return true;
}

/** See the module. */
export const expandEinsum: Expansion = (writer) => {
  const { node, opset } = writer;
  const shapes = node.inputs.map((_, i) => writer.input(i)?.shape ?? []);
  const context = { node, opset, optional: writer.input, constant: () => undefined };
  const { inputs, output } = parseEinsum(context, stringAttribute(node, "equation", ""), shapes);
  const isPlain = [...inputs, output].every((labels) => new Set(labels).size === labels.length);
  if (!isPlain || shapes.some((shape) => extent(shape) === 0)) return false;
  const operands = inputs.map((labels, i): Operand => ({
    name: node.inputs[i] ?? "",
    labels,
    sizes: new Map(labels.map((label, axis) => [label, shapes[i]?.[axis] ?? 1])),
  }));
  const [a, b] = operands;
  if (!a) return false;
  return b ? productOf(writer, a, b, output) : sumOf(writer, a, output);
};
