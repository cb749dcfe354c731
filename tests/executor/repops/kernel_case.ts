/**
 * What a case of an operator is, how it is written down, and the graph that it stands for.
 *
 * @module
 */
import { type AttributeInputs, GraphBuilder } from "../../../executor/onnx/mod.ts";
import type { TypedGraph } from "../../../executor/graph.ts";
import type { Tensor } from "../../../executor/tensor.ts";
import { type FloatKind, floats, integers } from "./random_values.ts";

export const KINDS: readonly FloatKind[] = ["near", "wide", "bits", "cancel"];

/** An input of a case: a float tensor of this shape, or a tensor as it is, either as a graph input or as a constant. */
export type Given = readonly number[] | { readonly tensor: Tensor; readonly constant?: boolean } | undefined;

export interface Case {
  readonly operator: string;
  readonly inputs: readonly Given[];
  readonly attributes?: AttributeInputs;
  readonly outputs?: number;
  readonly opset?: number;
  /** Whether the operator is of our own domain. */
  readonly own?: true;
  /** Set if no kernel serves this form. */
  readonly reference?: true;
}

export const constants = (...values: readonly number[]): Given => ({
  tensor: { dtype: "int64", shape: [values.length], data: BigInt64Array.from(values, BigInt) },
  constant: true,
});

export const scalar = (value: number): Given => ({
  tensor: { dtype: "float32", shape: [], data: Float32Array.of(value) },
  constant: true,
});

export const whole = (value: number): Given => ({
  tensor: { dtype: "int64", shape: [], data: BigInt64Array.of(BigInt(value)) },
  constant: true,
});

export const one = (shape: readonly number[], ...operators: readonly string[]): readonly Case[] =>
  operators.map((operator) => ({ operator, inputs: [shape] }));

export const two = (
  a: readonly number[],
  b: readonly number[],
  ...operators: readonly string[]
): readonly Case[] => operators.map((operator) => ({ operator, inputs: [a, b] }));

export const words = (shape: readonly number[], seed: number): Given => ({
  tensor: integers("int32", shape, seed, -9, 9),
});
export const truths = (shape: readonly number[], seed: number): Given => ({
  tensor: integers("bool", shape, seed, 0, 1),
});
export const places = (shape: readonly number[], seed: number, size: number): Given => ({
  tensor: integers("int64", shape, seed, -size, size - 1),
});

/** Builds the graph of a case, with its inputs of one kind. */
export function build(
  each: Case,
  kind: FloatKind,
  seed: number,
): { readonly graph: TypedGraph; readonly tensors: Record<string, Tensor> } {
  const builder = new GraphBuilder({ opset: each.opset ?? 17, extended: true });
  const tensors: Record<string, Tensor> = {};
  const names = each.inputs.map((given, i) => {
    if (given === undefined) return "";
    if ("tensor" in given && given.constant) return builder.constant(given.tensor, `c${i}`);
    const tensor = "tensor" in given ? given.tensor : floats(given, seed * 31 + i, kind);
    tensors[`x${i}`] = tensor;
    return builder.input(`x${i}`, tensor.dtype, tensor.shape);
  });
  const { operator, outputs: count = 1, attributes = {} } = each;
  const outputs = each.own
    ? builder.addOwn(operator, names, attributes, count)
    : builder.addMany(operator, names, count, attributes);
  outputs.forEach((name, i) => builder.output(name, `y${i}`));
  return { graph: builder.finish(), tensors };
}

/** A case in words. */
export const title = ({ operator, inputs, attributes }: Case): string =>
  `${operator} ${
    JSON.stringify(inputs.map((given) => given && ("tensor" in given ? given.tensor.shape : given)))
  } ${JSON.stringify(attributes ?? {}, (_, value) => (typeof value === "bigint" ? Number(value) : value))}`;
