/**
 * The two forms of a model: one that is trained, in which Dropout draws and BatchNormalization keeps running statistics, and one
 * that infers, in which neither does. Exporters write either; each use takes the form that it needs.
 *
 * @module
 */
import { ExecutorError } from "../errors.ts";
import type { Graph, GraphNode, ValueInfo } from "../graph.ts";
import { ASSAY_DOMAIN, intAttribute, UNKNOWN_RANK } from "../onnx/mod.ts";

/** A statistic that training moves: the initializer that holds it, and the value that is its next. */
export interface RunningStatistic {
  readonly name: string;
  readonly next: string;
}

/** A model made ready for training. */
export interface TrainingForm {
  /** Has the {@link RunningStatistic.next} among its outputs and, if it draws, {@link TrainingForm.step} among its inputs. */
  readonly model: Graph;
  readonly statistics: readonly RunningStatistic[];
  /** Name of the model's input for the number of steps done; `undefined` if it draws nothing. */
  readonly step: string | undefined;
}

/** Share of elements that ONNX's Dropout drops if nothing is said. */
const DEFAULT_RATIO = 0.5;

const isDropout = (node: GraphNode) => node.domain === "" && node.operator === "Dropout";

/** Whether a Dropout is told by a constant to draw. */
function draws(model: Graph, node: GraphNode): boolean {
  const training = model.initializers.get(node.inputs[2] ?? "");
  return isDropout(node) && training !== undefined && Number(training.data[0] ?? 0) !== 0;
}

const keepsStatistics = (node: GraphNode) =>
  node.domain === "" && node.operator === "BatchNormalization" &&
  intAttribute(node, "training_mode", 0) !== 0;

/** Names of the running statistics that training moves: initializers, by the nodes that read them. */
export function runningStatistics(model: Graph): readonly string[] {
  const names = model.nodes.filter(keepsStatistics).flatMap(({ inputs }) => inputs.slice(3, 5));
  return names.filter((name) => model.initializers.has(name));
}

/**
 * The model as it infers: no Dropout drops anything, every BatchNormalization takes the statistics that it was given.
 *
 * A normalization whose new statistics something else reads stays as it is.
 */
export function inferenceForm(model: Graph): Graph {
  const read = new Set([
    ...model.nodes.flatMap(({ inputs }) => inputs),
    ...model.outputs.map(({ name }) => name),
  ]);
  const nodes = model.nodes.map((node): GraphNode => {
    if (draws(model, node)) return { ...node, inputs: node.inputs.slice(0, 1) };
    if (!keepsStatistics(node) || node.outputs.slice(1).some((name) => read.has(name))) return node;
    const { training_mode: _, ...attributes } = node.attributes;
    return { ...node, attributes, outputs: node.outputs.slice(0, 1) };
  });
  return { ...model, nodes };
}

/**
 * The model as it is trained: each Dropout becomes a `CounterDropout`, whose draw depends on the seed, on which Dropout of the
 * model it is, on the step and on the place alone; the new statistics of each BatchNormalization become outputs.
 *
 * @param extended Whether the engine has the operators of `ai.assay`.
 * @throws {ExecutorError} `unsupported_operator` for a Dropout on an engine that cannot draw so, or whose ratio is computed.
 */
export function trainingForm(model: Graph, seed: bigint, extended: boolean): TrainingForm {
  const taken = new Set([
    ...model.inputs.map(({ name }) => name),
    ...model.initializers.keys(),
    ...model.nodes.flatMap(({ outputs }) => outputs),
  ]);
  const fresh = (stem: string): string => {
    let name = stem;
    for (let i = 0; taken.has(name); i++) name = `${stem}.${i}`;
    taken.add(name);
    return name;
  };
  const initializers = new Map(model.initializers), statistics: RunningStatistic[] = [];
  const step = model.nodes.some((node) => draws(model, node)) ? fresh("training.step") : undefined;
  let streams = 0;
  const nodes = model.nodes.map((node): GraphNode => {
    if (step !== undefined && draws(model, node)) {
      if (!extended) throw cannotDraw(node, "only repops draws numbers that everybody can draw again");
      const ratio = fresh(`${node.name}.ratio`);
      const data = Float32Array.of(ratioOf(model, node));
      initializers.set(ratio, { dtype: "float32", shape: [], data });
      return {
        ...node,
        domain: ASSAY_DOMAIN,
        operator: "CounterDropout",
        inputs: [node.inputs[0] ?? "", ratio, step],
        attributes: {
          seed: { type: "int", value: BigInt.asIntN(64, seed) },
          stream: { type: "int", value: BigInt(streams++) },
        },
      };
    }
    if (!keepsStatistics(node)) return node;
    const outputs = [0, 1, 2].map((i) => node.outputs[i] ?? fresh(`${node.name}.statistic.${i}`));
    node.inputs.slice(3, 5).forEach((name, i) => {
      if (initializers.has(name)) statistics.push({ name, next: outputs[i + 1] ?? "" });
    });
    return { ...node, outputs };
  });
  const added = statistics.filter(({ next }) => !model.outputs.some(({ name }) => name === next))
    .map(({ next }): ValueInfo => ({ name: next, dtype: "float32", shape: [UNKNOWN_RANK] }));
  const stepInput: readonly ValueInfo[] = step === undefined
    ? []
    : [{ name: step, dtype: "int64", shape: [] }];
  return {
    model: {
      ...model,
      nodes,
      initializers,
      inputs: [...model.inputs, ...stepInput],
      outputs: [...model.outputs, ...added],
    },
    statistics,
    step,
  };
}

function ratioOf(model: Graph, node: GraphNode): number {
  const name = node.inputs[1] ?? "";
  if (name === "") return DEFAULT_RATIO;
  const ratio = Number(model.initializers.get(name)?.data[0] ?? NaN);
  if (ratio >= 0 && ratio < 1) return ratio;
  throw cannotDraw(node, "its ratio must be a constant in [0, 1)");
}

function cannotDraw(node: GraphNode, reason: string): ExecutorError {
  return new ExecutorError(
    "unsupported_operator",
    `The node "${node.name}" (Dropout) cannot be trained with: ${reason}. Train on repops, or export the model in inference mode.`,
    { node: node.name, operator: node.operator },
  );
}
