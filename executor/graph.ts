/**
 * The executor's own view of an ONNX graph: plain data, static shapes. Parsing, building, shape inference, gradients and
 * engines all meet here.
 *
 * @module
 */
import type { Tensor } from "./tensor.ts";
import type { TensorInfo } from "../ledger/primitives/mod.ts";

/** An attribute of a node. Integers are `bigint` as in ONNX; `floats` and `float` are binary32 values. */
export type Attribute =
  | { readonly type: "int"; readonly value: bigint }
  | { readonly type: "float"; readonly value: number }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "ints"; readonly value: readonly bigint[] }
  | { readonly type: "floats"; readonly value: readonly number[] }
  | { readonly type: "strings"; readonly value: readonly string[] }
  | { readonly type: "tensor"; readonly value: Tensor };

/** One operation. Inputs and outputs are value names; an absent optional one is `""`. */
export interface GraphNode {
  readonly name: string;
  readonly operator: string;
  /** `""` is the standard ONNX domain. */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** A graph input or output as declared: dimensions may be symbolic (a name) until they are bound. */
export interface ValueInfo {
  readonly name: string;
  readonly dtype: TensorInfo["dtype"];
  readonly shape: readonly (number | string)[];
}

/** A graph in topological order. Every value has one producer: an input, an initializer, or a node. */
export interface Graph {
  readonly name: string;
  /** Version of the standard operator set. */
  readonly opset: number;
  readonly nodes: readonly GraphNode[];
  /** Inputs that are not initializers. */
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly initializers: ReadonlyMap<string, Tensor>;
}

/** A graph whose every value has a known type and static shape. */
export interface TypedGraph extends Graph {
  readonly types: ReadonlyMap<string, TensorInfo>;
}
