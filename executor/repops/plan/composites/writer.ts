/**
 * Writing a node as several others: what an expansion is handed, and what it does with it.
 *
 * @module
 */
import type { Dtype, TensorInfo } from "../../../../ledger/primitives/mod.ts";
import { ExecutorError } from "../../../errors.ts";
import type { Attribute, GraphNode } from "../../../graph.ts";
import { type AttributeInput, inferNode } from "../../../onnx/mod.ts";
import { type Tensor, zeros } from "../../../tensor.ts";

/** Attributes as one writes them. */
type Attributes = Readonly<Record<string, AttributeInput>>;

/** Which output of the expanded node a written one is. */
export type Result = "last" | number | undefined;

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
  /**
   * Writes a node with one output, and returns its name. The output is named for the node's own if `result`: `last` for the only
   * one or the first, else its position.
   */
  add(operator: string, inputs: readonly string[], attributes?: Attributes, result?: Result): string;
  constant(tensor: Tensor): string;
  floats(shape: readonly number[], values: readonly number[]): string;
  integers(values: readonly number[]): string;
  /** A constant of any type, element by element. */
  elements(dtype: Dtype, shape: readonly number[], element: (index: number) => number): string;
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

/** A writer in the place of a node. Its values are named after the node's first output that is there, which no other node has. */
export function writerFor(node: GraphNode, opset: number, draft: Draft): Writer {
  const { nodes, types, initializers } = draft;
  const own = node.outputs.find((name) => name !== "") ?? "";
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
    add: (operator, inputs, attributes = {}, result) => {
      const position = result === "last" ? 0 : result;
      const name = position === undefined ? fresh() : node.outputs[position] || fresh();
      append(operator, inputs, name, attributes);
      return name;
    },
    constant,
    floats: (shape, values) => constant({ dtype: "float32", shape, data: Float32Array.from(values) }),
    integers: (values) =>
      constant({ dtype: "int64", shape: [values.length], data: BigInt64Array.from(values, BigInt) }),
    elements: (dtype, shape, element) => {
      const tensor = zeros({ dtype, shape }), { data } = tensor;
      for (let i = 0; i < data.length; i++) {
        data[i] = data instanceof BigInt64Array || data instanceof BigUint64Array
          ? BigInt(element(i))
          : element(i);
      }
      return constant(tensor);
    },
  };
}

function attributeOf(value: AttributeInput): Attribute {
  if (typeof value === "number") return { type: "int", value: BigInt(value) };
  if (typeof value === "string") return { type: "string", value };
  return "type" in value ? value : { type: "ints", value: value.map(BigInt) };
}
