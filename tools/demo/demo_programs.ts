/**
 * The two tasks of the demo, as programs: train the digit classifier, and run one over a batch of digits.
 *
 * @module
 */
import {
  buildInferenceProgram,
  buildTrainingProgram,
  type BuiltProgram,
  parseModel,
  type ProgramEngine,
} from "../../executor/mod.ts";
import { DIGIT_INPUT, digitModel } from "./digit_model.ts";
import { drawDigits } from "./digits.ts";

/** Digits to learn from and to be examined on: enough for 95 %, small enough for a laptop and a minute. */
export const TRAINING_DIGITS = 2048;
export const EXAM_DIGITS = 512;

/** Steps of training, digits in each, and steps between two commitments. */
export const TRAINING = { steps: 160, batchSize: 32, segmentSteps: 20 } as const;

/** What the trained model must reach on digits it has not seen. */
export const ACCURACY_THRESHOLD = 0.9;

/** Digits of the inference task, and how many at a time. */
export const INFERENCE = { digits: 512, batchSize: 64, segmentSteps: 2 } as const;

/** Seeds of the demo's random choices: any will do, fixed ones make two runs show the same digits. */
const SEEDS = { weights: 7, training: 11, exam: 12, inference: 13, shuffle: 5n } as const;

/** Training with an exam at the end. */
export function trainingProgram(engine: ProgramEngine): BuiltProgram {
  const training = drawDigits(TRAINING_DIGITS, SEEDS.training), exam = drawDigits(EXAM_DIGITS, SEEDS.exam);
  return buildTrainingProgram({
    engine,
    model: parseModel(digitModel(SEEDS.weights)),
    data: [
      { name: "images", tensor: training.images },
      { name: "labels", tensor: training.labels },
      { name: "exam.images", tensor: exam.images },
      { name: "exam.labels", tensor: exam.labels },
    ],
    inputs: { [DIGIT_INPUT]: "images" },
    labels: "labels",
    evaluation: { inputs: { [DIGIT_INPUT]: "exam.images" }, labels: "exam.labels" },
    loss: "cross_entropy",
    optimizer: { kind: "adamw", learningRate: 0.02 },
    schedule: { kind: "linear", warmupSteps: 10, totalSteps: TRAINING.steps },
    ...TRAINING,
    seed: SEEDS.shuffle,
    note: "digits",
  });
}

/** A model run over many digits. */
export function inferenceProgram(engine: ProgramEngine): BuiltProgram {
  const { digits, batchSize, segmentSteps } = INFERENCE;
  return buildInferenceProgram({
    engine,
    model: parseModel(digitModel(SEEDS.weights)),
    data: [{ name: "images", tensor: drawDigits(digits, SEEDS.inference).images }],
    inputs: { [DIGIT_INPUT]: "images" },
    batchSize,
    segmentSteps,
    note: "digits",
  });
}
