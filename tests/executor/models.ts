/**
 * Small models for tests: a perceptron, a convolutional net, a transformer language model. Weights are drawn from a seed.
 */
import { floatValue, GraphBuilder } from "../../executor/onnx/mod.ts";
import type { TypedGraph } from "../../executor/graph.ts";
import { elementCount } from "../../executor/tensor.ts";

/** Uniform numbers in (-1, 1), the same for the same seed (mulberry32). */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 31 - 1;
  };
}

/** Adds weights to a builder. */
export function weights(builder: GraphBuilder, seed: number) {
  const draw = uniform(seed);
  return (name: string, shape: readonly number[], scale: number, center = 0): string => {
    const data = Float32Array.from({ length: elementCount(shape) }, () => center + scale * draw());
    return builder.constant({ dtype: "float32", shape, data }, name);
  };
}

/** logits [batch, classes] of inputs [batch, widths[0]]. */
export function mlp(batch: number, widths: readonly number[] = [4, 8, 3]): TypedGraph {
  const builder = new GraphBuilder({ name: "mlp" });
  const weight = weights(builder, 1);
  let hidden = builder.input("x", "float32", [batch, widths[0] ?? 1]);
  widths.slice(1).forEach((width, i) => {
    const before = widths[i] ?? 1;
    hidden = builder.add("Gemm", [
      hidden,
      weight(`W${i}`, [before, width], 1 / Math.sqrt(before)),
      weight(`b${i}`, [width], 0.1),
    ]);
    if (i < widths.length - 2) hidden = builder.add(i % 2 ? "Tanh" : "Relu", [hidden]);
  });
  builder.output(hidden, "logits");
  return builder.finish();
}

/** logits [batch, 10] of images [batch, 1, 8, 8]: plain, depthwise, strided and 1x1 convolutions, both poolings. */
export function cnn(batch: number): TypedGraph {
  const builder = new GraphBuilder({ name: "cnn" });
  const weight = weights(builder, 2);
  const conv = (x: string, name: string, out: number, k: number, stride: number, pad: number, group = 1) => {
    const channels = (builder.type(x).shape[1] ?? 1) / group;
    return builder.add("Conv", [
      x,
      weight(`${name}.w`, [out, channels, k, k], 1 / Math.sqrt(channels * k * k)),
      weight(`${name}.b`, [out], 0.1),
    ], { kernel_shape: [k, k], strides: [stride, stride], pads: [pad, pad, pad, pad], group });
  };
  let hidden = builder.input("x", "float32", [batch, 1, 8, 8]);
  hidden = builder.add("Relu", [conv(hidden, "c1", 4, 3, 1, 1)]);
  hidden = builder.add("MaxPool", [hidden], { kernel_shape: [2, 2], strides: [2, 2] });
  hidden = builder.add("Sigmoid", [conv(hidden, "c2", 4, 3, 1, 1, 4)]);
  hidden = builder.add("Add", [hidden, conv(hidden, "c3", 4, 1, 1, 0)]);
  hidden = builder.add("MaxPool", [hidden], { kernel_shape: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1] });
  hidden = builder.add("Tanh", [conv(hidden, "c4", 6, 3, 2, 1)]);
  hidden = builder.add("Flatten", [
    builder.add("AveragePool", [hidden], { kernel_shape: [2, 2], strides: [1, 1] }),
  ]);
  const logits = builder.add("Gemm", [hidden, weight("fc.w", [10, 6], 0.4), weight("fc.b", [10], 0.1)], {
    transB: 1,
  });
  builder.output(logits, "logits");
  return builder.finish();
}

/** logits [batch, length, vocabulary] of token ids [batch, length]; shapes are computed as exporters write them. */
export function languageModel(batch: number, length = 5, vocabulary = 7, width = 8, heads = 2): TypedGraph {
  const builder = new GraphBuilder({ name: "language model" });
  const weight = weights(builder, 3);
  const ids = builder.input("ids", "int64", [batch, length]);
  const linear = (x: string, name: string, from: number, to: number) =>
    builder.add("Add", [
      builder.add("MatMul", [x, weight(`${name}.w`, [from, to], 1 / Math.sqrt(from))]),
      weight(`${name}.b`, [to], 0.05),
    ]);
  const norm = (x: string, name: string) =>
    builder.add("LayerNormalization", [
      x,
      weight(`${name}.g`, [width], 0.1, 1),
      weight(`${name}.b`, [width], 0.1),
    ], {
      axis: -1,
      epsilon: floatValue(1e-5),
    });
  let hidden = builder.add("Add", [
    builder.add("Gather", [weight("embedding", [vocabulary, width], 0.5), ids]),
    weight("positions", [length, width], 0.5),
  ]);
  const shape = builder.add("Shape", [hidden]);
  const size = (axis: number) =>
    builder.add("Unsqueeze", [builder.add("Gather", [shape, builder.int(axis)]), builder.ints([0])]);
  const split = builder.add("Concat", [size(0), size(1), builder.ints([heads, width / heads])], { axis: 0 });
  const joined = builder.add("Concat", [size(0), size(1), builder.ints([-1])], { axis: 0 });
  const perHead = (x: string, perm: readonly number[]) =>
    builder.add("Transpose", [builder.add("Reshape", [x, split])], { perm });
  const normed = norm(hidden, "ln1");
  const [q = "", k = "", v = ""] = builder.addMany(
    "Split",
    [linear(normed, "qkv", width, 3 * width), builder.ints([width, width, width])],
    3,
    { axis: 2 },
  );
  const mask = Float32Array.from(
    { length: length * length },
    (_, i) => i % length > Math.floor(i / length) ? -1e9 : 0,
  );
  const scores = builder.add("Add", [
    builder.add("Div", [
      builder.add("MatMul", [perHead(q, [0, 2, 1, 3]), perHead(k, [0, 2, 3, 1])]),
      builder.float(Math.sqrt(width / heads)),
    ]),
    builder.constant({ dtype: "float32", shape: [length, length], data: mask }, "mask"),
  ]);
  const mixed = builder.add("MatMul", [
    builder.add("Softmax", [scores], { axis: -1 }),
    perHead(v, [0, 2, 1, 3]),
  ]);
  const attended = builder.add("Reshape", [
    builder.add("Transpose", [mixed], { perm: [0, 2, 1, 3] }),
    joined,
  ]);
  hidden = builder.add("Add", [hidden, linear(attended, "out", width, width)]);
  const inner = linear(norm(hidden, "ln2"), "up", width, 2 * width);
  const erf = builder.add("Erf", [builder.add("Div", [inner, builder.float(Math.SQRT2)])]);
  const gelu = builder.add("Mul", [
    builder.add("Mul", [inner, builder.add("Add", [erf, builder.float(1)])]),
    builder.float(0.5),
  ]);
  hidden = builder.add("Add", [hidden, linear(gelu, "down", 2 * width, width)]);
  builder.output(
    builder.add("MatMul", [norm(hidden, "ln3"), weight("head", [width, vocabulary], 0.4)]),
    "logits",
  );
  return builder.finish();
}
