/**
 * A step that puts out everything it computes.
 *
 * Where honest bits differ between devices, a trace cannot be computed again by somebody else: it must be committed to when the step runs, and be
 * there for whoever checks it. What a step puts out is both.
 *
 * @module
 */
import type { TypedGraph } from "../graph.ts";
import { STEP_NAMES } from "./step_graph.ts";

/** Put before the names of outputs that are not the model's. */
const INNER = "inner.";

/**
 * The graph of a map step with the output of every node among its outputs: those that it has keep name and place, the others follow in the order of
 * the nodes, as `output.inner.X`.
 */
export function exposeValues(graph: TypedGraph): TypedGraph {
  const known = new Set(graph.outputs.map(({ name }) => name));
  const inner = graph.nodes.flatMap(({ outputs }) => outputs)
    .filter((name) => name !== "" && !known.has(name));
  const names = new Map(inner.map((name) => [name, STEP_NAMES.output + INNER + name]));
  const renamed = (name: string) => names.get(name) ?? name;
  const types = new Map([...graph.types].map(([name, type]) => [renamed(name), type]));
  const exposed = inner.flatMap((name) => {
    const type = graph.types.get(name);
    return type === undefined ? [] : [{ name: renamed(name), dtype: type.dtype, shape: type.shape }];
  });
  return {
    ...graph,
    nodes: graph.nodes.map((node) => ({
      ...node,
      inputs: node.inputs.map(renamed),
      outputs: node.outputs.map(renamed),
    })),
    outputs: [...graph.outputs, ...exposed],
    types,
  };
}
