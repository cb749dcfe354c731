/**
 * Models as people train and run them, for benchmarks and for runs of many steps: a perceptron, a convolutional net, a
 * transformer language model, a small ResNet.
 *
 * @module
 */
import type { Tensors } from "../../../executor/engine.ts";
import { appendGradients, crossEntropy } from "../../../executor/gradient/mod.ts";
import type { TypedGraph } from "../../../executor/graph.ts";
import { floatValue, GraphBuilder } from "../../../executor/onnx/mod.ts";
import { elementCount, type Tensor } from "../../../executor/tensor.ts";
import { integers, randomNumbers } from "./random_values.ts";

/** A graph to run again and again: training graphs put out `next.<input>` for each of their parameters. */
export interface Workload {
  readonly name: string;
  readonly graph: TypedGraph;
  readonly inputs: Tensors;
}

/** Draws weights and makes them graph inputs. */
interface Parameters {
  readonly builder: GraphBuilder;
  readonly names: string[];
  readonly tensors: Record<string, Tensor>;
  weight(name: string, shape: readonly number[], scale: number, centre?: number): string;
}

function parameters(name: string, seed: number): Parameters {
  const builder = new GraphBuilder({ name });
  const random = randomNumbers(seed);
  const names: string[] = [];
  const tensors: Record<string, Tensor> = {};
  return {
    builder,
    names,
    tensors,
    weight: (weight, shape, scale, centre = 0) => {
      const draw = () => centre + scale * (random() + random() + random() - 1.5) * 2;
      tensors[weight] = {
        dtype: "float32",
        shape,
        data: Float32Array.from({ length: elementCount(shape) }, draw),
      };
      names.push(weight);
      return builder.input(weight, "float32", shape);
    },
  };
}

function noise(shape: readonly number[], seed: number): Tensor {
  const random = randomNumbers(seed);
  return {
    dtype: "float32",
    shape,
    data: Float32Array.from({ length: elementCount(shape) }, () => random() * 2 - 1),
  };
}

/** Adds loss, gradients and gradient descent with momentum. */
function trained(p: Parameters, logits: string, data: Tensors, rate: number): Workload {
  const { builder } = p;
  const { shape } = builder.type(logits);
  const labels = builder.input("labels", "int64", shape.slice(0, -1));
  const loss = crossEntropy(builder, logits, labels);
  const gradients = appendGradients(builder, loss, p.names);
  const state: Record<string, Tensor> = { ...p.tensors };
  for (const name of p.names) {
    const info = builder.type(name);
    const velocity = builder.input(`${name}.v`, "float32", info.shape);
    state[`${name}.v`] = { ...info, data: new Float32Array(elementCount(info.shape)) };
    const next = builder.add("Add", [
      builder.add("Mul", [velocity, builder.float(0.9)]),
      gradients.get(name) ?? "",
    ]);
    builder.output(next, `next.${name}.v`);
    builder.output(
      builder.add("Sub", [name, builder.add("Mul", [next, builder.float(rate)])]),
      `next.${name}`,
    );
  }
  builder.output(loss, "loss");
  const classes = shape.at(-1) ?? 1;
  const labelled = { labels: integers("int64", shape.slice(0, -1), 5, 0, classes - 1) };
  return { name: builder.finish().name, graph: builder.finish(), inputs: { ...state, ...data, ...labelled } };
}

/** A training step of a perceptron. */
export function mlpStep(batch: number, widths: readonly number[]): Workload {
  const p = parameters("MLP step", 1);
  let hidden = p.builder.input("x", "float32", [batch, widths[0] ?? 1]);
  widths.slice(1).forEach((width, i) => {
    const before = widths[i] ?? 1;
    const weights = p.weight(`W${i}`, [before, width], Math.sqrt(1 / before));
    hidden = p.builder.add("Gemm", [hidden, weights, p.weight(`b${i}`, [width], 0)]);
    if (i < widths.length - 2) hidden = p.builder.add("Relu", [hidden]);
  });
  return trained(p, hidden, { x: noise([batch, widths[0] ?? 1], 3) }, 0.01);
}

/** A training step of a convolutional net on images of `size` by `size`. */
export function cnnStep(batch: number, size: number, channels: readonly [number, number]): Workload {
  const p = parameters("CNN step", 2);
  const conv = (x: string, name: string, from: number, to: number) =>
    p.builder.add("Conv", [
      x,
      p.weight(`${name}.w`, [to, from, 3, 3], Math.sqrt(1 / (from * 9))),
      p.weight(`${name}.b`, [to], 0),
    ], {
      kernel_shape: [3, 3],
      pads: [1, 1, 1, 1],
    });
  const pool = (x: string) => p.builder.add("MaxPool", [x], { kernel_shape: [2, 2], strides: [2, 2] });
  let hidden = p.builder.input("x", "float32", [batch, 1, size, size]);
  hidden = pool(p.builder.add("Relu", [conv(hidden, "c1", 1, channels[0])]));
  hidden = pool(p.builder.add("Relu", [conv(hidden, "c2", channels[0], channels[1])]));
  const features = (channels[1] * size * size) / 16;
  const logits = p.builder.add("Gemm", [
    p.builder.add("Flatten", [hidden]),
    p.weight("fw", [features, 10], Math.sqrt(1 / features)),
    p.weight("fb", [10], 0),
  ]);
  return trained(p, logits, { x: noise([batch, 1, size, size], 4) }, 0.01);
}

/** Sizes of a transformer. */
export interface TransformerSize {
  readonly batch: number;
  readonly time: number;
  readonly width: number;
  readonly heads: number;
  readonly layers: number;
}

/** One layer: causal or full attention and a feed-forward part, each behind a normalisation. */
function transformerLayer(
  p: Parameters,
  x: string,
  name: string,
  s: TransformerSize,
  causal: boolean,
): string {
  const { builder } = p;
  const { batch, time, width, heads } = s;
  const linear = (input: string, part: string, from: number, to: number) =>
    builder.add("Add", [
      builder.add("MatMul", [input, p.weight(`${name}.${part}.w`, [from, to], Math.sqrt(0.5 / from))]),
      p.weight(`${name}.${part}.b`, [to], 0),
    ]);
  const norm = (input: string, part: string) =>
    builder.add("LayerNormalization", [
      input,
      p.weight(`${name}.${part}.g`, [width], 0, 1),
      p.weight(`${name}.${part}.b`, [width], 0),
    ], { axis: -1, epsilon: floatValue(1e-5) });
  const split = builder.ints([batch, time, heads, width / heads]);
  const perHead = (input: string, perm: readonly number[]) =>
    builder.add("Transpose", [builder.add("Reshape", [input, split])], { perm });
  const normed = norm(x, "n1");
  const query = perHead(linear(normed, "q", width, width), [0, 2, 1, 3]);
  const key = perHead(linear(normed, "k", width, width), [0, 2, 3, 1]);
  const value = perHead(linear(normed, "v", width, width), [0, 2, 1, 3]);
  let scores = builder.add("Mul", [
    builder.add("MatMul", [query, key]),
    builder.float(1 / Math.sqrt(width / heads)),
  ]);
  if (causal) {
    const data = Float32Array.from(
      { length: time * time },
      (_, i) => (i % time > Math.floor(i / time) ? -1e9 : 0),
    );
    scores = builder.add("Add", [scores, builder.constant({ dtype: "float32", shape: [time, time], data })]);
  }
  const mixed = builder.add("MatMul", [builder.add("Softmax", [scores], { axis: -1 }), value]);
  const joined = builder.add("Reshape", [
    builder.add("Transpose", [mixed], { perm: [0, 2, 1, 3] }),
    builder.ints([batch, time, width]),
  ]);
  const middle = builder.add("Add", [x, linear(joined, "o", width, width)]);
  const inner = builder.add("Relu", [linear(norm(middle, "n2"), "up", width, 4 * width)]);
  return builder.add("Add", [middle, linear(inner, "down", 4 * width, width)]);
}

/** A training step of a language model over `vocabulary` characters. */
export function languageModelStep(size: TransformerSize, vocabulary: number): Workload {
  const p = parameters("language model step", 3);
  const { batch, time, width, layers } = size;
  const ids = p.builder.input("ids", "int64", [batch, time]);
  let hidden = p.builder.add("Add", [
    p.builder.add("Gather", [p.weight("embedding", [vocabulary, width], 0.1), ids]),
    p.weight("positions", [time, width], 0.1),
  ]);
  for (let i = 0; i < layers; i++) hidden = transformerLayer(p, hidden, `l${i}`, size, true);
  const logits = p.builder.add("MatMul", [
    hidden,
    p.weight("head", [width, vocabulary], Math.sqrt(0.5 / width)),
  ]);
  return trained(p, logits, { ids: integers("int64", [batch, time], 6, 0, vocabulary - 1) }, 0.01);
}

/** Inference of a transformer encoder. */
export function encoder(size: TransformerSize): Workload {
  const p = parameters("encoder", 4);
  const shape = [size.batch, size.time, size.width];
  let hidden = p.builder.input("x", "float32", shape);
  for (let i = 0; i < size.layers; i++) hidden = transformerLayer(p, hidden, `l${i}`, size, false);
  p.builder.output(hidden, "y");
  return { name: "encoder", graph: frozen(p), inputs: { x: noise(shape, 7) } };
}

/** Inference of a small ResNet on one image of 64 by 64: three stages of two blocks. */
export function resnet(widths: readonly number[]): Workload {
  const p = parameters("ResNet", 5);
  let count = 0;
  const conv = (x: string, to: number, kernel: number, stride: number) => {
    const from = p.builder.type(x).shape[1] ?? 1;
    const name = `r${count++}`;
    const pads = kernel === 1 ? [0, 0, 0, 0] : stride === 2 ? [0, 0, 1, 1] : [1, 1, 1, 1];
    return p.builder.add("Conv", [
      x,
      p.weight(`${name}.w`, [to, from, kernel, kernel], Math.sqrt(0.5 / (from * kernel * kernel))),
      p.weight(`${name}.b`, [to], 0.1),
    ], { kernel_shape: [kernel, kernel], strides: [stride, stride], pads });
  };
  const relu = (x: string) => p.builder.add("Relu", [x]);
  let hidden = relu(conv(p.builder.input("x", "float32", [1, 3, 64, 64]), widths[0] ?? 1, 3, 1));
  widths.forEach((width, stage) => {
    for (let block = 0; block < 2; block++) {
      const stride = stage > 0 && block === 0 ? 2 : 1;
      const shortcut = stride === 2 ? conv(hidden, width, 1, 2) : hidden;
      const inner = conv(relu(conv(hidden, width, 3, stride)), width, 3, 1);
      hidden = relu(p.builder.add("Add", [inner, shortcut]));
    }
  });
  const features = p.builder.add("Flatten", [p.builder.add("GlobalAveragePool", [hidden])]);
  p.builder.output(
    p.builder.add("Gemm", [
      features,
      p.weight("fw", [widths.at(-1) ?? 1, 10], 0.1),
      p.weight("fb", [10], 0.1),
    ]),
    "logits",
  );
  return { name: "ResNet", graph: frozen(p), inputs: { x: noise([1, 3, 64, 64], 8) } };
}

/** The graph with its weights as constants, as a model for inference has them. */
function frozen(p: Parameters): TypedGraph {
  const graph = p.builder.finish();
  return {
    ...graph,
    inputs: graph.inputs.filter(({ name }) => !p.names.includes(name)),
    initializers: new Map([...graph.initializers, ...Object.entries(p.tensors)]),
  };
}
