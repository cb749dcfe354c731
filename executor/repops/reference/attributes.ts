/**
 * Reading a node's attributes.
 *
 * @module
 */
import type { GraphNode } from "../../graph.ts";

/** An integer attribute. */
export function intAttribute(node: GraphNode, name: string, otherwise: number): number {
  const attribute = node.attributes[name];
  return attribute?.type === "int" ? Number(attribute.value) : otherwise;
}

/** A binary32 attribute. */
export function floatAttribute(node: GraphNode, name: string, otherwise: number): number {
  const attribute = node.attributes[name];
  return Math.fround(attribute?.type === "float" ? attribute.value : otherwise);
}

/** A string attribute. */
export function stringAttribute(node: GraphNode, name: string, otherwise: string): string {
  const attribute = node.attributes[name];
  return attribute?.type === "string" ? attribute.value : otherwise;
}

/** A list of integers; `undefined` if absent. */
export function intsAttribute(node: GraphNode, name: string): readonly number[] | undefined {
  const attribute = node.attributes[name];
  return attribute?.type === "ints" ? attribute.value.map(Number) : undefined;
}

/** A list of binary32 values; `undefined` if absent. */
export function floatsAttribute(node: GraphNode, name: string): readonly number[] | undefined {
  const attribute = node.attributes[name];
  return attribute?.type === "floats" ? attribute.value.map(Math.fround) : undefined;
}
