/**
 * A party's own computation of a run, as a dispute asks for it: the leaves of each tree that can be disputed. Everything below the
 * segments is made by re-execution when it is asked for.
 *
 * @module
 */
import { type Hash, locateSegment, type SegmentLocation } from "../../ledger/primitives/mod.ts";
import {
  type DisputedNode,
  type DisputedStep,
  type DisputedTensor,
  type StepKnowledge,
} from "../../ledger/disputes/mod.ts";
import {
  type CallOptions,
  type Executor,
  type LoadedProgram,
  type NodeRequest,
  type SegmentSteps,
  type StepRecord,
  type Tensor,
} from "../../executor/mod.ts";
import { ActorError } from "../runtime/mod.ts";
import { claimsOf } from "./claims.ts";

/** One party's run of a program. */
export interface Party {
  readonly executor: Executor;
  readonly program: LoadedProgram;
  /** Roots of all segments as this party computed them. */
  readonly segmentRoots: readonly Hash[];
  /** Of the salts of the disputed run. */
  readonly seed: Hash;
  readonly call: CallOptions;
}

/** The item at a position that must exist. Its absence means that the executor and the ledger do not speak of the same program. */
export function at<T>(items: readonly T[], index: number, what: string): T {
  const item = items[index];
  if (item === undefined) {
    throw new ActorError("mismatch", `There is no ${what} ${index}: this side has ${items.length}.`, {
      index,
    });
  }
  return item;
}

/** Where a segment lies. */
export function locationOf({ program }: Party, segment: number): SegmentLocation {
  const location = locateSegment(program.program, segment);
  if (location === undefined) {
    throw new ActorError("mismatch", `The program has no segment ${segment}.`, { segment });
  }
  return location;
}

/** What the steps of a segment put out. */
export function stepsOf(party: Party, segment: number): Promise<SegmentSteps> {
  return party.executor.steps({ program: party.program.id, segment }, party.call);
}

/** What one step did. */
export function recordOf(party: Party, segment: number, step: number): Promise<StepRecord> {
  return party.executor.trace({ program: party.program.id, segment, step }, party.call);
}

/** Where a disputed node stands, for the executor. */
export function placeOf(party: Party, { within, node }: DisputedNode): NodeRequest {
  return { program: party.program.id, segment: within.within.segment, step: within.step, node };
}

/** Chunk roots of a node's output, as this party computes it. */
export async function chunksOf(party: Party, { at, output }: DisputedTensor): Promise<readonly Hash[]> {
  return (await party.executor.nodeOutput({ ...placeOf(party, at), output }, party.call)).chunkRoots;
}

/** What a node of a tolerant program is committed to have put out. */
export async function claimedAt(
  party: Party,
  phaseIndex: number,
  place: DisputedNode,
): Promise<readonly Tensor[]> {
  const { tensors } = await party.executor.output(placeOf(party, place), party.call);
  return claimsOf(at(party.program.phases, phaseIndex, "phase").outputs, tensors, place.node);
}

/** Everything that openings of a step are made of. */
export async function knowledgeOf(party: Party, { within, step }: DisputedStep): Promise<StepKnowledge> {
  const { phaseIndex } = locationOf(party, within.segment);
  const { nodes, outputs } = at(party.program.phases, phaseIndex, "phase");
  const record = await recordOf(party, within.segment, step);
  return {
    nodes,
    outputs,
    trace: record.nodes,
    input: record.input,
    data: party.program.data,
    output: record.outputs,
  };
}
