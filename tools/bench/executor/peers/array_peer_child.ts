/**
 * Array libraries for the web at products and whole models, on one thread, with the result read back. Arguments: `jax-js`|`tfjs` WORKLOAD.
 *
 * They are imported by names computed at run time, so that only who runs benchmarks installs them. What a library computes is compared with
 * our own engine's result before it is measured: a model written down wrongly would be a peer of nothing.
 *
 * @module
 */
import { createEngine } from "../../../../executor/engines/create_engine_ort.ts";
import { STEP_NAMES, type Tensor } from "../../../../executor/mod.ts";
import { ToolError } from "../../../errors.ts";
import { serveContender } from "../../serve_contender.ts";
import { figureOf } from "../figure.ts";
import { CHARACTERS, TRAININGS } from "../trainings.ts";
import { ENCODER, RESIDUAL_WIDTHS, type Workload, workloadNamed } from "../workloads.ts";
import type { ArrayLibrary, Weights } from "./array_library.ts";
import {
  type ArrayModel,
  convolutionalNet,
  crossEntropyOf,
  encoder,
  languageModel,
  perceptron,
  residualNet,
} from "./array_models.ts";
import { openJax } from "./jax_library.ts";
import { openTfjs } from "./tfjs_library.ts";

/** Libraries round, and sum in other orders: results agree to this part of the largest. */
const TOLERANCE = 0.02;

/** The model of a workload. */
function modelOf<A>(l: ArrayLibrary<A>, workload: string): ArrayModel<A> | undefined {
  switch (workload) {
    case "MLP step":
      return perceptron(l);
    case "CNN step":
      return convolutionalNet(l);
    case "char-LM step":
      return languageModel(l, CHARACTERS.heads, CHARACTERS.time);
    case "encoder":
      return encoder(l, ENCODER.heads);
    case "ResNet":
      return residualNet(l, RESIDUAL_WIDTHS.length);
  }
  return undefined;
}

/** Elements of a tensor of four axes in another order of them. */
function reordered({ dtype, data, shape }: Tensor, order: readonly number[]): Tensor {
  if (!(data instanceof Float32Array)) throw new ToolError("failed", `${dtype} has no order of channels`);
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((n, size) => n * size, 1));
  const to = order.map((axis) => shape[axis] ?? 1);
  const result = data.map((_, at) => {
    let rest = at, from = 0;
    for (let axis = to.length - 1; axis >= 0; axis--) {
      const size = to[axis] ?? 1;
      from += (rest % size) * (strides[order[axis] ?? 0] ?? 1);
      rest = Math.floor(rest / size);
    }
    return data[from] ?? 0;
  });
  return { dtype: "float32", shape: to, data: result };
}

/** Images and kernels with their channels last; others as they are. */
const channelsLast = (x: Tensor) => x.shape.length === 4 ? reordered(x, [0, 2, 3, 1]) : x;
const kernelsLast = (w: Tensor) => w.shape.length === 4 ? reordered(w, [2, 3, 1, 0]) : w;

/** A run of the workload, and what it computes: all elements of an output, or a loss. */
type Run = () => ArrayLike<number>;

function trainingRun<A>(l: ArrayLibrary<A>, model: ArrayModel<A>, workload: Workload, name: string): Run {
  const training = TRAININGS[name]?.(), prefix = `${STEP_NAMES.state}weight.`;
  if (training === undefined) throw new ToolError("failed", `There is no training "${name}".`);
  const weights = weightsOf(
    l,
    Object.entries(workload.inputs).flatMap(([input, tensor]) =>
      input.startsWith(prefix) ? [[input.slice(prefix.length), tensor] as const] : []
    ),
  );
  const [x, labels] = ["x", "labels"].map((each) => workload.inputs[STEP_NAMES.data + each]);
  if (x === undefined || labels === undefined) throw new ToolError("failed", `${name} has no batch`);
  const batch = [l.array(channelsLast(x)), l.array(labels)] as const;
  const step = l.train(weights, crossEntropyOf(l, model), training.optimizer);
  return () => [step(...batch)];
}

function inferenceRun<A>(l: ArrayLibrary<A>, model: ArrayModel<A>, workload: Workload): Run {
  const weights = weightsOf(
    l,
    [...workload.graph.initializers].filter(([, { dtype }]) => dtype === "float32"),
  );
  const [x] = Object.values(workload.inputs);
  if (x === undefined) throw new ToolError("failed", "the workload has no input");
  const input = l.array(channelsLast(x)), infer = l.compile(weights, model);
  return () => l.read(infer(input));
}

function weightsOf<A>(l: ArrayLibrary<A>, tensors: readonly (readonly [string, Tensor])[]): Weights<A> {
  return Object.fromEntries(tensors.map(([name, tensor]) => [name, l.array(kernelsLast(tensor))]));
}

function productRun<A>(l: ArrayLibrary<A>, workload: Workload): Run {
  const a = workload.inputs["a"], b = workload.graph.initializers.get("b");
  if (a === undefined || b === undefined) throw new ToolError("failed", "this is no product of two matrices");
  const left = l.array(a),
    multiply = l.compile({ b: l.array(b) }, (weights, x) => l.firstRow(l.product(x, weights["b"] ?? x)));
  return () => l.read(multiply(left));
}

/** The first output of our engine: of a training step its loss. */
async function expected(workload: Workload): Promise<ArrayLike<number>> {
  const engine = await createEngine("repops");
  const session = await engine.load(workload.graph);
  const outputs = await session.run(workload.inputs);
  await session.close();
  await engine.close();
  const found = outputs[`${STEP_NAMES.next}loss`] ?? Object.values(outputs)[0];
  return Array.from(found?.data ?? [], Number);
}

/** @throws {ToolError} `failed` if the results differ by more than rounding. */
function assertSame(got: ArrayLike<number>, wanted: ArrayLike<number>): void {
  let largest = 0, error = 0;
  for (let i = 0; i < wanted.length; i++) {
    const value = wanted[i] ?? NaN;
    largest = Math.max(largest, Math.abs(value));
    error = Math.max(error, Math.abs(value - (got[i] ?? NaN)));
  }
  if (got.length === wanted.length && error <= TOLERANCE * largest) return;
  throw new ToolError("failed", `it computes something else: ${error} of ${largest} apart`);
}

function runOf<A>(l: ArrayLibrary<A>, name: string, workload: Workload): Run {
  const model = modelOf(l, name);
  if (model === undefined) return productRun(l, workload);
  return name.endsWith(" step")
    ? trainingRun(l, model, workload, name.slice(0, -" step".length))
    : inferenceRun(l, model, workload);
}

async function open([library = "", name = ""]: readonly string[]) {
  const workload = workloadNamed(name);
  const run = library === "tfjs"
    ? runOf(await openTfjs(), name, workload)
    : runOf(await openJax(), name, workload);
  assertSame(run(), await expected(workload));
  return { sample: () => figureOf(workload, run), close: () => Promise.resolve() };
}

if (import.meta.main) await serveContender(open);
