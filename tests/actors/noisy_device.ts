/**
 * Stands in for a GPU: another engine, node by node, with errors added to what comes out, in parts of their bound.
 *
 * @module
 */
import type { Engine, Session } from "../../executor/engine.ts";
import type { GraphNode, TypedGraph } from "../../executor/graph.ts";
import { boundOf, type Tensor } from "../../executor/mod.ts";
import { present } from "../ledger/disputes/play.ts";

/** How far off a node's outputs are, in parts of their bound. */
export type Noise = (node: GraphNode) => number;

function alone(graph: TypedGraph, node: GraphNode): TypedGraph {
  const declare = (name: string) => {
    const { dtype, shape } = present(graph.types.get(name));
    return { name, dtype, shape };
  };
  const names = [...new Set(node.inputs.filter((name) => name !== ""))];
  return {
    ...graph,
    nodes: [node],
    inputs: names.filter((name) => !graph.initializers.has(name)).map(declare),
    outputs: node.outputs.map(declare),
    initializers: new Map([...graph.initializers].filter(([name]) => names.includes(name))),
  };
}

function disturbed(tensor: Tensor, bound: "exact" | Float64Array, parts: number): Tensor {
  if (bound === "exact" || parts === 0) return tensor;
  const data = Float32Array.from(
    tensor.data as Float32Array,
    (value, i) => value + (i % 2 ? 1 : -1) * parts * present(bound[i]),
  );
  return { ...tensor, data };
}

/** An engine whose nodes each add their noise to what they compute from what came before. */
export function noisyDevice(plain: Engine, noise: Noise): Engine {
  return {
    ...plain,
    async load(graph): Promise<Session> {
      const sessions = await Promise.all(graph.nodes.map((node) => plain.load(alone(graph, node))));
      return {
        async run(given) {
          const values: Record<string, Tensor> = { ...Object.fromEntries(graph.initializers), ...given };
          for (const [i, node] of graph.nodes.entries()) {
            const inputs = node.inputs.map((name) => values[name]);
            const feeds = Object.fromEntries(
              node.inputs.filter((name) => name !== "" && !graph.initializers.has(name))
                .map((name) => [name, present(values[name])]),
            );
            const computed = await present(sessions[i]).run(feeds);
            const outputs = node.outputs.map((name) => present(computed[name]));
            const bounds = boundOf({ node, opset: graph.opset, inputs, outputs });
            node.outputs.forEach((name, k) => {
              values[name] = disturbed(present(outputs[k]), present(bounds[k]), noise(node));
            });
          }
          return Object.fromEntries(graph.outputs.map(({ name }) => [name, present(values[name])]));
        },
        async close() {
          for (const session of sessions) await session.close();
        },
      };
    },
    close: () => Promise.resolve(),
  };
}
