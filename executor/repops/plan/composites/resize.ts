/**
 * Resize as reading by index, axis by axis: one element for `nearest`, two and their weights for `linear`.
 *
 * @module
 */
import { resizedAxes } from "../../reference/mod.ts";
import type { Expansion, Writer } from "./writer.ts";

/** Reads elements along an axis. */
function read(writer: Writer, value: string, axis: number, places: readonly number[], last?: "last"): string {
  return writer.add("Gather", [value, writer.integers(places)], { axis }, last);
}

/** See the module. */
export const expandResize: Expansion = (writer) => {
  const { node } = writer, x = writer.input(0), output = writer.type(node.outputs[0] ?? "");
  if (x?.dtype !== "float32" || [...x.shape, ...output.shape].includes(0)) return false;
  // Scales that come with the run decide what is read, and the shapes alone do not give them.
  const scales = writer.known(2), type = writer.input(2);
  if (!scales && type && !type.shape.includes(0)) return false;
  const axes = resizedAxes(node, x.shape, output.shape, scales ?? []);
  let value = node.inputs[0] ?? "";
  // The last axis is the innermost of the definition: it comes first.
  axes.toReversed().forEach(({ axis, lower, upper, fractions }, done) => {
    const last = done === axes.length - 1 ? "last" : undefined;
    if (fractions.every((t) => t === 0)) {
      value = read(writer, value, axis, lower, last);
      return;
    }
    const shape = x.shape.map((_, i) => i === axis ? fractions.length : 1);
    const weights = (of: (t: number) => number) =>
      writer.floats(shape, fractions.map((t) => Math.fround(of(t))));
    const a = writer.add("Mul", [read(writer, value, axis, lower), weights((t) => 1 - t)]);
    const b = writer.add("Mul", [read(writer, value, axis, upper), weights((t) => t)]);
    value = writer.add("Add", [a, b], {}, last);
  });
  if (axes.length === 0) writer.add("Identity", [value], {}, "last");
  return true;
};
