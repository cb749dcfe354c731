/**
 * Answers the questions of `party_protocol.ts` from this node's own computation.
 *
 * @module
 */
import { bytesToHex, decode, encode, type Hash } from "../../ledger/primitives/mod.ts";
import type { Dispute, Task } from "../../ledger/mod.ts";
import type { LoadedProgram } from "../../executor/mod.ts";
import { type Activity, ActorError } from "../runtime/mod.ts";
import type { Party } from "./party.ts";
import { type OutputIndex, PartyAnswer, PartyQuestion } from "./party_protocol.ts";
import type { WorkPowers } from "./powers.ts";
import { seedOf } from "./auditor_moves.ts";
import { publishAll, publishTensor } from "./tensors.ts";

/** What answering needs besides the powers. */
export interface PartySource {
  /** This node's computation of a task's program, made again if need be. */
  party(task: Task, activity: Activity): Promise<Party>;
  /** A task's program, ready to execute. */
  program(task: Task, activity: Activity): Promise<LoadedProgram>;
  /** Where this node keeps the outputs of a task, if it computed them. */
  outputs(task: Task, activity: Activity): Promise<OutputIndex>;
}

async function taskById(powers: WorkPowers, id: Hash, activity: Activity): Promise<Task> {
  const task = await powers.ledger.query("task", id, activity);
  if (task === undefined) throw new ActorError("refused", `There is no task ${bytesToHex(id).slice(0, 12)}.`);
  return task;
}

/** The node that a dispute has come down to, if it has. */
function disputedNode({ stage }: Dispute) {
  switch (stage.kind) {
    case "draw":
    case "commit":
    case "reveal":
    case "verdict":
    case "appeal_commit":
    case "appeal_reveal":
    case "open_inputs":
      return stage.at;
    default:
      return undefined;
  }
}

/** The node that a dispute has come down to, in this node's own computation. */
async function disputedPlace(powers: WorkPowers, source: PartySource, id: Hash, activity: Activity) {
  const dispute = await powers.ledger.query("dispute", id, activity);
  const at = dispute === undefined ? undefined : disputedNode(dispute);
  if (dispute === undefined || at === undefined) {
    throw new ActorError(
      "refused",
      "That dispute has not come down to a node: ask when its arbiters are drawn.",
    );
  }
  const party = await source.party(await taskById(powers, dispute.task, activity), activity);
  const { segment } = at.within.within;
  return { party, place: { program: party.program.id, segment, step: at.within.step, node: at.node } };
}

async function nodeInputs(
  powers: WorkPowers,
  source: PartySource,
  id: Hash,
  activity: Activity,
): Promise<PartyAnswer> {
  const { party, place } = await disputedPlace(powers, source, id, activity);
  const tensors = await party.executor.nodeInputs(place, party.call);
  const headers = await Promise.all(
    tensors.map((tensor) => tensor === null ? null : publishTensor(powers.blobs, tensor)),
  );
  return { kind: "node_inputs", headers };
}

async function stepOutputs(
  powers: WorkPowers,
  source: PartySource,
  id: Hash,
  activity: Activity,
): Promise<PartyAnswer> {
  const { party, place } = await disputedPlace(powers, source, id, activity);
  const named = await party.executor.output(place, party.call);
  return { kind: "step_outputs", outputs: await publishAll(powers.blobs, named) };
}

async function segmentState(
  powers: WorkPowers,
  source: PartySource,
  id: Hash,
  segment: number,
  activity: Activity,
): Promise<PartyAnswer> {
  const audit = await powers.ledger.query("audit", id, activity);
  const isOpened = audit?.sampled.some((sample) => sample.segment === segment && sample.input !== null);
  if (isOpened !== true) {
    throw new ActorError("refused", "That state is not opened for an audit: ask when it is.");
  }
  const program = await source.program(await taskById(powers, id, activity), activity);
  const named = await powers.executor.state({ program: program.id, segment }, { signal: activity.signal });
  return { kind: "segment_state", state: await publishAll(powers.blobs, named) };
}

/**
 * The answer to a question.
 *
 * @throws {ActorError} `refused` for what this node cannot answer; {@link CodecError} for bytes that are no question.
 */
export async function answerParty(
  powers: WorkPowers,
  source: PartySource,
  body: Uint8Array,
  activity: Activity,
): Promise<Uint8Array> {
  const question = decode(PartyQuestion, body);
  switch (question.kind) {
    case "node_inputs":
      return encode(PartyAnswer, await nodeInputs(powers, source, question.dispute, activity));
    case "step_outputs":
      return encode(PartyAnswer, await stepOutputs(powers, source, question.dispute, activity));
    case "outputs": {
      const task = await taskById(powers, question.task, activity);
      seedOf(task); // before, what is under the salts is nobody's to see
      return encode(PartyAnswer, { kind: "outputs", index: await source.outputs(task, activity) });
    }
    case "segment_state":
      return encode(
        PartyAnswer,
        await segmentState(powers, source, question.task, question.segment, activity),
      );
  }
}
