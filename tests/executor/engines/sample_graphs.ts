/** Graphs and tensors for tests of engines: many operators, weights as constants, values that reveal another order of sums. */
import { floatValue, GraphBuilder } from "../../../executor/onnx/mod.ts";
import type { TypedGraph } from "../../../executor/graph.ts";
import { elementCount, type Tensor } from "../../../executor/tensor.ts";

/** Pseudo-random float32 in about [-2, 2), of mixed magnitudes, from a linear congruential generator (Numerical Recipes). */
export function noise(shape: readonly number[], seed: number): Tensor {
  let state = seed >>> 0;
  const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const data = Float32Array.from(
    { length: elementCount(shape) },
    () => (next() - 0.5) * 4 * (next() < 0.1 ? 100 : 1),
  );
  return { dtype: "float32", shape, data };
}

/** A convolution, a pool, normalisation and two matrix products: kernels that repack weights if they can. */
export function visionGraph(): TypedGraph {
  const builder = new GraphBuilder({ name: "vision" });
  const images = builder.input("images", "float32", [4, 3, 12, 12]);
  const filters = builder.constant(noise([8, 3, 3, 3], 1), "filters");
  const convolved = builder.add("Conv", [images, filters, builder.constant(noise([8], 2))], {
    pads: [1, 1, 1, 1],
  });
  const active = builder.add("Relu", [convolved]);
  const pooled = builder.add("MaxPool", [active], { kernel_shape: [2, 2], strides: [2, 2] });
  const flat = builder.add("Reshape", [pooled, builder.ints([4, 288])]);
  const hidden = builder.add("MatMul", [flat, builder.constant(noise([288, 33], 3), "hidden.weight")]);
  const normal = builder.add(
    "LayerNormalization",
    [hidden, builder.constant(noise([33], 4)), builder.constant(noise([33], 5))],
    { axis: -1, epsilon: floatValue(1e-5) },
  );
  const curved = builder.add("Tanh", [normal]);
  const logits = builder.add("Gemm", [
    curved,
    builder.constant(noise([10, 33], 6)),
    builder.constant(noise([10], 7)),
  ], { transB: 1 });
  builder.output(builder.add("Softmax", [logits], { axis: -1 }), "probabilities");
  return builder.finish();
}

/** One head of causal attention over embedded tokens, with integers and booleans on the way. */
export function attentionGraph(): TypedGraph {
  const builder = new GraphBuilder({ name: "attention" });
  const tokens = builder.input("tokens", "int64", [2, 8]);
  const embedded = builder.add("Gather", [builder.constant(noise([16, 24], 11), "embedding"), tokens], {
    axis: 0,
  });
  const project = (seed: number) =>
    builder.add("MatMul", [embedded, builder.constant(noise([24, 24], seed))]);
  const [query, key, value] = [project(12), project(13), project(14)];
  const scores = builder.add("MatMul", [query, builder.add("Transpose", [key], { perm: [0, 2, 1] })]);
  const scaled = builder.add("Mul", [scores, builder.float(1 / Math.sqrt(24))]);
  const mask: Tensor = {
    dtype: "bool",
    shape: [8, 8],
    data: Uint8Array.from({ length: 64 }, (_, i) => i % 8 <= Math.floor(i / 8) ? 1 : 0),
  };
  const masked = builder.add("Where", [builder.constant(mask, "causal"), scaled, builder.float(-1e9)]);
  const attended = builder.add("MatMul", [builder.add("Softmax", [masked], { axis: -1 }), value]);
  const pooled = builder.add("ReduceSum", [attended, builder.ints([1])], { keepdims: 0 });
  builder.output(builder.add("Cast", [builder.add("ArgMax", [pooled], { axis: 1 })], { to: 1 }), "choice");
  builder.output(pooled, "pooled");
  return builder.finish();
}

/** The same graph with every value as an output. */
export function traced(graph: TypedGraph): TypedGraph {
  const names = graph.nodes.flatMap((node) => node.outputs).filter((name) => name !== "");
  return { ...graph, outputs: names.map((name) => ({ name, ...typeOf(graph, name) })) };
}

/** Node `index` of a graph as a graph of its own; all that it reads comes in as an input. */
export function oneNode(graph: TypedGraph, index: number): TypedGraph {
  const node = graph.nodes[index];
  if (node === undefined) throw new RangeError(`no node ${index}`);
  const declare = (name: string) => ({ name, ...typeOf(graph, name) });
  return {
    ...graph,
    nodes: [node],
    inputs: [...new Set(node.inputs)].filter((name) => name !== "").map(declare),
    outputs: node.outputs.filter((name) => name !== "").map(declare),
    initializers: new Map(),
  };
}

function typeOf(graph: TypedGraph, name: string) {
  const info = graph.types.get(name);
  if (info === undefined) throw new RangeError(`no type of ${name}`);
  return { dtype: info.dtype, shape: info.shape };
}
