/**
 * Brings the nodes of an older model into the forms of operator set 11, so that everything else knows only those.
 *
 * @module
 */
import { ExecutorError } from "../errors.ts";
import type { GraphNode, ValueInfo } from "../graph.ts";
import type { Tensor } from "../tensor.ts";
import { OLDER_FORMS, type UpgradeContext } from "./older_forms.ts";

/** The operator set whose forms the rest of the executor reads; newer ones it tells apart itself. */
export const BASE_OPSET = 11;

/** The values of a model that are there before any node runs. */
export interface GivenValues {
  readonly inputs: readonly ValueInfo[];
  readonly initializers: Map<string, Tensor>;
}

/**
 * The nodes as operator set 11 has them. Nodes of a model of that or a newer set stay as they are; what was an attribute and
 * is an input now is added to the initializers.
 *
 * @throws {ExecutorError} `unsupported_operator` for a node whose old form cannot be said today, naming it.
 */
export function upgradeNodes(
  nodes: readonly GraphNode[],
  opset: number,
  { inputs, initializers }: GivenValues,
): readonly GraphNode[] {
  if (opset >= BASE_OPSET) return nodes;
  const taken = new Set([...inputs.map(({ name }) => name), ...initializers.keys()]);
  for (const node of nodes) for (const name of node.outputs) taken.add(name);
  const ranks = new Map(inputs.map(({ name, shape }) => [name, shape.length]));
  let count = 0;
  const newName = (): string => {
    for (;;) {
      const name = `upgraded.${count++}`;
      if (taken.has(name)) continue;
      taken.add(name);
      return name;
    }
  };
  const context: UpgradeContext = {
    opset,
    name: newName,
    constant: (tensor) => {
      const name = newName();
      initializers.set(name, tensor);
      return name;
    },
    rank: (value) => initializers.get(value)?.shape.length ?? ranks.get(value),
  };
  return nodes.flatMap((node) => node.domain === "" ? upgradeNode(node, context) : [node]);
}

function upgradeNode(node: GraphNode, context: UpgradeContext): readonly GraphNode[] {
  const form = OLDER_FORMS.get(node.operator);
  // An operator that no rule knows is refused by name where shapes are inferred.
  if (form === undefined || context.opset >= form.since) return [node];
  const upgraded = form.upgrade?.(node, context);
  if (upgraded !== undefined) return upgraded;
  throw new ExecutorError(
    "unsupported_operator",
    `The node "${node.name}" uses ${node.operator} as operator set ${context.opset} had it: export the model with operator set ` +
      `${BASE_OPSET} or newer.`,
    { node: node.name, operator: node.operator },
  );
}
