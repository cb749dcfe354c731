/**
 * `assay example`: files to try the network with.
 *
 * @module
 */
import { writeSafetensors } from "../../executor/mod.ts";
import { digitModel } from "../demo/digit_model.ts";
import { drawDigits } from "../demo/digits.ts";
import { ToolError } from "../errors.ts";
import type { Command } from "./command.ts";

/** Digits to learn from, to be examined on, and to be read by the inference job: enough for 97 %, small enough for a minute. */
const DIGITS = { training: 2048, exam: 512, unknown: 500 } as const;

/** Seeds of the drawing and of the fresh weights: any will do, fixed ones give everybody the same files. */
const SEEDS = { weights: 7, training: 11, exam: 12, unknown: 13 } as const;

const TRAIN_JOB = `# Trains model.onnx on the drawn digits of data.safetensors, then examines it on others.
# Post it with: deno task assay task post digits/train.yaml --watch
kind: train
note: a digit classifier
model: model.onnx

# Tensors by name. A name that is also the tensor's in the file needs no more than the file.
data:
  images: data.safetensors
  labels: data.safetensors
  exam.images: data.safetensors
  exam.labels: data.safetensors

# Which data tensor feeds which input of the model; the first dimension counts rows.
inputs:
  image: images
labels: labels

loss: cross_entropy
optimizer:
  kind: adamw
  learningRate: 0.004
steps: 240
batch: 32 # rows in each step
segment: 20 # steps between two commitments
seed: 5 # shuffles the rows

# Counted at the end on data that the training has not seen.
evaluation:
  inputs:
    image: exam.images
  labels: exam.labels
  threshold: 0.9

reward: 10 # AIGENSYN
`;

const INFER_JOB =
  `# Runs model.onnx over every row of "unknown". Put your trained weights into the model to have it say something sensible.
# Post it with: deno task assay task post digits/infer.yaml --watch
kind: infer
note: read the digits
model: model.onnx
data:
  unknown: data.safetensors
inputs:
  image: unknown
batch: 64
segment: 2
reward: 5 # AIGENSYN
`;

function digitsData(): Uint8Array {
  const training = drawDigits(DIGITS.training, SEEDS.training), exam = drawDigits(DIGITS.exam, SEEDS.exam);
  return writeSafetensors({
    images: training.images,
    labels: training.labels,
    "exam.images": exam.images,
    "exam.labels": exam.labels,
    unknown: drawDigits(DIGITS.unknown, SEEDS.unknown).images,
  });
}

/** Writes a new file: what a person has changed is not overwritten. */
async function writeNew(path: string, content: Uint8Array | string): Promise<void> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  try {
    await Deno.writeFile(path, bytes, { createNew: true });
  } catch (thrown) {
    if (!(thrown instanceof Deno.errors.AlreadyExists)) throw thrown;
    throw new ToolError(
      "usage",
      `${path} exists already. Name another folder: \`assay example digits FOLDER\`.`,
    );
  }
  console.log(`${path}  ${bytes.length} bytes`);
}

/** See the module. */
export const exampleCommand: Command = {
  name: "example",
  summary:
    'Writes a model, data and job files to try things with. NAME is "digits"; DIR is the name by default.',
  positional: ["NAME", "[DIR]"],
  options: {},
  async run(args) {
    const [name = "", folder = name] = args.positional;
    if (name !== "digits") throw new ToolError("usage", `There is no example "${name}": there is digits.`);
    await Deno.mkdir(folder, { recursive: true });
    await writeNew(`${folder}/model.onnx`, digitModel(SEEDS.weights));
    await writeNew(`${folder}/data.safetensors`, digitsData());
    await writeNew(`${folder}/train.yaml`, TRAIN_JOB.replace("digits/train", `${folder}/train`));
    await writeNew(`${folder}/infer.yaml`, INFER_JOB.replace("digits/infer", `${folder}/infer`));
    console.log(`\nHave it trained: deno task assay task post ${folder}/train.yaml --watch`);
    return 0;
  },
};
