/**
 * The training tasks that are measured: a model, data of exactly one batch, and an optimizer.
 *
 * @module
 */
import type { Graph, NamedTensor, Optimizer } from "../../../executor/mod.ts";
import {
  choices,
  convolutionalNet,
  languageModel,
  noise,
  perceptron,
  type TransformerSize,
} from "./models.ts";

/** See the module. */
export interface Training {
  readonly model: Graph;
  readonly batchSize: number;
  /** The data tensor behind each model input. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly labels: string;
  readonly data: readonly NamedTensor[];
  readonly optimizer: Optimizer;
}

/** Sizes of the language model: small enough that a step takes tens of milliseconds, with every part that large ones have. */
export const CHARACTERS = { batch: 16, time: 64, width: 64, heads: 4, layers: 2 } as const;
const VOCABULARY = 96;

/** Sizes of a transformer of two layers whose step, gradients and optimizer included, has some 900 nodes: the least that people train in earnest. */
export const TRANSFORMER = { batch: 16, time: 128, width: 384, heads: 6, layers: 2 } as const;
const TOKENS = 512;

function data(x: NamedTensor["tensor"], labels: NamedTensor["tensor"]): readonly NamedTensor[] {
  return [{ name: "x", tensor: x }, { name: "labels", tensor: labels }];
}

/** A language model that learns to tell tokens that have no pattern. */
function languageTraining(size: TransformerSize, vocabulary: number, seed: number): Training {
  const shape = [size.batch, size.time];
  return {
    model: languageModel(size, vocabulary),
    batchSize: size.batch,
    inputs: { ids: "x" },
    labels: "labels",
    data: data(choices(shape, vocabulary, seed), choices(shape, vocabulary, seed + 1)),
    optimizer: { kind: "adamw", learningRate: 0.003 },
  };
}

/** By name. */
export const TRAININGS: Readonly<Record<string, () => Training>> = {
  MLP: () => ({
    model: perceptron(128, [784, 256, 256, 10]),
    batchSize: 128,
    inputs: { x: "x" },
    labels: "labels",
    data: data(noise([128, 784], 11), choices([128], 10, 12)),
    optimizer: { kind: "sgd", learningRate: 0.05 },
  }),
  CNN: () => ({
    model: convolutionalNet(64, 16, [16, 32]),
    batchSize: 64,
    inputs: { x: "x" },
    labels: "labels",
    data: data(noise([64, 1, 16, 16], 13), choices([64], 10, 14)),
    optimizer: { kind: "adamw", learningRate: 0.003 },
  }),
  "char-LM": () => languageTraining(CHARACTERS, VOCABULARY, 15),
  transformer: () => languageTraining(TRANSFORMER, TOKENS, 17),
};
