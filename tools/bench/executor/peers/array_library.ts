/**
 * What a model needs of an array library for the web, so that it is written once for all of them.
 *
 * @module
 */
import type { Tensor } from "../../../../executor/mod.ts";
import type { Training } from "../trainings.ts";

/** Weights of a model by their names in its graph. */
export type Weights<A> = Readonly<Record<string, A>>;

/** The loss of a batch: a scalar. */
export type LossOf<A> = (weights: Weights<A>, x: A, labels: A) => A;

/** Operations on arrays `A`. None of them uses its operands up. Images are [image, row, column, channel]. */
export interface ArrayLibrary<A> {
  /** Floats stay, integers become int32. */
  array(tensor: Tensor): A;
  /** Reads an array back, and frees it. */
  read(array: A): ArrayLike<number>;
  add(a: A, b: A): A;
  multiply(a: A, b: A): A;
  scale(a: A, factor: number): A;
  product(a: A, b: A): A;
  shape(a: A): readonly number[];
  reshape(a: A, shape: readonly number[]): A;
  transpose(a: A, order: readonly number[]): A;
  /** The first row of a matrix. */
  firstRow(a: A): A;
  relu(a: A): A;
  /** The exact one. */
  gelu(a: A): A;
  /** Softmax, and its logarithm, along the last axis. */
  softmax(a: A): A;
  logSoftmax(a: A): A;
  /** Along the last axis: mean 0 and variance 1, epsilon 1e-5. */
  standardize(a: A): A;
  sum(a: A): A;
  /** Rows of ones and zeros. */
  oneHot(indices: A, depth: number): A;
  /** A convolution with kernels [row, column, from, to] of 1 by 1 or 3 by 3; the output is as large as the input over `stride`. */
  convolution(x: A, kernels: A, stride: number): A;
  /** The greatest of each 2 by 2. */
  pool(x: A): A;
  /** The mean of each channel of each image. */
  planeMeans(x: A): A;
  /** A function made ready to be run again and again; what is made within is freed. */
  compile(weights: Weights<A>, infer: (weights: Weights<A>, x: A) => A): (x: A) => A;
  /** Steps of training; each gives the loss before it. */
  train(weights: Weights<A>, loss: LossOf<A>, optimizer: Training["optimizer"]): (x: A, labels: A) => number;
}
