/**
 * Runs single steps of one phase on an engine.
 *
 * @module
 */
import { batchIndices, equalBytes, type Hash, type TensorSource } from "../../ledger/primitives/mod.ts";
import type { Engine, Session } from "../engine.ts";
import { ExecutorError } from "../errors.ts";
import type { OpenedPhase } from "../program/mod.ts";
import type { TypedGraph } from "../graph.ts";
import { rootOfTensor, type Tensor } from "../tensor.ts";
import { gatherRows } from "./host_gather.ts";
import { descriptorAt, type PhasePlan, planPhase, valueName } from "./phase_plan.ts";

/** Tensors of a state, in the program's order. */
export type State = readonly Tensor[];

/**
 * What of a step's outcome is to leave the engine: `all` of it, or, where the next step needs no more, the `scalars`: they cost nothing, and people
 * watch them.
 */
export type Wanted = "all" | "scalars";

/** A step's outcome: the next state (`carry`) or the outputs (`map`), and the values by name that were handed out. */
export interface StepResult {
  /** `undefined` for what stays in the engine. */
  readonly outputs: readonly (Tensor | undefined)[];
  readonly values: ReadonlyMap<string, Tensor>;
}

/** Steps of a phase, one after the other. Between them the state stays in the engine, if it can keep it. */
export interface Course {
  /**
   * Executes the next step.
   *
   * @param step Its position in the phase.
   * @throws {ExecutorError} `engine_failed`, `bad_tensor`.
   */
  step(step: number, wanted: Wanted): Promise<StepResult>;
  /** Lets another course have the session. */
  end(): Promise<void>;
}

/** One phase, loaded into an engine. */
export interface PhaseRunner {
  /** Begins a course from a state. Courses at the same time have a session each. */
  begin(state: State): Promise<Course>;
  close(): Promise<void>;
}

/** A session, and what its inputs hold: tensors as they were given or handed out. They are never changed in place. */
interface Seat {
  readonly session: Session;
  readonly held: Map<string, Tensor>;
  /** What nodes on the host have gathered for the last step, where nobody else has it. */
  readonly gathered: Map<number, Tensor>;
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
  const open = async (): Promise<Seat> => {
    const { engineGraph, carry } = plan;
    // A trace has every value handed out: nothing would stay.
    const session = await (wanted === "outputs" ? engine.load(engineGraph, carry) : engine.load(engineGraph));
    return { session, held: new Map(), gathered: new Map() };
  };
  let idle: Seat | undefined = await open();
  const seats = new Set([idle]);
  let closed = false;
  return {
    async begin(state) {
      const seat = idle ?? await open();
      if (seat === idle) idle = undefined;
      if (closed) {
        await seat.session.close();
        throw new ExecutorError("bad_request", `The phase "${phase.graph.name}" is closed.`);
      }
      seats.add(seat);
      return courseOf({ phase, plan, data, seat }, state, async () => {
        if (!seats.has(seat)) return;
        if (idle === undefined) {
          idle = seat;
          return;
        }
        seats.delete(seat);
        await seat.session.close();
      });
    },
    async close() {
      closed = true;
      idle = undefined;
      const open = [...seats];
      seats.clear();
      for (const { session } of open) await session.close();
    },
  };
}

/** What a course runs on. */
interface Ground {
  readonly phase: OpenedPhase;
  readonly plan: PhasePlan;
  readonly data: readonly Tensor[];
  readonly seat: Seat;
}

function courseOf(ground: Ground, start: State, end: () => Promise<void>): Course {
  const { phase, data } = ground;
  let state: StepInputs["state"] = start, ended = false;
  return {
    async step(step, wanted) {
      const inputs = { state, data, batch: batchOf(phase, step) };
      const values = await runStep(ground, inputs, wanted);
      const outputs = phase.outputs.map(({ source }) => findSource(phase, source, inputs, values));
      if (phase.phase.mode === "carry") state = outputs;
      return { outputs, values };
    },
    async end() {
      if (!ended) await end();
      ended = true;
    },
  };
}

/**
 * Tensors that were all handed out.
 *
 * @throws {ExecutorError} `bad_program` if one is missing: a step with all outputs lacks only what its program does not have.
 */
export function completeState(outputs: readonly (Tensor | undefined)[]): State {
  return outputs.map((tensor, i) => {
    if (tensor !== undefined) return tensor;
    throw new ExecutorError(
      "bad_program",
      `The program puts out a tensor that it does not have: number ${i}.`,
    );
  });
}

/** The row indices of a step's batch, if the phase draws batches. */
export function batchOf(phase: OpenedPhase, step: number): Tensor | undefined {
  const schedule = phase.phase.batch;
  if (schedule === null) return undefined;
  return { dtype: "int64", shape: [schedule.size], data: batchIndices(schedule, step) };
}

/** What a step can read besides its own nodes. */
interface StepInputs {
  /** `undefined` for what is in the engine alone. */
  readonly state: readonly (Tensor | undefined)[];
  readonly data: readonly Tensor[];
  readonly batch: Tensor | undefined;
}

/** Executes a step and gives the values that the host has of it. */
async function runStep(
  { phase, plan, seat }: Ground,
  inputs: StepInputs,
  wanted: Wanted,
): Promise<ReadonlyMap<string, Tensor>> {
  const values = new Map<string, Tensor>();
  for (const node of plan.hostNodes) {
    const [rows, indices] = descriptorAt(phase, node).inputs;
    const gathered = gatherRows(
      sourceTensor(phase, rows, inputs, values),
      sourceTensor(phase, indices, inputs, values),
      seat.gathered.get(node),
    );
    seat.gathered.delete(node);
    if (wanted === "scalars" && !plan.handedOn.includes(node)) seat.gathered.set(node, gathered);
    values.set(valueName(phase.graph, { node, output: 0 }), gathered);
  }
  const feeds = plan.feeds.entries().flatMap(([name, source]) => {
    const stays = Object.hasOwn(plan.carry, name) && findSource(phase, source, inputs, values) === undefined;
    return stays ? [] : [[name, sourceTensor(phase, source, inputs, values)] as const];
  });
  return new Map([...values, ...await compute(plan, seat, new Map(feeds), wanted)]);
}

/** One computation: gives the session the inputs that it does not hold, and remembers what it holds afterwards. */
async function compute(
  { engineGraph: { outputs }, carry, watched }: PhasePlan,
  { session, held }: Seat,
  feeds: ReadonlyMap<string, Tensor>,
  wanted: Wanted,
): Promise<ReadonlyMap<string, Tensor>> {
  if (session.step === undefined) {
    return new Map(Object.entries(await session.run(Object.fromEntries(feeds))));
  }
  const changed = [...feeds].filter(([name, tensor]) => held.get(name) !== tensor);
  const read = wanted === "all" ? outputs.map(({ name }) => name) : watched;
  const before = [...held];
  // If the step fails, nobody knows what its inputs hold.
  held.clear();
  const computed = new Map(
    Object.entries(await session.step({ inputs: Object.fromEntries(changed), read })),
  );
  for (const [name, tensor] of [...before, ...changed]) held.set(name, tensor);
  for (const [input, output] of Object.entries(carry)) {
    const tensor = computed.get(output);
    if (tensor === undefined) held.delete(input);
    else held.set(input, tensor);
  }
  return computed;
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
