/**
 * Several disputes of one result.
 *
 *  1. Any number of challengers up to {@link MAX_OPEN_DISPUTES} may dispute a result, each once at a time. The task's challenge window stands still
 *     from the first to the last: the result is not final before.
 *  2. `params.runningDisputes` of them run at a time. The others wait, in the order of their opening, without a clock.
 *  3. Two that come down to the same claim about the same part of the same node need one verdict: the later one is merged into the earlier,
 *     and ends as it does.
 *  4. A dispute that is lost clears what it was about, never the result: the others go on.
 *  5. When one brings the result down, or ends without a verdict, there is nothing left to dispute: the others end, nobody is found wrong
 *     by them, and their bonds return.
 *
 * Each open dispute takes a bond, so that whoever would fill all places to keep others out pays for each place, and wins only time.
 *
 * @module
 */
import { equalBytes, type Hash, locateSegment, type Program } from "../primitives/mod.ts";
import { type StateReader, type StateWriter } from "../state/mod.ts";
import { type Dispute, disputes, openDisputes, openedNodes } from "./records.ts";
import { unitKey } from "./unit.ts";

/** The disputes of a task that are not closed, the oldest first. */
export function openDisputesOf(state: StateReader, task: Hash): readonly Dispute[] {
  return (openDisputes.get(state, task) ?? []).flatMap((id) => disputes.get(state, id) ?? []);
}

/** Adds a dispute to those that are open. */
export function listOpenDispute(state: StateWriter, { id, task }: Dispute): void {
  openDisputes.put(state, task, [...openDisputes.get(state, task) ?? [], id]);
}

/** Takes a dispute from those that are open, and gives the others. */
export function unlistOpenDispute(state: StateWriter, { id, task }: Dispute): readonly Dispute[] {
  const left = (openDisputes.get(state, task) ?? []).filter((other) => !equalBytes(other, id));
  if (left.length === 0) openDisputes.delete(state, task);
  else openDisputes.put(state, task, left);
  return openDisputesOf(state, task);
}

/** Whether a dispute has a clock. */
export function isRunning({ stage }: Dispute): boolean {
  return stage.kind !== "wait" && stage.kind !== "merged" && stage.kind !== "closed";
}

/** The key of what a dispute has judged, see `unitKey`; `undefined` if it has not come so far, or is merged itself. */
function judgedKey(state: StateReader, program: Program, { id, task, stage }: Dispute): Hash | undefined {
  const opened = openedNodes.get(state, id);
  if (opened === undefined || !("unit" in stage) || stage.kind === "merged") return undefined;
  const location = locateSegment(program, stage.at.within.within.segment);
  return location && unitKey({ ...stage, task, program, phaseIndex: location.phaseIndex, leaf: opened.leaf });
}

/** The other dispute of a result that judges what has this key already. */
export function sameJudged(
  state: StateReader,
  program: Program,
  { id, task }: Dispute,
  key: Hash,
): Dispute | undefined {
  return openDisputesOf(state, task).find((other) => {
    if (equalBytes(other.id, id)) return false;
    const judged = judgedKey(state, program, other);
    return judged !== undefined && equalBytes(judged, key);
  });
}
