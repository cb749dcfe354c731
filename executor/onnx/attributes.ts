/**
 * Reads a node's attributes by name, with ONNX's defaults.
 *
 * @module
 */
import { ExecutorError } from "../errors.ts";
import type { Attribute, GraphNode } from "../graph.ts";

function wrongType(node: GraphNode, name: string, expected: string): ExecutorError {
  return new ExecutorError(
    "malformed_model",
    `The attribute "${name}" of the node "${node.name}" (${node.operator}) must be ${expected}.`,
    { node: node.name, operator: node.operator },
  );
}

function find(node: GraphNode, name: string): Attribute | undefined {
  return Object.hasOwn(node.attributes, name) ? node.attributes[name] : undefined;
}

function safeInteger(node: GraphNode, name: string, value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw wrongType(node, name, "an integer below 2^53");
  return number;
}

/** An integer attribute, or `fallback` where it is left out. */
export function intAttribute<D extends number | undefined>(
  node: GraphNode,
  name: string,
  fallback: D,
): number | D {
  const attribute = find(node, name);
  if (attribute === undefined) return fallback;
  if (attribute.type !== "int") throw wrongType(node, name, "an integer");
  return safeInteger(node, name, attribute.value);
}

/** A list of integers, or `fallback` where it is left out. */
export function intsAttribute<D extends readonly number[] | undefined>(
  node: GraphNode,
  name: string,
  fallback: D,
): readonly number[] | D {
  const attribute = find(node, name);
  if (attribute === undefined) return fallback;
  if (attribute.type !== "ints") throw wrongType(node, name, "a list of integers");
  return attribute.value.map((entry) => safeInteger(node, name, entry));
}

/** A binary32 attribute, or `fallback` where it is left out. */
export function floatAttribute(node: GraphNode, name: string, fallback: number): number {
  const attribute = find(node, name);
  if (attribute === undefined) return fallback;
  if (attribute.type !== "float") throw wrongType(node, name, "a float");
  return attribute.value;
}

/** A text attribute, or `fallback` where it is left out. */
export function stringAttribute(node: GraphNode, name: string, fallback: string): string {
  const attribute = find(node, name);
  if (attribute === undefined) return fallback;
  if (attribute.type !== "string") throw wrongType(node, name, "text");
  return attribute.value;
}
