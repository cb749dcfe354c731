/**
 * Running a graph node by node on the reference, and comparing bits.
 *
 * @module
 */
import type { Tensors } from "../../../executor/engine.ts";
import type { TypedGraph } from "../../../executor/graph.ts";
import type { Precision } from "../../../executor/repops/numbers/mod.ts";
import { evaluateNode } from "../../../executor/repops/reference/mod.ts";
import { admit, type CanonicalTensor, release } from "../../../executor/repops/values.ts";
import { type Tensor, tensorBytes } from "../../../executor/tensor.ts";

/** Every value of the graph, by the reference. */
export function runReference(
  graph: TypedGraph,
  inputs: Tensors,
  precision: Precision,
): Record<string, Tensor> {
  const values = new Map<string, CanonicalTensor>();
  for (const [name, tensor] of [...Object.entries(inputs), ...graph.initializers]) {
    values.set(name, admit(tensor));
  }
  for (const node of graph.nodes) {
    const outputs = node.outputs.map((name) =>
      graph.types.get(name) ?? { dtype: "float32" as const, shape: [0] }
    );
    const results = evaluateNode({
      node,
      opset: graph.opset,
      precision,
      inputs: node.inputs.map((name) => values.get(name)),
      outputs,
    });
    node.outputs.forEach((name, i) => {
      const result = results[i];
      if (name !== "" && result) values.set(name, result);
    });
  }
  return Object.fromEntries([...values].map(([name, value]) => [name, release(value)]));
}

/** Where two tensors differ first; `undefined` if in nothing, to the bit. */
export function firstDifference(a: Tensor, b: Tensor): string | undefined {
  if (a.dtype !== b.dtype || a.shape.join() !== b.shape.join()) {
    return `${a.dtype} [${a.shape}] is not ${b.dtype} [${b.shape}]`;
  }
  const [x, y] = [tensorBytes(a), tensorBytes(b)];
  const byte = x.findIndex((value, i) => value !== y[i]);
  if (byte < 0) return undefined;
  const element = Math.floor(byte / a.data.BYTES_PER_ELEMENT);
  return `element ${element} of ${a.data.length}: ${a.data[element]} is not ${b.data[element]}`;
}
