/**
 * TensorFlow.js on its WebAssembly backend.
 *
 * @module
 */
import type { Tensor } from "../../../../executor/mod.ts";
import { ToolError } from "../../../errors.ts";
import type { Training } from "../trainings.ts";
import type { ArrayLibrary, LossOf, Weights } from "./array_library.ts";

/** An array of the library. */
export interface TfArray {
  readonly shape: readonly number[];
  dataSync(): ArrayLike<number>;
  dispose(): void;
}
interface TfVariable extends TfArray {
  readonly name: string;
  assign(value: TfArray): void;
}
interface TfOptimizer {
  applyGradients(gradients: Readonly<Record<string, TfArray>>): void;
}
type Shape = readonly number[];

/** What is used of the library. */
interface Tf {
  tensor(data: Tensor["data"] | Int32Array, shape: Shape, dtype?: "int32"): TfArray;
  variable(value: TfArray, trainable: boolean, name: string): TfVariable;
  add(a: TfArray, b: TfArray | number): TfArray;
  sub(a: TfArray, b: TfArray): TfArray;
  mul(a: TfArray, b: TfArray | number): TfArray;
  matMul(a: TfArray, b: TfArray): TfArray;
  reshape(a: TfArray, shape: Shape): TfArray;
  transpose(a: TfArray, order: Shape): TfArray;
  slice(a: TfArray, from: Shape, size: Shape): TfArray;
  relu(a: TfArray): TfArray;
  erf(a: TfArray): TfArray;
  rsqrt(a: TfArray): TfArray;
  softmax(a: TfArray): TfArray;
  logSoftmax(a: TfArray): TfArray;
  mean(a: TfArray, axes: number | Shape, keep?: boolean): TfArray;
  sum(a: TfArray): TfArray;
  cast(a: TfArray, dtype: "float32"): TfArray;
  oneHot(indices: TfArray, depth: number): TfArray;
  conv2d(x: TfArray, kernels: TfArray, strides: number, pad: "same"): TfArray;
  conv3d(x: TfArray, kernels: TfArray, strides: Shape, pad: "same"): TfArray;
  maxPool3d(x: TfArray, size: Shape, strides: Shape, pad: "valid"): TfArray;
  tidy<T>(compute: () => T): T;
  variableGrads(
    loss: () => TfArray,
    variables: readonly TfVariable[],
  ): { readonly value: TfArray; readonly grads: Readonly<Record<string, TfArray>> };
  readonly train: {
    sgd(rate: number): TfOptimizer;
    adam(rate: number, beta1: number, beta2: number, epsilon: number): TfOptimizer;
  };
  setBackend(name: "wasm"): Promise<boolean>;
  ready(): Promise<void>;
}
interface TfWasm {
  setThreadsCount(count: number): void;
  setWasmPaths(folder: string): void;
}

/**
 * Starts the library on one thread.
 *
 * @throws {ToolError} `failed` if its backend does not start.
 */
export async function openTfjs(): Promise<ArrayLibrary<TfArray>> {
  // The package of the core alone knows no gradients.
  const whole = "npm:@tensorflow/tfjs@4.22.0", backend = "npm:@tensorflow/tfjs-backend-wasm@4.22.0";
  const tf: Tf = await import(whole), wasm: TfWasm = await import(backend);
  wasm.setThreadsCount(1);
  wasm.setWasmPaths(new URL("./", import.meta.resolve(backend)).pathname);
  if (!await tf.setBackend("wasm")) throw new ToolError("failed", "its WASM backend does not start");
  await tf.ready();
  return libraryOf(tf);
}

function libraryOf(tf: Tf): ArrayLibrary<TfArray> {
  let isTraining = false;
  return {
    array: ({ data, shape }) =>
      data instanceof BigInt64Array
        ? tf.tensor(Int32Array.from(data, Number), shape, "int32")
        : tf.tensor(data, shape),
    read: (array) => {
      const data = array.dataSync();
      array.dispose();
      return data;
    },
    add: (a, b) => tf.add(a, b),
    multiply: (a, b) => tf.mul(a, b),
    scale: (a, factor) => tf.mul(a, factor),
    product: (a, b) => tf.matMul(a, b),
    shape: (a) => a.shape,
    reshape: (a, shape) => tf.reshape(a, shape),
    transpose: (a, order) => tf.transpose(a, order),
    firstRow: (a) => tf.slice(a, [0, 0], [1, -1]),
    relu: (a) => tf.relu(a),
    gelu: (a) => tf.mul(tf.mul(a, 0.5), tf.add(tf.erf(tf.mul(a, Math.SQRT1_2)), 1)),
    softmax: (a) => tf.softmax(a),
    logSoftmax: (a) => tf.logSoftmax(a),
    standardize: (a) => {
      const centred = tf.sub(a, tf.mean(a, -1, true));
      const variance = tf.mean(tf.mul(centred, centred), -1, true);
      return tf.mul(centred, tf.rsqrt(tf.add(variance, 1e-5)));
    },
    sum: (a) => tf.sum(a),
    // Asked for floats at once, it gives denormal ones.
    oneHot: (indices, depth) => tf.cast(tf.oneHot(indices, depth), "float32"),
    // The backend has the gradients of the three-dimensional forms only.
    convolution: (x, kernels, stride) =>
      isTraining
        ? flat(
          tf,
          tf.conv3d(deep(tf, x), tf.reshape(kernels, [1, ...kernels.shape]), [1, stride, stride], "same"),
        )
        : tf.conv2d(x, kernels, stride, "same"),
    pool: (x) => flat(tf, tf.maxPool3d(deep(tf, x), [1, 2, 2], [1, 2, 2], "valid")),
    planeMeans: (x) => tf.mean(x, [1, 2]),
    compile: (weights, infer) => (x) => tf.tidy(() => infer(weights, x)),
    train: (weights, loss, optimizer) => {
      isTraining = true;
      return trainer(tf, weights, loss, optimizer);
    },
  };
}

/** Images as volumes one deep, and back. */
function deep(tf: Tf, x: TfArray): TfArray {
  const [images = 1, ...rest] = x.shape;
  return tf.reshape(x, [images, 1, ...rest]);
}

function flat(tf: Tf, x: TfArray): TfArray {
  const [images = 1, , ...rest] = x.shape;
  return tf.reshape(x, [images, ...rest]);
}

function trainer(
  tf: Tf,
  initial: Weights<TfArray>,
  loss: LossOf<TfArray>,
  optimizer: Training["optimizer"],
): (x: TfArray, labels: TfArray) => number {
  const weights = Object.fromEntries(
    Object.entries(initial).map(([name, value]) => [name, tf.variable(value, true, name)]),
  );
  const variables = Object.values(weights), rate = optimizer.learningRate;
  const updates = optimizer.kind === "adamw" ? tf.train.adam(rate, 0.9, 0.999, 1e-8) : tf.train.sgd(rate);
  const kept = optimizer.kind === "adamw" ? 1 - rate * 0.01 : 1;
  return (x, labels) => {
    const { value, grads } = tf.variableGrads(() => loss(weights, x, labels), variables);
    if (kept !== 1) tf.tidy(() => variables.forEach((each) => each.assign(tf.mul(each, kept))));
    updates.applyGradients(grads);
    const [now = NaN] = Array.from(value.dataSync());
    for (const array of [value, ...Object.values(grads)]) array.dispose();
    return now;
  };
}
