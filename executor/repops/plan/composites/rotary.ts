/**
 * RotaryEmbedding as the steps that it is defined by: two products and a sum for each half.
 *
 * @module
 */
import { intAttribute } from "../../reference/mod.ts";
import type { Expansion, Writer } from "./writer.ts";

/** Rows of a cache, for each position of each image, with an axis of one for the heads. */
function rowsOf(writer: Writer, cache: number, shape: readonly number[]): string {
  const name = writer.node.inputs[cache] ?? "", positions = writer.node.inputs[3] ?? "";
  const rows = positions === "" ? name : writer.add("Gather", [name, positions], { axis: 0 });
  return writer.add("Reshape", [rows, writer.integers(shape)]);
}

/** See the module. */
export const expandRotary: Expansion = (writer) => {
  const { node } = writer, x = writer.input(0);
  const [batch = 1, ...rest] = x?.shape ?? [];
  const flat = rest.length === 2;
  const heads = flat ? intAttribute(node, "num_heads", 1) : rest[0] ?? 1;
  const time = (flat ? rest[0] : rest[1]) ?? 1;
  const size = (rest.at(-1) ?? 1) / (flat ? heads : 1);
  const rotated = intAttribute(node, "rotary_embedding_dim", 0) || size, half = rotated / 2;
  if (!x || batch * time * heads * size === 0) return false;
  const interleaved = intAttribute(node, "interleaved", 0) !== 0;
  const apart = flat ? [batch, time, heads, size] : [batch, heads, time, size];
  const given = flat
    ? writer.add("Reshape", [node.inputs[0] ?? "", writer.integers(apart)])
    : node.inputs[0] ?? "";
  const slice = (value: string, from: number, to: number, axis: number, step = 1) =>
    writer.add("Slice", [value, ...[[from], [to], [axis], [step]].map((list) => writer.integers(list))]);
  const [first, second] = interleaved
    ? [slice(given, 0, rotated, 3, 2), slice(given, 1, rotated, 3, 2)]
    : [slice(given, 0, half, 3), slice(given, half, rotated, 3)];
  const placed = flat ? [batch, time, 1, half] : [batch, 1, time, half];
  const [cosines, sines] = [rowsOf(writer, 1, placed), rowsOf(writer, 2, placed)];
  const times = (a: string, b: string) => writer.add("Mul", [a, b]);
  const turned = [
    writer.add("Sub", [times(cosines, first), times(sines, second)]),
    writer.add("Add", [times(sines, first), times(cosines, second)]),
  ];
  const joined = interleaved ? interleave(turned) : turned;
  const parts = rotated < size ? [...joined, slice(given, rotated, size, 3)] : joined;
  const whole = writer.add("Concat", parts, { axis: 3 }, flat ? undefined : "last");
  if (flat) writer.add("Reshape", [whole, writer.integers(x.shape)], {}, "last");
  return true;

  /** Pairs beside each other again. */
  function interleave(values: readonly string[]): readonly string[] {
    const pairs = values.map((value) =>
      writer.add("Reshape", [value, writer.integers([...apart.slice(0, 3), half, 1])])
    );
    const paired = writer.add("Concat", pairs, { axis: 4 });
    return [writer.add("Reshape", [paired, writer.integers([...apart.slice(0, 3), rotated])])];
  }
};
