/**
 * Builds graphs node by node, with every type known at once.
 *
 * @module
 */
import type { Dtype, TensorInfo } from "../../ledger/primitives/mod.ts";
import { ExecutorError } from "../errors.ts";
import type { Attribute, Graph, GraphNode, TypedGraph, ValueInfo } from "../graph.ts";
import type { Tensor } from "../tensor.ts";
import { bindShapes, inferNode } from "./infer_shapes.ts";
import { ASSAY_DOMAIN } from "./rules/mod.ts";

/** An attribute as one writes it: an integer, text, a list of integers; {@link floatValue} makes a float. */
export type AttributeInput = number | string | readonly number[] | Attribute;

/** Attributes by name. */
export type AttributeInputs = Readonly<Record<string, AttributeInput>>;

/** The operator set of graphs built without a model: the newest that onnxruntime-web 1.30 and IR version 8 go with. */
export const DEFAULT_OPSET = 17;

/** A float attribute, rounded to binary32. */
export function floatValue(value: number): Attribute {
  return { type: "float", value: Math.fround(value) };
}

/** How a graph is begun. */
export interface GraphBuilderOptions {
  /** Default `graph`. */
  readonly name?: string;
  /** Default {@link DEFAULT_OPSET}. */
  readonly opset?: number;
  /** Whether nodes may be of the domain `ai.assay`, which only `repops` computes. Default false. */
  readonly extended?: boolean;
}

/** How a graph is taken into another one. */
export interface EmbedOptions {
  /** Put before the names of the graph's values and nodes. */
  readonly prefix: string;
  /**
   * By the graph's names: values of the builder that take the place of its inputs or initializers, and names for values that
   * its nodes compute.
   */
  readonly substitutes: ReadonlyMap<string, string>;
}

/**
 * A graph under construction. Values are names; names that the builder chooses are unique and depend only on the calls made.
 *
 * @example
 * ```ts
 * import { GraphBuilder } from "./graph_builder.ts";
 * const builder = new GraphBuilder();
 * const x = builder.input("x", "float32", [2, 3]);
 * builder.output(builder.add("Softmax", [x], { axis: -1 }), "probabilities");
 * const graph = builder.finish();
 * console.assert(graph.outputs[0]?.name === "probabilities");
 * ```
 */
export class GraphBuilder {
  readonly opset: number;
  /** Whether the engine that will run the graph has the operators of `ai.assay`. */
  readonly extended: boolean;
  readonly #name: string;
  readonly #nodes: GraphNode[] = [];
  readonly #inputs: ValueInfo[] = [];
  readonly #outputs: string[] = [];
  readonly #initializers = new Map<string, Tensor>();
  /** Initializers and folded integers. */
  readonly #constants = new Map<string, Tensor>();
  readonly #types = new Map<string, TensorInfo>();
  readonly #scalars = new Map<string, string>();
  #counter = 0;

  constructor(options: GraphBuilderOptions = {}) {
    this.#name = options.name ?? "graph";
    this.opset = options.opset ?? DEFAULT_OPSET;
    this.extended = options.extended ?? false;
  }

  /** A builder that starts with everything a graph has, its outputs included. */
  static extending(graph: TypedGraph, extended = false): GraphBuilder {
    const builder = new GraphBuilder({ name: graph.name, opset: graph.opset, extended });
    for (const { name, dtype, shape } of graph.inputs) builder.input(name, dtype, shape.map(Number));
    for (const [name, tensor] of graph.initializers) builder.constant(tensor, name);
    for (const node of graph.nodes) builder.#append(node);
    for (const { name } of graph.outputs) builder.output(name);
    return builder;
  }

  /** Nodes so far, in order. */
  get nodes(): readonly GraphNode[] {
    return this.#nodes;
  }

  /** Declares a graph input. Returns its name. */
  input(name: string, dtype: Dtype, shape: readonly number[]): string {
    this.#inputs.push({ name, dtype, shape });
    return this.#declare(name, { dtype, shape });
  }

  /** Adds an initializer under `name`, or under a new name. */
  constant(tensor: Tensor, name: string = this.#fresh("constant")): string {
    this.#initializers.set(name, tensor);
    this.#constants.set(name, tensor);
    return this.#declare(name, { dtype: tensor.dtype, shape: tensor.shape });
  }

  /** A float32 scalar, rounded to binary32. Equal ones share one initializer. */
  float(value: number): string {
    const rounded = Math.fround(value);
    return this.#shared(`float ${Object.is(rounded, -0) ? "-0" : rounded}`, {
      dtype: "float32",
      shape: [],
      data: Float32Array.of(rounded),
    });
  }

  /** An int64 vector. Equal ones share one initializer. */
  ints(values: readonly number[]): string {
    const data = BigInt64Array.from(values, BigInt);
    return this.#shared(`ints ${values}`, { dtype: "int64", shape: [values.length], data });
  }

  /** An int64 scalar. Equal ones share one initializer. */
  int(value: number): string {
    return this.#shared(`int ${value}`, { dtype: "int64", shape: [], data: BigInt64Array.of(BigInt(value)) });
  }

  /**
   * Adds a node with one output.
   *
   * @param output Name of its output; by default a new one.
   * @returns The name of its output.
   * @throws {ExecutorError} `bad_shape`, `unsupported_operator`, `malformed_model`.
   */
  add(
    operator: string,
    inputs: readonly string[],
    attributes: AttributeInputs = {},
    output?: string,
  ): string {
    const name = output ?? this.#fresh(operator);
    this.#append({
      name,
      operator,
      domain: "",
      inputs,
      outputs: [name],
      attributes: attributesOf(attributes),
    });
    return name;
  }

  /**
   * Adds a node of the domain `ai.assay`. Returns the names of its outputs.
   *
   * @throws {ExecutorError} `bad_request` if the graph is not {@link GraphBuilder.extended}; else as {@link GraphBuilder.add}.
   */
  addOwn(
    operator: string,
    inputs: readonly string[],
    attributes: AttributeInputs = {},
    count = 1,
  ): readonly string[] {
    if (this.extended) return this.#addMany(ASSAY_DOMAIN, operator, inputs, count, attributes);
    throw new ExecutorError(
      "bad_request",
      `The graph "${this.#name}" is for any engine, and only repops has ${ASSAY_DOMAIN}.${operator}.`,
    );
  }

  /** Adds a node with `count` outputs. Returns their names. */
  addMany(
    operator: string,
    inputs: readonly string[],
    count: number,
    attributes: AttributeInputs = {},
  ): readonly string[] {
    return this.#addMany("", operator, inputs, count, attributes);
  }

  /**
   * Takes in a whole graph: its nodes and initializers under prefixed names, its inputs replaced by values of this builder.
   *
   * @returns This builder's name for each of the graph's values.
   * @throws {ExecutorError} `bad_request` for an input without substitute or for another operator set.
   */
  embed(graph: TypedGraph, options: EmbedOptions): ReadonlyMap<string, string> {
    if (graph.opset !== this.opset) {
      throw new ExecutorError(
        "bad_request",
        `A graph of operator set ${graph.opset} cannot join one of ${this.opset}.`,
      );
    }
    const names = new Map<string, string>(options.substitutes);
    for (const { name } of graph.inputs) {
      if (!names.has(name)) {
        throw new ExecutorError("bad_request", `The graph's input "${name}" needs a substitute.`);
      }
    }
    for (const [name, tensor] of graph.initializers) {
      if (!names.has(name)) names.set(name, this.constant(tensor, options.prefix + name));
    }
    const renamed = (name: string) => name === "" ? "" : names.get(name) ?? name;
    for (const node of graph.nodes) {
      for (const name of node.outputs) {
        names.set(name, options.substitutes.get(name) ?? options.prefix + name);
      }
      this.#append({
        ...node,
        name: options.prefix + node.name,
        inputs: node.inputs.map(renamed),
        outputs: node.outputs.map(renamed),
      });
    }
    return names;
  }

  /** Makes a value a graph output, under `name` if given: then an Identity gives it that name. Returns the output's name. */
  output(value: string, name?: string): string {
    const output = name === undefined || name === value ? value : this.add("Identity", [value], {}, name);
    this.#outputs.push(output);
    return output;
  }

  /**
   * Type of a value.
   *
   * @throws {ExecutorError} `bad_request` for an unknown name.
   */
  type(name: string): TensorInfo {
    const type = this.#types.get(name);
    if (type === undefined) {
      throw new ExecutorError("bad_request", `The graph has no value "${name}".`, { value: name });
    }
    return type;
  }

  /** Value of a constant, or of integers that follow from shapes; `undefined` for what is computed. */
  known(name: string): Tensor | undefined {
    return this.#constants.get(name);
  }

  /** The graph so far, with shape arithmetic folded and without what no output needs. */
  finish(): TypedGraph {
    const graph: Graph = {
      name: this.#name,
      opset: this.opset,
      nodes: [...this.#nodes],
      inputs: [...this.#inputs],
      outputs: this.#outputs.map((name) => ({ name, ...this.type(name) })),
      initializers: new Map(this.#initializers),
    };
    return bindShapes(graph);
  }

  #addMany(
    domain: string,
    operator: string,
    inputs: readonly string[],
    count: number,
    attributes: AttributeInputs,
  ): readonly string[] {
    const name = this.#fresh(operator);
    const outputs = Array.from({ length: count }, (_, i) => `${name}.${i}`);
    this.#append({ name, operator, domain, inputs, outputs, attributes: attributesOf(attributes) });
    return outputs;
  }

  #append(node: GraphNode): void {
    const { outputs, folded } = inferNode(node, this.opset, {
      types: this.#types,
      constants: this.#constants,
    });
    node.outputs.forEach((name, i) => {
      const type = outputs[i];
      if (type !== undefined) this.#declare(name, type);
    });
    const [first] = node.outputs;
    if (folded !== undefined && first !== undefined) this.#constants.set(first, folded);
    this.#nodes.push(node);
  }

  #declare(name: string, type: TensorInfo): string {
    if (name === "" || this.#types.has(name)) {
      throw new ExecutorError(
        "bad_request",
        `The graph has a value "${name}" already: names are unique and not empty.`,
      );
    }
    this.#types.set(name, type);
    return name;
  }

  #shared(key: string, tensor: Tensor): string {
    const known = this.#scalars.get(key);
    if (known !== undefined) return known;
    const name = this.constant(tensor);
    this.#scalars.set(key, name);
    return name;
  }

  #fresh(stem: string): string {
    let name = `${stem}_${this.#counter++}`;
    while (this.#types.has(name)) name = `${stem}_${this.#counter++}`;
    return name;
  }
}

function attributesOf(inputs: AttributeInputs): Readonly<Record<string, Attribute>> {
  return Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, attributeOf(value)]));
}

function attributeOf(value: AttributeInput): Attribute {
  if (typeof value === "number") return { type: "int", value: BigInt(value) };
  if (typeof value === "string") return { type: "string", value };
  return "type" in value ? value : { type: "ints", value: value.map(BigInt) };
}
