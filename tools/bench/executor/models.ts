/**
 * Models as people train and run them, with fresh weights as initializers, as an export from PyTorch has them.
 *
 * @module
 */
import { elementCount, floatValue, type Graph, GraphBuilder, type Tensor } from "../../../executor/mod.ts";
import { seededRandom } from "../../demo/seeded_random.ts";

/** A builder that draws weights. */
interface ModelBuilder {
  readonly builder: GraphBuilder;
  /** Adds an initializer of numbers around `centre`, spread by about `scale`. */
  weight(name: string, shape: readonly number[], scale: number, centre?: number): string;
}

function begin(name: string, seed: number): ModelBuilder {
  const builder = new GraphBuilder({ name }), random = seededRandom(seed);
  // The sum of three uniform numbers on (-1, 1) has variance 1.
  const draw = () => 2 * (random() + random() + random()) - 3;
  return {
    builder,
    weight: (weight, shape, scale, centre = 0) => {
      const data = Float32Array.from({ length: elementCount(shape) }, () => centre + scale * draw());
      return builder.constant({ dtype: "float32", shape, data }, weight);
    },
  };
}

/** A perceptron on rows of `widths[0]` numbers. Input `x`, output `logits`. */
export function perceptron(batch: number, widths: readonly number[]): Graph {
  const { builder, weight } = begin("perceptron", 1);
  let hidden = builder.input("x", "float32", [batch, widths[0] ?? 1]);
  widths.slice(1).forEach((width, i) => {
    const fanIn = widths[i] ?? 1, isLast = i === widths.length - 2;
    const weights = weight(`w${i}`, [fanIn, width], Math.sqrt(2 / fanIn));
    const product = builder.add("Gemm", [hidden, weights, weight(`b${i}`, [width], 0.01)]);
    hidden = isLast ? product : builder.add("Relu", [product]);
  });
  builder.output(hidden, "logits");
  return builder.finish();
}

/** Two convolutions with pooling and a classifier, on grey images of `side` by `side`. Input `x`, output `logits`. */
export function convolutionalNet(batch: number, side: number, channels: readonly number[]): Graph {
  const { builder, weight } = begin("convolutional net", 2);
  let hidden = builder.input("x", "float32", [batch, 1, side, side]), from = 1;
  for (const [i, to] of channels.entries()) {
    const kernels = weight(`c${i}.w`, [to, from, 3, 3], Math.sqrt(2 / (from * 9)));
    const conv = builder.add("Conv", [hidden, kernels, weight(`c${i}.b`, [to], 0.01)], {
      kernel_shape: [3, 3],
      pads: [1, 1, 1, 1],
    });
    hidden = builder.add("MaxPool", [builder.add("Relu", [conv])], { kernel_shape: [2, 2], strides: [2, 2] });
    from = to;
  }
  const features = from * (side / 2 ** channels.length) ** 2;
  const last = weight("fc.w", [features, 10], Math.sqrt(2 / features));
  const flat = builder.add("Flatten", [hidden]);
  builder.output(builder.add("Gemm", [flat, last, weight("fc.b", [10], 0.01)]), "logits");
  return builder.finish();
}

/** Sizes of a transformer. */
export interface TransformerSize {
  readonly batch: number;
  readonly time: number;
  readonly width: number;
  readonly heads: number;
  readonly layers: number;
}

/** A causal language model over `vocabulary` characters. Input `ids`, output `logits` [batch, time, vocabulary]. */
export function languageModel(size: TransformerSize, vocabulary: number): Graph {
  const model = begin("language model", 3), { builder, weight } = model, { batch, time, width } = size;
  const ids = builder.input("ids", "int64", [batch, time]);
  const embedded = builder.add("Gather", [weight("embedding", [vocabulary, width], 0.1), ids]);
  let hidden = builder.add("Add", [embedded, weight("positions", [time, width], 0.1)]);
  for (let i = 0; i < size.layers; i++) {
    hidden = layer(model, hidden, `l${i}`, size, causalMask(builder, time));
  }
  const normed = normalize(model, hidden, "last", width);
  builder.output(
    builder.add("MatMul", [normed, weight("head", [width, vocabulary], Math.sqrt(1 / width))]),
    "logits",
  );
  return builder.finish();
}

/** An encoder on embedded tokens. Input `x` [batch, time, width], output `y` of the same shape. */
export function encoder(size: TransformerSize): Graph {
  const model = begin("encoder", 4), { builder } = model;
  let hidden = builder.input("x", "float32", [size.batch, size.time, size.width]);
  for (let i = 0; i < size.layers; i++) hidden = layer(model, hidden, `l${i}`, size);
  builder.output(hidden, "y");
  return builder.finish();
}

/** Added to the scores of what must not be seen. */
const MASKED = -1e9;

function causalMask(builder: GraphBuilder, time: number): string {
  const data = Float32Array.from({ length: time * time }, (_, i) => i % time > i / time ? MASKED : 0);
  return builder.constant({ dtype: "float32", shape: [time, time], data });
}

function normalize({ builder, weight }: ModelBuilder, x: string, name: string, width: number): string {
  const inputs = [x, weight(`${name}.g`, [width], 0.01, 1), weight(`${name}.b`, [width], 0.01)];
  return builder.add("LayerNormalization", inputs, { axis: -1, epsilon: floatValue(1e-5) });
}

/** The exact Gelu in operators that opset 17 has. */
function gelu(builder: GraphBuilder, x: string): string {
  const inner = builder.add("Erf", [builder.add("Mul", [x, builder.float(Math.SQRT1_2)])]);
  const half = builder.add("Mul", [x, builder.float(0.5)]);
  return builder.add("Mul", [half, builder.add("Add", [inner, builder.float(1)])]);
}

/** Attention and a feed-forward part, each behind a normalisation and beside a shortcut. */
function layer(model: ModelBuilder, x: string, name: string, size: TransformerSize, mask?: string): string {
  const { builder, weight } = model, { batch, time, width, heads } = size;
  const linear = (input: string, part: string, from: number, to: number) => {
    const product = builder.add("MatMul", [
      input,
      weight(`${name}.${part}.w`, [from, to], Math.sqrt(1 / from)),
    ]);
    return builder.add("Add", [product, weight(`${name}.${part}.b`, [to], 0.01)]);
  };
  const split = builder.ints([batch, time, heads, width / heads]);
  const perHead = (input: string, part: string, perm: readonly number[]) =>
    builder.add("Transpose", [builder.add("Reshape", [linear(input, part, width, width), split])], { perm });
  const normed = normalize(model, x, `${name}.n1`, width);
  const query = perHead(normed, "q", [0, 2, 1, 3]), key = perHead(normed, "k", [0, 2, 3, 1]);
  const value = perHead(normed, "v", [0, 2, 1, 3]);
  const scale = builder.float(1 / Math.sqrt(width / heads));
  const scores = builder.add("Mul", [builder.add("MatMul", [query, key]), scale]);
  const masked = mask === undefined ? scores : builder.add("Add", [scores, mask]);
  const mixed = builder.add("MatMul", [builder.add("Softmax", [masked], { axis: -1 }), value]);
  const joined = builder.add("Reshape", [
    builder.add("Transpose", [mixed], { perm: [0, 2, 1, 3] }),
    builder.ints([batch, time, width]),
  ]);
  const middle = builder.add("Add", [x, linear(joined, "o", width, width)]);
  const inner = gelu(builder, linear(normalize(model, middle, `${name}.n2`, width), "up", width, 4 * width));
  return builder.add("Add", [middle, linear(inner, "down", 4 * width, width)]);
}

/** A residual net on one colour image of 64 by 64: a stage of two blocks for each width. Input `x`, output `logits`. */
export function residualNet(widths: readonly number[]): Graph {
  const { builder, weight } = begin("residual net", 5);
  let count = 0;
  const conv = (x: string, to: number, kernel: number, stride: number) => {
    const from = builder.type(x).shape[1] ?? 1, name = `r${count++}`, fanIn = from * kernel * kernel;
    const pads = kernel === 1 ? [0, 0, 0, 0] : stride === 2 ? [0, 0, 1, 1] : [1, 1, 1, 1];
    const weights = weight(`${name}.w`, [to, from, kernel, kernel], Math.sqrt(1 / fanIn));
    return builder.add("Conv", [x, weights, weight(`${name}.b`, [to], 0.1)], {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads,
    });
  };
  const relu = (x: string) => builder.add("Relu", [x]);
  let hidden = relu(conv(builder.input("x", "float32", [1, 3, 64, 64]), widths[0] ?? 1, 3, 1));
  for (const [stage, width] of widths.entries()) {
    for (const block of [0, 1]) {
      const stride = stage > 0 && block === 0 ? 2 : 1;
      const shortcut = stride === 2 ? conv(hidden, width, 1, 2) : hidden;
      const inner = conv(relu(conv(hidden, width, 3, stride)), width, 3, 1);
      hidden = relu(builder.add("Add", [inner, shortcut]));
    }
  }
  const features = builder.add("Flatten", [builder.add("GlobalAveragePool", [hidden])]);
  const last = weight("fc.w", [widths.at(-1) ?? 1, 10], 0.1);
  builder.output(builder.add("Gemm", [features, last, weight("fc.b", [10], 0.1)]), "logits");
  return builder.finish();
}

/** Numbers between -1 and 1. */
export function noise(shape: readonly number[], seed: number): Tensor {
  const random = seededRandom(seed);
  const data = Float32Array.from({ length: elementCount(shape) }, () => random() * 2 - 1);
  return { dtype: "float32", shape, data };
}

/** Whole numbers below `limit`. */
export function choices(shape: readonly number[], limit: number, seed: number): Tensor {
  const random = seededRandom(seed);
  const data = BigInt64Array.from(
    { length: elementCount(shape) },
    () => BigInt(Math.floor(random() * limit)),
  );
  return { dtype: "int64", shape, data };
}
