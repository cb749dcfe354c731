/**
 * Writing a node as several others: what an expansion is handed, and what it does with it.
 *
 * @module
 */
import type { TensorInfo } from "../../../../ledger/primitives/mod.ts";
import { ExecutorError } from "../../../errors.ts";
import type { Attribute, GraphNode } from "../../../graph.ts";
import { type AttributeInput, inferNode } from "../../../onnx/mod.ts";
import type { Tensor } from "../../../tensor.ts";

/** Attributes as one writes them. */
type Attributes = Readonly<Record<string, AttributeInput>>;

/** A node to be expanded, and the means to write others in its place. */
export interface Writer {
  readonly node: GraphNode;
  readonly opset: number;
  /** Type of a value, given or written. */
  type(name: string): TensorInfo;
  /** Type of an input; `undefined` where it is absent. */
  input(index: number): TensorInfo | undefined;
  /** Elements of an input that is a constant. */
  known(index: number): readonly number[] | undefined;
  /** Writes a node with one output. The output is named for the node's own if `last`. Returns its name. */
  add(operator: string, inputs: readonly string[], attributes?: Attributes, last?: "last"): string;
  constant(tensor: Tensor): string;
  floats(shape: readonly number[], values: readonly number[]): string;
  integers(values: readonly number[]): string;
}

/**
 * Writes a node as others with the same bits; false if it does not serve this form of the node, of which nothing is then
 * written.
 */
export type Expansion = (writer: Writer) => boolean;

/** A graph's values and nodes under construction. */
export interface Draft {
  readonly nodes: GraphNode[];
  readonly types: Map<string, TensorInfo>;
  readonly initializers: Map<string, Tensor>;
}

/** A writer in the place of a node. Its values are named after the node's first output, which no other node has. */
export function writerFor(node: GraphNode, opset: number, draft: Draft): Writer {
  const { nodes, types, initializers } = draft;
  const [own = ""] = node.outputs;
  let count = 0;
  const fresh = (): string => {
    let name = `${own}/${count++}`;
    while (types.has(name)) name = `${own}/${count++}`;
    return name;
  };
  const typeOf = (name: string): TensorInfo => {
    const info = types.get(name);
    if (info) return info;
    throw new ExecutorError(
      "malformed_model",
      `Nothing produces the value "${name}" that ${node.name} reads.`,
    );
  };
  const append = (
    operator: string,
    inputs: readonly string[],
    output: string,
    attributes: Attributes,
  ): void => {
    const written: GraphNode = {
      name: node.name,
      operator,
      domain: "",
      inputs,
      outputs: [output],
      attributes: Object.fromEntries(
        Object.entries(attributes).map(([name, value]) => [name, attributeOf(value)]),
      ),
    };
    const [info] = inferNode(written, opset, { types, constants: initializers }).outputs;
    if (info && !types.has(output)) types.set(output, info);
    nodes.push(written);
  };
  const constant = (tensor: Tensor): string => {
    const name = fresh();
    initializers.set(name, tensor);
    types.set(name, { dtype: tensor.dtype, shape: tensor.shape });
    return name;
  };
  return {
    node,
    opset,
    type: typeOf,
    input: (index) => {
      const name = node.inputs[index] ?? "";
      return name === "" ? undefined : typeOf(name);
    },
    known: (index) => {
      const tensor = initializers.get(node.inputs[index] ?? "");
      return tensor && Array.from<number | bigint, number>(tensor.data, Number);
    },
    add: (operator, inputs, attributes = {}, last) => {
      const name = last ? own : fresh();
      append(operator, inputs, name, attributes);
      return name;
    },
    constant,
    floats: (shape, values) => constant({ dtype: "float32", shape, data: Float32Array.from(values) }),
    integers: (values) =>
      constant({ dtype: "int64", shape: [values.length], data: BigInt64Array.from(values, BigInt) }),
  };
}

function attributeOf(value: AttributeInput): Attribute {
  if (typeof value === "number") return { type: "int", value: BigInt(value) };
  if (typeof value === "string") return { type: "string", value };
  return "type" in value ? value : { type: "ints", value: value.map(BigInt) };
}
