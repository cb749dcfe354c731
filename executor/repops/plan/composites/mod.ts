/**
 * Nodes that are others in a row, by their definitions in SPEC 6: written so, they run on the kernels that those have, on every
 * backend, and have the same bits.
 *
 * Read `writer.ts`, then any family.
 *
 * @module
 */
import type { GraphNode, TypedGraph } from "../../../graph.ts";
import { requireSupported } from "../../reference/mod.ts";
import { activationExpansions } from "./activations.ts";
import { convolutionExpansions } from "./convolution_3d.ts";
import { expandEinsum } from "./einsum.ts";
import { indexingExpansions } from "./indexing.ts";
import { lossExpansions } from "./losses.ts";
import { movementExpansions } from "./movement.ts";
import { quantizationExpansions } from "./quantization.ts";
import { reductionExpansions } from "./reductions.ts";
import { expandResize } from "./resize.ts";
import { expandRotary } from "./rotary.ts";
import { type Draft, type Expansion, writerFor } from "./writer.ts";

const expansions: Readonly<Record<string, Expansion>> = {
  Einsum: expandEinsum,
  RotaryEmbedding: expandRotary,
  Resize: expandResize,
  ...reductionExpansions,
  ...movementExpansions,
  ...activationExpansions,
  ...indexingExpansions,
  ...lossExpansions,
  ...quantizationExpansions,
  ...convolutionExpansions,
};

/** Operators that are written as others, in all or some of their forms. */
export function compositeOperators(): readonly string[] {
  return Object.keys(expansions).sort();
}

/**
 * The graph with such nodes written out. Every value of the given graph is there under its name.
 *
 * @param native Operators that the backend has kernels for in every form: they stay.
 * @throws {ExecutorError} `unsupported_operator` for a node that the engine refuses, as it stands in the given graph.
 */
export function expandComposites(graph: TypedGraph, native: ReadonlySet<string>): TypedGraph {
  const expansionOf = ({ domain, operator }: GraphNode) =>
    domain === "" && Object.hasOwn(expansions, operator) && !native.has(operator)
      ? expansions[operator]
      : undefined;
  if (!graph.nodes.some(expansionOf)) return graph;
  const draft: Draft = {
    nodes: [],
    types: new Map(graph.types),
    initializers: new Map(graph.initializers),
  };
  for (const node of graph.nodes) {
    const expansion = expansionOf(node);
    const isTyped = [...node.inputs, ...node.outputs].every((name) => name === "" || draft.types.has(name));
    if (!expansion || !isTyped) {
      draft.nodes.push(node);
      continue;
    }
    const info = (name: string) => name === "" ? undefined : draft.types.get(name);
    const present = (names: readonly string[]) => names.flatMap((name) => info(name) ?? []);
    requireSupported({
      node,
      opset: graph.opset,
      inputs: node.inputs.map(info),
      outputs: present(node.outputs),
    });
    if (!expansion(writerFor(node, graph.opset, draft))) draft.nodes.push(node);
  }
  return { ...graph, ...draft };
}
