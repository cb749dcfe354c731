/**
 * The job that is cheated at: a small classifier trained with momentum on shuffled batches, and examined on rows that it has not seen.
 * It takes milliseconds and has everything that can be lied about.
 *
 * @module
 */
import {
  buildInferenceProgram,
  buildTrainingProgram,
  type BuiltProgram,
  type Graph,
  GraphBuilder,
  type GraphNode,
  type NamedTensor,
  type ProgramEngine,
} from "../../../executor/mod.ts";
import { type Dice, makeDice } from "../random.ts";

const ROWS = 16, EXAM_ROWS = 8, BATCH = 4, WIDTH = 3, CLASSES = 2, SEGMENT_STEPS = 4, DROPPED = 0.25;

/** Steps of its training: phase 0. */
export const TRAINING_STEPS = 8;

/** The phase of its examination, and its steps. */
export const EXAM_PHASE = 1, EXAM_STEPS = EXAM_ROWS / BATCH;

/** Segments of a run: those of the training, and the examination. */
export const SEGMENTS = TRAINING_STEPS / SEGMENT_STEPS + Math.ceil(EXAM_STEPS / SEGMENT_STEPS);

/** Steps of a job that infers. */
export const INFERENCE_STEPS = ROWS / BATCH;

/** Names of state tensors. */
export const WEIGHTS = "weight.weights", COUNT = "correct";

/** Everything that decides the job: who changes one of them computes something else. */
export interface JobPlan {
  readonly dataSeed: number;
  readonly weightSeed: number;
  readonly shuffleSeed: bigint;
  readonly learningRate: number;
  /** What draws the elements that training drops. Default: none are dropped. */
  readonly dropoutSeed?: bigint;
  /** Whether the examination holds right answers to be wrong, and wrong ones right. Default false. */
  readonly examFlipped?: boolean;
  /** Rows of the examination, a multiple of a batch. Default {@link EXAM_STEPS} batches. */
  readonly examRows?: number;
  /** Steps of a segment of its training. Default {@link SEGMENT_STEPS}; all of them make it one segment. */
  readonly segmentSteps?: number;
  /** Whether the rows are classified by the weights as they are, instead of training them. Default false. */
  readonly infers?: boolean;
  /** Classes to tell apart. Default 2; with {@link MANY_CLASSES} the weights take two chunks. */
  readonly classes?: number;
}

/** Rows of an examination in which, flipped, the count of right answers is another somewhere on the way, whatever the model. */
export const MANY_EXAM_ROWS = 64;

/** Classes of a job whose weights are longer than a chunk of 64 KiB. */
export const MANY_CLASSES = 6_000;

/** A job under a seed. */
export function drawJob(dice: Dice): JobPlan {
  const seed = () => dice.whole(1, 1_000_000);
  return { dataSeed: seed(), weightSeed: seed(), shuffleSeed: BigInt(seed()), learningRate: 0.125 };
}

function noise(shape: readonly number[], dice: Dice) {
  const count = shape.reduce((product, size) => product * size, 1);
  const data = Float32Array.from({ length: count }, () => dice.whole(-16, 16) / 16);
  return { dtype: "float32", shape, data } as const;
}

/** Points, and the class of each: whether its coordinates sum to more than 0; or, flipped, whether they do not. */
function points(prefix: string, rows: number, dice: Dice, flipped = false): readonly NamedTensor[] {
  const inputs = noise([rows, WIDTH], dice);
  const labels = BigInt64Array.from({ length: rows }, (_, row) => {
    const point = inputs.data.subarray(row * WIDTH, (row + 1) * WIDTH);
    const isAbove = point.reduce((sum, coordinate) => sum + coordinate, 0) > 0;
    return isAbove !== flipped ? 1n : 0n;
  });
  return [
    { name: `${prefix}inputs`, tensor: inputs },
    { name: `${prefix}labels`, tensor: { dtype: "int64", shape: [rows], data: labels } },
  ];
}

/** The model with some of the points' coordinates dropped in training. A model of one node: what is built node by node draws nothing. */
function withDropout(model: Graph): Graph {
  const dropout: GraphNode = {
    name: "dropout",
    domain: "",
    operator: "Dropout",
    inputs: ["point", "ratio", "training"],
    outputs: ["dropped"],
    attributes: {},
  };
  const reading = model.nodes.map((node) => ({
    ...node,
    inputs: node.inputs.map((name) => name === "point" ? "dropped" : name),
  }));
  const ratio = { dtype: "float32", shape: [], data: Float32Array.of(DROPPED) } as const;
  const training = { dtype: "bool", shape: [], data: Uint8Array.of(1) } as const;
  const initializers = new Map([...model.initializers, ["ratio", ratio], ["training", training]]);
  return { ...model, nodes: [dropout, ...reading], initializers };
}

/** The job as a program. */
export function buildJob(job: JobPlan, engine: ProgramEngine): BuiltProgram {
  const {
    dataSeed,
    weightSeed,
    shuffleSeed,
    learningRate,
    dropoutSeed,
    classes = CLASSES,
    examRows = EXAM_ROWS,
    segmentSteps = SEGMENT_STEPS,
  } = job;
  const graph = new GraphBuilder({ name: "classifier" });
  const point = graph.input("point", "float32", [BATCH, WIDTH]);
  const weights = graph.constant(noise([WIDTH, classes], makeDice(weightSeed)), "weights");
  graph.output(graph.add("MatMul", [point, weights]), "scores");
  const model = graph.finish();
  const data = makeDice(dataSeed);
  const rows = points("", ROWS, data);
  if (job.infers === true) {
    const [points] = rows;
    return buildInferenceProgram({
      engine,
      model,
      data: points === undefined ? [] : [points],
      inputs: { point: "inputs" },
      batchSize: BATCH,
      segmentSteps: INFERENCE_STEPS / 2,
      note: "a small classifier",
    });
  }
  const exam = points("exam.", examRows, data, job.examFlipped);
  return buildTrainingProgram({
    engine,
    model: dropoutSeed === undefined ? model : withDropout(model),
    data: [...rows, ...exam],
    inputs: { point: "inputs" },
    labels: "labels",
    evaluation: { inputs: { point: "exam.inputs" }, labels: "exam.labels" },
    loss: "cross_entropy",
    optimizer: { kind: "momentum", learningRate },
    steps: TRAINING_STEPS,
    segmentSteps,
    batchSize: BATCH,
    seed: shuffleSeed,
    ...(dropoutSeed === undefined ? {} : { dropoutSeed }),
    note: "a small classifier",
  });
}
