/**
 * How the elements of a node are summed, as its descriptor says it: so that a dispute about one can be taken apart.
 *
 * @module
 */
import type { SumShape, TensorInfo } from "../../ledger/primitives/mod.ts";
import { ExecutorError } from "../errors.ts";
import type { GraphNode, TypedGraph } from "../graph.ts";
import { type Precision, sumStructure } from "../repops/mod.ts";
import type { Tensor } from "../tensor.ts";

/** Engines that compute parts of a sum alone, and their precision; the order of sums is the same in both. */
const PRECISIONS: ReadonlyMap<string, Precision> = new Map<string, Precision>([
  ["repops", "high"],
  ["repops-highest", "highest"],
]);

/** What a node may lack that a sum's shape would follow from. */
const UNKNOWN: ReadonlySet<string> = new Set(["unsupported_operator", "missing_chunk"]);

function infoOf({ types, initializers }: TypedGraph, name: string): TensorInfo | undefined {
  const found = types.get(name) ?? initializers.get(name);
  return found && { dtype: found.dtype, shape: found.shape };
}

/**
 * The shape of a node's sums; null if its elements are none, if the engine computes whole nodes only, or if the values of an input that is no constant
 * decide it.
 */
export function sumOfNode(engine: string, graph: TypedGraph, node: GraphNode): SumShape | null {
  const precision = PRECISIONS.get(engine);
  if (precision === undefined) return null;
  const known = new Map(node.inputs.flatMap((name, i): [number, Tensor][] => {
    const tensor = graph.initializers.get(name);
    return tensor === undefined ? [] : [[i, tensor]];
  }));
  const types = {
    node,
    opset: graph.opset,
    precision,
    inputs: node.inputs.map((name) => infoOf(graph, name)),
    outputs: node.outputs.flatMap((name) => infoOf(graph, name) ?? []),
  };
  try {
    const structure = sumStructure(types, known);
    if (structure === undefined) return null;
    const { terms, blockTerms, groupBlocks } = structure;
    return { terms, blockTerms, groupBlocks };
  } catch (thrown) {
    if (thrown instanceof ExecutorError && UNKNOWN.has(thrown.code)) return null;
    throw thrown;
  }
}
