/**
 * Runs single steps of one phase on an engine.
 *
 * @module
 */
import { batchIndices, equalBytes, type Hash, type TensorSource } from "../../ledger/primitives/mod.ts";
import type { Engine, Session, Tensors } from "../engine.ts";
import { ExecutorError } from "../errors.ts";
import type { OpenedPhase } from "../program/mod.ts";
import type { TypedGraph } from "../graph.ts";
import { rootOfTensor, type Tensor } from "../tensor.ts";
import { gatherRows } from "./host_gather.ts";
import { descriptorAt, type PhasePlan, planPhase, valueName } from "./phase_plan.ts";

/** Tensors of a state, in the program's order. */
export type State = readonly Tensor[];

/** A step's outcome: the next state (`carry`) or the outputs (`map`), and the values by name that were computed on the way. */
export interface StepResult {
  readonly outputs: readonly Tensor[];
  readonly values: ReadonlyMap<string, Tensor>;
}

/** One phase, loaded into an engine. */
export interface PhaseRunner {
  /**
   * Executes one step.
   *
   * @param state The state it starts from.
   * @param step Position in the phase.
   * @throws {ExecutorError} `engine_failed`, `bad_tensor`.
   */
  step(state: State, step: number): Promise<StepResult>;
  close(): Promise<void>;
}

/**
 * Loads a phase.
 *
 * @param data The program's data tensors.
 * @param wanted `outputs` for fast steps, `everything` if `values` shall hold every value of the graph.
 * @throws {ExecutorError} as {@link Engine.load} does.
 */
export async function loadPhase(
  engine: Engine,
  phase: OpenedPhase,
  data: readonly Tensor[],
  wanted: "outputs" | "everything",
): Promise<PhaseRunner> {
  const plan = planPhase(phase, wanted);
  const session = await engine.load(plan.engineGraph);
  return {
    step: (state, step) => runStep(phase, plan, session, { state, data, batch: batchOf(phase, step) }),
    close: () => session.close(),
  };
}

/** What a step can read besides its own nodes. */
interface StepInputs {
  readonly state: State;
  readonly data: readonly Tensor[];
  readonly batch: Tensor | undefined;
}

/** The row indices of a step's batch, if the phase draws batches. */
export function batchOf(phase: OpenedPhase, step: number): Tensor | undefined {
  const schedule = phase.phase.batch;
  if (schedule === null) return undefined;
  return { dtype: "int64", shape: [schedule.size], data: batchIndices(schedule, step) };
}

async function runStep(
  phase: OpenedPhase,
  plan: PhasePlan,
  session: Session,
  inputs: StepInputs,
): Promise<StepResult> {
  const values = new Map<string, Tensor>();
  for (const node of plan.hostNodes) {
    const [rows, indices] = descriptorAt(phase, node).inputs;
    const gathered = gatherRows(
      sourceTensor(phase, rows, inputs, values),
      sourceTensor(phase, indices, inputs, values),
    );
    values.set(valueName(phase.graph, { node, output: 0 }), gathered);
  }
  const feeds: Record<string, Tensor> = {};
  for (const [name, source] of plan.feeds) feeds[name] = sourceTensor(phase, source, inputs, values);
  const computed: Tensors = await session.run(feeds);
  for (const [name, tensor] of Object.entries(computed)) values.set(name, tensor);
  return { outputs: phase.outputs.map(({ source }) => sourceTensor(phase, source, inputs, values)), values };
}

/**
 * The tensor that a source stands for in one step.
 *
 * @throws {ExecutorError} `bad_program` for a source that the program does not have.
 */
export function sourceTensor(
  phase: OpenedPhase,
  source: TensorSource | undefined,
  inputs: StepInputs,
  values: ReadonlyMap<string, Tensor>,
): Tensor {
  const tensor = findSource(phase, source, inputs, values);
  if (tensor === undefined) {
    throw new ExecutorError(
      "bad_program",
      `The program reads a tensor that it does not have: ${
        source === undefined ? "no source" : JSON.stringify(source)
      }.`,
    );
  }
  return tensor;
}

function findSource(
  phase: OpenedPhase,
  source: TensorSource | undefined,
  { state, data, batch }: StepInputs,
  values: ReadonlyMap<string, Tensor>,
): Tensor | undefined {
  switch (source?.kind) {
    case "node":
      return values.get(valueName(phase.graph, source));
    case "state":
      return state[source.index];
    case "data":
      return data[source.index];
    case "batch":
      return batch;
    case "constant":
      return constantWithRoot(phase.graph, source.root);
    case "absent":
    case undefined:
      return undefined;
  }
}

/** Hashes every constant in turn: only an output that is itself a constant of the graph comes here. */
function constantWithRoot(graph: TypedGraph, root: Hash): Tensor | undefined {
  return graph.initializers.values().find((tensor) => equalBytes(rootOfTensor(tensor), root));
}
