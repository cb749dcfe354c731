/**
 * A challenger's computation of a tolerant program: not a run of its own, whose bits would differ from an honest provider's, but the provider's run
 * as it should be.
 *
 * Node by node, in the order of each step, it recomputes from what it holds right of the nodes before; what the provider committed to is right if it
 * lies within the bound, else what was recomputed is. That is the verdict of arbiters too, and the same on every machine. So:
 *
 *  - of an honest run it is the run itself, bit by bit: there is nothing to dispute, however noisy the device;
 *  - else it differs, and the leftmost node at which an opened trace differs from it reads just what it reads here: arbiters come to this
 *    leaf, whatever trace the provider makes up.
 *
 * It takes what the provider serves of its outputs. If it serves none there is nothing to compare with, and nothing is disputed.
 *
 * @module
 */
import {
  bytesToHex,
  decode,
  encode,
  formatAddress,
  type Hash,
  leafHash,
  locateSegment,
  programSegments,
  rootOfTop,
  stateRoot,
  tensorRoot,
  type TensorSource,
  topOf,
  type TraceLeaf,
  ZERO_HASH,
} from "../../ledger/primitives/mod.ts";
import type { Operation, Task } from "../../ledger/mod.ts";
import {
  type Executor,
  type LoadedProgram,
  rootOfTensor,
  type StepRecord,
  type Tensor,
} from "../../executor/mod.ts";
import { ROLE } from "../roles.ts";
import { type Activity, ActorError } from "../runtime/mod.ts";
import { seedOf } from "./auditor_moves.ts";
import { claimsOf } from "./claims.ts";
import { checkOutputs } from "./output_index.ts";
import { nodeNaming } from "./node_naming.ts";
import { at, type Party } from "./party.ts";
import { type NamedTensor, OutputIndex, PartyAnswer, PartyQuestion } from "./party_protocol.ts";
import type { WorkPowers } from "./powers.ts";
import { fetchTensor } from "./tensors.ts";

/** Time for a provider to say where its outputs are: it has them noted. */
const OUTPUTS_MS = 60_000;

/** Of a secret by which a claimed output is screened. */
const SECRET_BYTES = 32;

/** Judged runs that are remembered: as many as a node is busy with. */
const MAX_JUDGED = 16;

/** A step as it should be. */
interface JudgedStep extends StepRecord {
  /** What the provider committed to. */
  readonly claimed: readonly Tensor[];
  /** What went into each node: null where an input is absent or a constant. */
  readonly inputs: readonly (readonly (Tensor | null)[])[];
}

/** Judges runs of tolerant programs. */
export interface JudgedRuns {
  /**
   * The party that holds right what a task's provider committed to as far as it is within its bounds.
   *
   * @param afresh Judge again what is remembered. Default false.
   * @throws {ActorError} `mismatch` if the provider serves other outputs than it committed to; what asking and fetching throw.
   */
  party(task: Task, program: LoadedProgram, activity: Activity, afresh?: boolean): Promise<Party>;
  /**
   * The move that names the first node that is not right, whatever the provider answers; `undefined` if none can be named, see {@link nodeNaming}.
   *
   * @throws {ActorError} as {@link JudgedRuns.party}.
   */
  naming(
    task: Task,
    program: LoadedProgram,
    dispute: Hash,
    activity: Activity,
  ): Promise<Operation | undefined>;
}

/** What the provider committed to, which is noted: it might not serve it a second time. */
async function indexOf(
  { journal }: WorkPowers,
  task: Task,
  { program }: LoadedProgram,
  activity: Activity,
): Promise<OutputIndex> {
  const { result } = task;
  if (result === null) throw new ActorError("refused", "The task has no result to judge.");
  const key = `judged/${bytesToHex(result.runRoot)}`;
  const note = await journal.get(key);
  if (note !== undefined) return decode(OutputIndex, note);
  const provider = { peer: formatAddress(result.provider), role: ROLE.provider };
  const question = encode(PartyQuestion, { kind: "outputs", task: task.id });
  const answer = decode(PartyAnswer, await activity.ask(provider, question, OUTPUTS_MS));
  if (answer.kind !== "outputs") {
    throw new ActorError("bad_message", "The provider answered something else than was asked.");
  }
  checkOutputs(program, { runRoot: result.runRoot, seed: seedOf(task) }, answer.index);
  await journal.put(key, encode(OutputIndex, answer.index));
  return answer.index;
}

/** Root of an input of a node, as a trace names it. */
function inputRoot(source: TensorSource, tensor: Tensor | null | undefined): Hash {
  if (source.kind === "constant") return source.root;
  return tensor ? rootOfTensor(tensor) : ZERO_HASH;
}

/** Judges one step. Costs one execution on this node's device, and one of each node where claims are recomputed. */
async function judgeStep(
  executor: Executor,
  { id, phases }: LoadedProgram,
  place: { readonly phase: number; readonly segment: number; readonly step: number },
  claimed: readonly Tensor[],
  call: Pick<Activity, "signal" | "random">,
): Promise<JudgedStep> {
  const { phase, segment, step } = place;
  const described = at(phases, phase, "phase");
  const own = { program: id, segment, step };
  const values: (readonly Tensor[])[] = [], nodes: TraceLeaf[] = [];
  const read: (readonly (Tensor | null)[])[] = [];
  for (const [node, descriptor] of described.nodes.entries()) {
    // Only for what is no node's output: the state, the data and the batch are the same to everybody.
    const given = await executor.nodeInputs({ ...own, node }, call);
    const inputs = descriptor.inputs.map((source, i) =>
      source.kind === "node" ? at(at(values, source.node, "node"), source.output, "output") : given[i] ?? null
    );
    const claims = claimsOf(described.outputs, claimed, node);
    const secret = call.random(SECRET_BYTES);
    const request = { program: id, phase, node, inputs, claimed: claims, secret };
    const outputs = await executor.executeNode(request, call);
    values.push(outputs);
    read.push(inputs);
    nodes.push({
      node,
      inputs: descriptor.inputs.map((source, i) => inputRoot(source, inputs[i])),
      outputs: outputs.map(rootOfTensor),
    });
  }
  const outputs = described.outputs.map(({ name, source }, i) => {
    const tensor = source.kind === "node"
      ? at(at(values, source.node, "node"), source.output, "output")
      : at(claimed, i, "step output");
    return { name, root: rootOfTensor(tensor) };
  });
  const { input } = await executor.trace(own, call);
  return { input, nodes, outputs, claimed, inputs: read };
}

/** Makes a judge of runs. */
export function makeJudgedRuns(powers: WorkPowers): JudgedRuns {
  const { executor, blobs } = powers;
  const known = new Map<string, readonly (readonly Hash[])[]>();

  const judgeAt = async (
    program: LoadedProgram,
    index: OutputIndex,
    task: Task,
    { segment, step }: { readonly segment: number; readonly step: number },
    { signal, random }: Pick<Activity, "signal" | "random">,
  ): Promise<JudgedStep> => {
    const location = locateSegment(program.program, segment);
    const served = index.maps.find((map) => map.segment === segment);
    if (location === undefined || served === undefined) {
      throw new ActorError("mismatch", `The program has no segment ${segment} that infers.`, { segment });
    }
    const named: readonly NamedTensor[] = at(served.steps, step - location.firstStep, "step");
    const from = task.result === null ? [] : [task.result.provider];
    const claimed = await Promise.all(
      named.map(({ header }) => fetchTensor(blobs, tensorRoot(header), header, { signal, from })),
    );
    const place = { phase: location.phaseIndex, segment, step };
    return await judgeStep(executor, program, place, claimed, { signal, random });
  };

  const stepRoots = async (
    program: LoadedProgram,
    index: OutputIndex,
    task: Task,
    activity: Activity,
  ): Promise<readonly (readonly Hash[])[]> => {
    const roots: Hash[][] = [];
    for (let segment = 0; segment < programSegments(program.program); segment++) {
      const { firstStep = 0, endStep = 0 } = locateSegment(program.program, segment) ?? {};
      const inSegment: Hash[] = [];
      for (let step = firstStep; step < endStep; step++) {
        const { outputs } = await judgeAt(program, index, task, { segment, step }, activity);
        inSegment.push(stateRoot(outputs));
      }
      roots.push(inSegment);
    }
    return roots;
  };

  const judged: JudgedRuns = {
    async party(task, program, activity, afresh = false) {
      const index = await indexOf(powers, task, program, activity);
      const key = `${bytesToHex(task.id)}/${task.attempt}`;
      const roots = (afresh ? undefined : known.get(key)) ??
        await stepRoots(program, index, task, activity);
      known.set(key, roots);
      const oldest = known.keys().next().value;
      if (known.size > MAX_JUDGED && oldest !== undefined) known.delete(oldest);
      return {
        executor: judgedExecutor(
          executor,
          program,
          roots,
          (place, { signal }) => judgeAt(program, index, task, place, { signal, random: activity.random }),
        ),
        program,
        segmentRoots: roots.map((steps) => rootOfTop(topOf(steps.map(leafHash)), steps.length)),
        seed: seedOf(task),
        call: { signal: activity.signal },
      };
    },
    async naming(task, program, dispute, activity) {
      const index = await indexOf(powers, task, program, activity);
      return await nodeNaming(await judged.party(task, program, activity), index, dispute);
    },
  };
  return judged;
}

/** An executor that says of a run's steps what is right of them. What a step put out stays what was claimed. */
function judgedExecutor(
  executor: Executor,
  { program }: LoadedProgram,
  roots: readonly (readonly Hash[])[],
  judge: (
    place: { readonly segment: number; readonly step: number },
    call: Pick<Activity, "signal">,
  ) => Promise<JudgedStep>,
): Executor {
  let last: { readonly key: string; readonly step: JudgedStep } | undefined;
  const stepAt = async (
    place: { readonly segment: number; readonly step: number },
    call: Pick<Activity, "signal">,
  ) => {
    const key = `${place.segment}/${place.step}`;
    if (last?.key !== key) last = { key, step: await judge(place, call) };
    return last.step;
  };
  return {
    ...executor,
    steps: ({ segment }) =>
      Promise.resolve({
        firstStep: locateSegment(program, segment)?.firstStep ?? 0,
        roots: at(roots, segment, "segment"),
      }),
    trace: (place, call) => stepAt(place, call),
    async output(place, call) {
      const { outputs, claimed } = await stepAt(place, call);
      return {
        entries: outputs.map(({ name }, i) => ({ name, root: rootOfTensor(at(claimed, i, "step output")) })),
        tensors: claimed,
      };
    },
    nodeInputs: async (place, call) => at((await stepAt(place, call)).inputs, place.node, "node"),
  };
}
