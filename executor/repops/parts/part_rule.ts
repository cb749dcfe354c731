/**
 * How an operator's rule is written: from a part of its output to pieces.
 *
 * @module
 */
import type { TensorInfo } from "../../../ledger/primitives/mod.ts";
import type { Attribute } from "../../graph.ts";
import type { KnownInputs, NodeTypes } from "../access/mod.ts";
import type { Piece } from "./piece.ts";

/** Elements `start` to `end` of a node's first output, and the inputs whose values are known. */
export interface Part {
  readonly types: NodeTypes;
  /** Types of the first input and of the output. */
  readonly x: TensorInfo;
  readonly output: TensorInfo;
  readonly start: number;
  readonly end: number;
  readonly known: KnownInputs;
}

/** What a rule says of a part. */
export type PartPlan =
  | {
    readonly kind: "pieces";
    readonly pieces: readonly Piece[];
    /** Multiplications with addition of a product. By default what the pieces read. */
    readonly multiplyAdds?: number;
  }
  /** The values of an input decide what is read: all of it is needed first. */
  | { readonly kind: "awaits"; readonly input: number; readonly multiplyAdds: number };

/** The plan of a part; `undefined` for a form that the rule does not know. */
export type PartRule = (part: Part) => PartPlan | undefined;

/** A whole number as an attribute. */
export function integer(value: number): Attribute {
  return { type: "int", value: BigInt(value) };
}

/** Whole numbers as an attribute. */
export function integers(values: readonly number[]): Attribute {
  return { type: "ints", value: values.map(BigInt) };
}
