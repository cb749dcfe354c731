/**
 * Puts nodes in an order in which every value is produced before it is read.
 *
 * @module
 */
import { ExecutorError } from "../errors.ts";
import type { GraphNode } from "../graph.ts";

/**
 * Nodes in topological order; nodes that stand in one already keep it, so that sorting twice changes nothing.
 *
 * @param given Values that need no producer: inputs and initializers.
 * @throws {ExecutorError} `malformed_model` for a value without producer, with two, or in a circle. Linear for a graph already in order.
 */
export function topologicalOrder(
  nodes: readonly GraphNode[],
  given: ReadonlySet<string>,
): readonly GraphNode[] {
  const producer = producers(nodes, given);
  const done = new Set<GraphNode>(), entered = new Set<GraphNode>();
  const ordered: GraphNode[] = [];
  for (const start of nodes) {
    const stack = [start];
    for (let node = stack.at(-1); node !== undefined; node = stack.at(-1)) {
      const waitsFor = node.inputs.map((name) => producer.get(name)).find((found) =>
        found !== undefined && !done.has(found)
      );
      if (done.has(node) || waitsFor === undefined) {
        stack.pop();
        if (!done.has(node)) ordered.push(node);
        done.add(node);
      } else if (entered.has(waitsFor)) {
        throw new ExecutorError(
          "malformed_model",
          `The node "${waitsFor.name}" (${waitsFor.operator}) depends on its own output.`,
        );
      } else {
        entered.add(node);
        stack.push(waitsFor);
      }
    }
  }
  return ordered;
}

function producers(nodes: readonly GraphNode[], given: ReadonlySet<string>): ReadonlyMap<string, GraphNode> {
  const producer = new Map<string, GraphNode>();
  for (const node of nodes) {
    for (const name of node.outputs) {
      if (name === "") continue;
      if (given.has(name) || producer.has(name)) {
        throw new ExecutorError(
          "malformed_model",
          `The value "${name}" has two producers, one of them the node "${node.name}".`,
        );
      }
      producer.set(name, node);
    }
  }
  for (const node of nodes) {
    const orphan = node.inputs.find((name) => name !== "" && !given.has(name) && !producer.has(name));
    if (orphan !== undefined) {
      throw new ExecutorError(
        "malformed_model",
        `The node "${node.name}" (${node.operator}) reads "${orphan}", which nothing produces.`,
      );
    }
  }
  return producer;
}
