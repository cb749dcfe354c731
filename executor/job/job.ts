/**
 * Job files: what a person writes to have something trained or inferred.
 *
 * @module
 */
import type { LossName } from "../gradient/mod.ts";
import type { Optimizer, Schedule } from "../program/mod.ts";

/** Where a data tensor lies: an .npy file, or one tensor of a safetensors file. */
export interface TensorFile {
  readonly file: string;
  /** Name of the tensor in a safetensors file. */
  readonly tensor?: string;
}

/** What all jobs say. */
export interface JobBase {
  /** Path of the ONNX model. */
  readonly model: string;
  /** Data tensors by name. */
  readonly data: Readonly<Record<string, TensorFile>>;
  /** The data tensor behind each model input. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Sizes of symbolic dimensions other than the batch. */
  readonly bindings: Readonly<Record<string, number>>;
  /** Rows in a batch. */
  readonly batch: number;
  /** Steps between two commitments. */
  readonly segment: number;
  /** Engine name, for example `repops`. Absent: whoever posts the job chooses, usually the engine of its network. */
  readonly engine?: string;
  /** What is paid, in whole tokens with at most nine decimals, as written. */
  readonly reward?: string;
  /** Names the job for people. */
  readonly note: string;
}

/** A model to be trained. */
export interface TrainJob extends JobBase {
  readonly kind: "train";
  readonly labels: string;
  readonly output?: string;
  readonly loss: LossName;
  readonly optimizer: Optimizer;
  readonly schedule: Schedule;
  readonly parameters?: readonly string[];
  readonly lossScale: number;
  readonly steps: number;
  readonly seed: bigint;
  /** Held-out data, and the share of right answers that is asked for. */
  readonly evaluation?: {
    readonly inputs: Readonly<Record<string, string>>;
    readonly labels: string;
    readonly threshold: number;
  };
}

/** A model to be run over data. */
export interface InferJob extends JobBase {
  readonly kind: "infer";
  /** The model's outputs that are wanted; all if absent. */
  readonly outputs?: readonly string[];
}

/** A job. */
export type Job = TrainJob | InferJob;
