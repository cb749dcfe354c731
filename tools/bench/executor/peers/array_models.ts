/**
 * The models of `../models.ts` on an array library.
 *
 * @module
 */
import type { ArrayLibrary, LossOf, Weights } from "./array_library.ts";

/** A model on a batch. */
export type ArrayModel<A> = (weights: Weights<A>, x: A) => A;

/** Heads of attention, and whether positions see only those before them. */
interface Attention<A> {
  readonly heads: number;
  readonly mask?: A;
}

/** Added to the scores of what must not be seen. */
const MASKED = -1e9;

/** A weight that the model must have. */
function weightOf<A>(weights: Weights<A>, name: string): A {
  const weight = weights[name];
  if (weight === undefined) throw new TypeError(`the model has no weight "${name}"`);
  return weight;
}

/** How many of `prefix0`, `prefix1`, ... have a weight with that ending. */
function countOf(weights: Weights<unknown>, prefix: string, ending = ""): number {
  let count = 0;
  while (`${prefix}${count}${ending}` in weights) count++;
  return count;
}

/** x W + b over all leading axes, which become rows of one product. */
function linear<A>(l: ArrayLibrary<A>, x: A, weight: A, bias: A): A {
  const shape = l.shape(x), from = shape.at(-1) ?? 1, to = l.shape(weight).at(-1) ?? 1;
  const rows = shape.slice(0, -1).reduce((n, size) => n * size, 1);
  const product = l.add(l.product(l.reshape(x, [rows, from]), weight), bias);
  return l.reshape(product, [...shape.slice(0, -1), to]);
}

/** Dense layers with Relu between them. */
export function perceptron<A>(l: ArrayLibrary<A>): ArrayModel<A> {
  return (weights, x) => {
    const layers = countOf(weights, "w");
    let hidden = x;
    for (let i = 0; i < layers; i++) {
      const product = linear(l, hidden, weightOf(weights, `w${i}`), weightOf(weights, `b${i}`));
      hidden = i === layers - 1 ? product : l.relu(product);
    }
    return hidden;
  };
}

/** Rows of features by image; their order is that of [channel, row, column], as the weights expect. */
function flatten<A>(l: ArrayLibrary<A>, x: A): A {
  const [images = 1, rows = 1, columns = 1, channels = 1] = l.shape(x);
  return l.reshape(l.transpose(x, [0, 3, 1, 2]), [images, channels * rows * columns]);
}

function convolve<A>(l: ArrayLibrary<A>, weights: Weights<A>, name: string, x: A, stride = 1): A {
  return l.add(l.convolution(x, weightOf(weights, `${name}.w`), stride), weightOf(weights, `${name}.b`));
}

/** Convolutions with pooling and a classifier. */
export function convolutionalNet<A>(l: ArrayLibrary<A>): ArrayModel<A> {
  return (weights, x) => {
    let hidden = x;
    for (let i = 0; i < countOf(weights, "c", ".w"); i++) {
      hidden = l.pool(l.relu(convolve(l, weights, `c${i}`, hidden)));
    }
    return linear(l, flatten(l, hidden), weightOf(weights, "fc.w"), weightOf(weights, "fc.b"));
  };
}

/** Stages of two residual blocks; from the second stage on the first block halves rows and columns. */
export function residualNet<A>(l: ArrayLibrary<A>, stages: number): ArrayModel<A> {
  return (weights, x) => {
    let count = 0;
    const conv = (input: A, stride: number) => convolve(l, weights, `r${count++}`, input, stride);
    let hidden = l.relu(conv(x, 1));
    for (let stage = 0; stage < stages; stage++) {
      for (const block of [0, 1]) {
        const stride = stage > 0 && block === 0 ? 2 : 1;
        const shortcut = stride === 2 ? conv(hidden, 2) : hidden;
        const inner = conv(l.relu(conv(hidden, stride)), 1);
        hidden = l.relu(l.add(inner, shortcut));
      }
    }
    return linear(l, l.planeMeans(hidden), weightOf(weights, "fc.w"), weightOf(weights, "fc.b"));
  };
}

function normalize<A>(l: ArrayLibrary<A>, weights: Weights<A>, name: string, x: A): A {
  const scaled = l.multiply(l.standardize(x), weightOf(weights, `${name}.g`));
  return l.add(scaled, weightOf(weights, `${name}.b`));
}

function layer<A>(l: ArrayLibrary<A>, weights: Weights<A>, name: string, x: A, attention: Attention<A>): A {
  const [batch = 1, time = 1, width = 1] = l.shape(x), { heads, mask } = attention;
  const dense = (input: A, part: string) =>
    linear(l, input, weightOf(weights, `${name}.${part}.w`), weightOf(weights, `${name}.${part}.b`));
  const perHead = (input: A, part: string, order: readonly number[]) =>
    l.transpose(l.reshape(dense(input, part), [batch, time, heads, width / heads]), order);
  const normed = normalize(l, weights, `${name}.n1`, x);
  const query = perHead(normed, "q", [0, 2, 1, 3]), key = perHead(normed, "k", [0, 2, 3, 1]);
  const value = perHead(normed, "v", [0, 2, 1, 3]);
  const scores = l.scale(l.product(query, key), 1 / Math.sqrt(width / heads));
  const mixed = l.product(l.softmax(mask === undefined ? scores : l.add(scores, mask)), value);
  const joined = l.reshape(l.transpose(mixed, [0, 2, 1, 3]), [batch, time, width]);
  const middle = l.add(x, dense(joined, "o"));
  const inner = l.gelu(dense(normalize(l, weights, `${name}.n2`, middle), "up"));
  return l.add(middle, dense(inner, "down"));
}

/** Attention and feed-forward layers. */
export function encoder<A>(l: ArrayLibrary<A>, heads: number): ArrayModel<A> {
  return (weights, x) => {
    let hidden = x;
    for (let i = 0; i < countOf(weights, "l", ".q.w"); i++) {
      hidden = layer(l, weights, `l${i}`, hidden, { heads });
    }
    return hidden;
  };
}

/** A causal language model. Tokens are looked up by products with rows of ones and zeros, whose gradient every library has. */
export function languageModel<A>(l: ArrayLibrary<A>, heads: number, time: number): ArrayModel<A> {
  const data = Float32Array.from({ length: time * time }, (_, i) => i % time > i / time ? MASKED : 0);
  const mask = l.array({ dtype: "float32", shape: [time, time], data });
  return (weights, ids) => {
    const table = weightOf(weights, "embedding"), [batch = 1] = l.shape(ids);
    const [vocabulary = 1, width = 1] = l.shape(table);
    const rows = l.reshape(l.oneHot(ids, vocabulary), [batch * time, vocabulary]);
    const embedded = l.reshape(l.product(rows, table), [batch, time, width]);
    let hidden = l.add(embedded, weightOf(weights, "positions"));
    for (let i = 0; i < countOf(weights, "l", ".q.w"); i++) {
      hidden = layer(l, weights, `l${i}`, hidden, { heads, mask });
    }
    const normed = l.reshape(normalize(l, weights, "last", hidden), [batch * time, width]);
    return l.product(normed, weightOf(weights, "head"));
  };
}

/** The mean over a batch of -log probability of the label. */
export function crossEntropyOf<A>(l: ArrayLibrary<A>, model: ArrayModel<A>): LossOf<A> {
  return (weights, x, labels) => {
    const logits = model(weights, x), classes = l.shape(logits).at(-1) ?? 1;
    const count = l.shape(labels).reduce((n, size) => n * size, 1);
    const chosen = l.reshape(l.oneHot(labels, classes), [count, classes]);
    const likelihood = l.multiply(l.logSoftmax(l.reshape(logits, [count, classes])), chosen);
    return l.scale(l.sum(likelihood), -1 / count);
  };
}
