/**
 * jax-js on its WebAssembly backend.
 *
 * @module
 */
import type { Tensor } from "../../../../executor/mod.ts";
import type { Training } from "../trainings.ts";
import type { ArrayLibrary, LossOf, Weights } from "./array_library.ts";

type Shape = readonly number[];
type Slice = readonly [] | readonly [from: number, to: number] | number;

/** An array of the library. Operations use their operands up: `ref` is another reference to keep. */
export interface JaxArray {
  readonly ref: JaxArray;
  readonly shape: Shape;
  add(other: JaxArray | number): JaxArray;
  sub(other: JaxArray): JaxArray;
  mul(other: JaxArray | number): JaxArray;
  div(other: JaxArray): JaxArray;
  reshape(shape: Shape): JaxArray;
  transpose(order: Shape): JaxArray;
  slice(...axes: readonly Slice[]): JaxArray;
  sum(): JaxArray;
  mean(axes: Shape): JaxArray;
  dataSync(): ArrayLike<number>;
}

/** A tree of arrays: of those used here, a record of them. */
type Tree = Weights<JaxArray>;
interface State extends Record<string, Tree | JaxArray> {
  readonly weights: Tree;
}

/** What is used of the library. */
interface Jax {
  readonly numpy: {
    array(data: Tensor["data"] | Int32Array, options: { shape: Shape }): JaxArray;
    zeros(shape: Shape): JaxArray;
    matmul(a: JaxArray, b: JaxArray): JaxArray;
    pad(a: JaxArray, widths: Readonly<Record<number, readonly [number, number]>>): JaxArray;
    max(a: JaxArray, axes: Shape): JaxArray;
    sqrt(a: JaxArray): JaxArray;
    square(a: JaxArray): JaxArray;
  };
  readonly nn: {
    relu(a: JaxArray): JaxArray;
    gelu(a: JaxArray, options: { approximate: boolean }): JaxArray;
    softmax(a: JaxArray, axis: number): JaxArray;
    logSoftmax(a: JaxArray, axis: number): JaxArray;
    standardize(a: JaxArray, axis: number, options: { epsilon: number }): JaxArray;
    oneHot(a: JaxArray, depth: number): JaxArray;
  };
  readonly tree: {
    ref<T>(tree: T): T;
    dispose(tree: unknown): void;
  };
  jit<T extends (...arguments_: never[]) => unknown>(function_: T): T;
  valueAndGrad(
    function_: (weights: Tree, x: JaxArray, labels: JaxArray) => JaxArray,
  ): (weights: Tree, x: JaxArray, labels: JaxArray) => readonly [JaxArray, Tree];
  init(device: "wasm"): Promise<unknown>;
  defaultDevice(device: "wasm"): unknown;
}

/** Starts the library on one thread. */
export async function openJax(): Promise<ArrayLibrary<JaxArray>> {
  // It starts as many workers as there are cores, unless there is one.
  Object.defineProperty(navigator, "hardwareConcurrency", { value: 1, configurable: true });
  const name = "npm:@jax-js/jax@0.1.25";
  const jax: Jax = await import(name);
  await jax.init("wasm");
  jax.defaultDevice("wasm");
  return libraryOf(jax);
}

function libraryOf(jax: Jax): ArrayLibrary<JaxArray> {
  const { numpy: np, nn, jit, tree } = jax;
  return {
    array: ({ data, shape }) =>
      np.array(data instanceof BigInt64Array ? Int32Array.from(data, Number) : data, { shape }),
    read: (array) => array.dataSync(),
    add: (a, b) => a.ref.add(b.ref),
    multiply: (a, b) => a.ref.mul(b.ref),
    scale: (a, factor) => a.ref.mul(factor),
    product: (a, b) => np.matmul(a.ref, b.ref),
    shape: (a) => a.shape,
    reshape: (a, shape) => a.ref.reshape(shape),
    transpose: (a, order) => a.ref.transpose(order),
    firstRow: (a) => a.ref.slice([0, 1], []),
    relu: (a) => nn.relu(a.ref),
    gelu: (a) => nn.gelu(a.ref, { approximate: false }),
    softmax: (a) => nn.softmax(a.ref, -1),
    logSoftmax: (a) => nn.logSoftmax(a.ref, -1),
    standardize: (a) => nn.standardize(a.ref, -1, { epsilon: 1e-5 }),
    sum: (a) => a.ref.sum(),
    oneHot: (indices, depth) => nn.oneHot(indices.ref, depth),
    convolution: (x, kernels, stride) => shiftedProducts(jax, x, kernels, stride),
    pool: (x) => {
      const [images = 1, rows = 1, columns = 1, channels = 1] = x.shape;
      return np.max(x.ref.reshape([images, rows / 2, 2, columns / 2, 2, channels]), [2, 4]);
    },
    planeMeans: (x) => x.ref.mean([1, 2]),
    compile: (weights, infer) => {
      const compiled = jit((given: Tree, x: JaxArray) => infer(given, x));
      return (x) => compiled(tree.ref(weights), x.ref);
    },
    train: (weights, loss, optimizer) => trainer(jax, weights, loss, optimizer),
  };
}

/** A convolution as a sum of products, one for each tap: many times faster here than the library's own. */
function shiftedProducts({ numpy: np }: Jax, x: JaxArray, kernels: JaxArray, stride: number): JaxArray {
  const [images = 1, rows = 1, columns = 1, from = 1] = x.shape, [size = 1, , , to = 1] = kernels.shape;
  const [outRows, outColumns] = [rows / stride, columns / stride];
  // Behind the image as many zeros as taps and strides reach.
  const before = size === 3 && stride === 1 ? 1 : 0, behind = size === 3 ? 1 + (stride - 1) : stride - 1;
  const padded = np.pad(x.ref, { 1: [before, behind], 2: [before, behind] });
  const tap = (i: number, j: number) => {
    const shifted = padded.ref.slice([], [i, i + rows], [j, j + columns], []);
    const chosen = stride === 1 ? shifted : shifted
      .reshape([images, outRows, stride, outColumns, stride, from])
      .slice([], [], 0, [], 0, []);
    return np.matmul(chosen.reshape([images * outRows * outColumns, from]), kernels.ref.slice(i, j, [], []));
  };
  const taps = Array.from({ length: size * size }, (_, at) => tap(Math.floor(at / size), at % size));
  const [first, ...rest] = taps;
  if (first === undefined) throw new TypeError("a convolution has taps");
  return rest.reduce((sum, each) => sum.add(each), first).reshape([images, outRows, outColumns, to]);
}

function mapTrees(
  change: (...arrays: JaxArray[]) => JaxArray,
  first: Tree,
  ...others: readonly Tree[]
): Tree {
  const at = (tree: Tree, name: string) => {
    const array = tree[name];
    if (array === undefined) throw new TypeError(`no array "${name}"`);
    return array;
  };
  return Object.fromEntries(
    Object.keys(first).map((
      name,
    ) => [name, change(at(first, name), ...others.map((tree) => at(tree, name)))]),
  );
}

const BETA1 = 0.9, BETA2 = 0.999, EPSILON = 1e-8, DECAY = 0.01;

/** A step made ready: gradients and the optimizer's update in one compiled function. */
function trainer(
  { numpy: np, jit, tree, valueAndGrad }: Jax,
  weights: Tree,
  loss: LossOf<JaxArray>,
  optimizer: Training["optimizer"],
): (x: JaxArray, labels: JaxArray) => number {
  const gradientsOf = valueAndGrad((given, x, labels) => loss(given, x, labels)),
    rate = optimizer.learningRate;
  const zeros = () => mapTrees((each) => np.zeros(each.shape), weights);
  const sgd = ({ weights: now }: State, gradients: Tree): State => ({
    weights: mapTrees((w, g) => w.ref.sub(g.ref.mul(rate)), now, gradients),
  });
  const adamw = (state: State, gradients: Tree): State => {
    const { weights: now, first: m, second: v, power1, power2 } = state as AdamState;
    const [next1, next2] = [power1.ref.mul(BETA1), power2.ref.mul(BETA2)];
    const first = mapTrees((a, g) => a.ref.mul(BETA1).add(g.ref.mul(1 - BETA1)), m, gradients);
    const second = mapTrees((a, g) => a.ref.mul(BETA2).add(np.square(g.ref).mul(1 - BETA2)), v, gradients);
    const [left1, left2] = [next1.ref.mul(-1).add(1), np.sqrt(next2.ref.mul(-1).add(1))];
    const updated = mapTrees(
      (w, a, b) => {
        const deviation = np.sqrt(b.ref).div(left2.ref).add(EPSILON);
        return w.ref.mul(1 - rate * DECAY).sub(a.ref.mul(rate).div(left1.ref).div(deviation));
      },
      now,
      first,
      second,
    );
    return { weights: updated, first, second, power1: next1, power2: next2 };
  };
  const update = optimizer.kind === "adamw" ? adamw : sgd;
  const step = jit((state: State, x: JaxArray, labels: JaxArray): readonly [JaxArray, State] => {
    const [value, gradients] = gradientsOf(tree.ref(state.weights), x.ref, labels.ref);
    return [value, update(state, gradients)];
  });
  const one = () => np.array(Float32Array.of(1), { shape: [] });
  let state: State = optimizer.kind === "adamw"
    ? { weights, first: zeros(), second: zeros(), power1: one(), power2: one() }
    : { weights };
  return (x, labels) => {
    const [value, next] = step(tree.ref(state), x.ref, labels.ref);
    tree.dispose(state);
    state = next;
    const [now = NaN] = Array.from(value.dataSync());
    return now;
  };
}

interface AdamState extends State {
  readonly first: Tree;
  readonly second: Tree;
  readonly power1: JaxArray;
  readonly power2: JaxArray;
}
