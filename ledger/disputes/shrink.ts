/**
 * What is left of disputes that are over: 32 bytes each.
 *
 * A task keeps the records of its latest {@link MAX_LISTED_DISPUTES} disputes for as long as its own. Where there are more, the oldest
 * that is over shrinks to its hash to make room: anybody may dispute, and the task's deposit pays for a bounded record.
 *
 * @module
 */
import type { Hash } from "../primitives/mod.ts";
import {
  disputesOf,
  invariant,
  MAX_LISTED_DISPUTES,
  recordHash,
  shrunkRecords,
  type StateWriter,
  unlistDispute,
} from "../state/mod.ts";
import { Dispute, disputes } from "./records.ts";

/** Shrinks the record of a dispute that is over. One that has shrunk already stays as it is. */
export function shrinkDispute(state: StateWriter, id: Hash): void {
  const known = disputes.get(state, id);
  if (known === undefined) return;
  invariant(known.outcome !== null, "A record shrinks before its dispute is over.");
  shrunkRecords.put(state, id, recordHash(Dispute, known));
  disputes.delete(state, id);
}

/** Makes room for one more dispute in the list of a task. Fewer are open than are listed, so that one is over. */
export function makeRoomForDispute(state: StateWriter, task: Hash): void {
  const listed = disputesOf(state, task);
  if (listed.length < MAX_LISTED_DISPUTES) return;
  const oldest = listed.find((id) => (disputes.get(state, id)?.outcome ?? null) !== null);
  invariant(oldest !== undefined, "All disputes of a task are open.");
  shrinkDispute(state, oldest);
  unlistDispute(state, task, oldest);
}
