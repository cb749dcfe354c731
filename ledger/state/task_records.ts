/**
 * What remembering a task costs, and what is left of it in the end.
 *
 * Whoever posts a task leaves a deposit. Long after its end the record shrinks to the hash of its encoding and the deposit goes back:
 * the state holds what is alive, and 32 bytes of everything that ever was. Who kept the record can prove it by that hash.
 *
 * @module
 */
import {
  type Address,
  bytes32,
  encode,
  type Hash,
  hash,
  record,
  type Schema,
  u64,
} from "../primitives/mod.ts";
import { credit, debit } from "./accounts.ts";
import type { BlockContext } from "./context.ts";
import { schedule } from "./due.ts";
import { invariant } from "./errors.ts";
import { Task } from "./records.ts";
import { type StateReader, type StateWriter, table } from "./table.ts";
import { disputesOf, dropTaskLists, isFinal, tasks } from "./tasks.ts";

/** What is held for a record, and whose it is. */
export const RecordDeposit = record("RecordDeposit", { owner: bytes32, amount: u64 });

/** Deposits by task: those of tasks whose record is whole. */
export const recordDeposits = table(24, "record deposits", (task: Hash) => task, RecordDeposit);

/** Hashes of the records that have shrunk, by the id of the task or dispute. */
export const shrunkRecords = table(25, "shrunk records", (id: Hash) => id, bytes32);

/** Name of the moment at which a record shrinks. */
export const RECORD_DUE = "record";

/** Takes the deposit for the record of a new task. */
export function holdDeposit(
  state: StateWriter,
  { params }: Pick<BlockContext, "params">,
  task: Hash,
  owner: Address,
): void {
  debit(state, owner, params.recordDeposit, "bonds");
  recordDeposits.put(state, task, { owner, amount: params.recordDeposit });
}

/** The task has ended: its record stays whole for `recordBlocks` more. */
export function keepRecord(
  state: StateWriter,
  { head, params }: Pick<BlockContext, "head" | "params">,
  task: Hash,
): void {
  schedule(state, head.height + BigInt(params.recordBlocks), RECORD_DUE, task);
}

/** What a record shrinks to: 32 bytes that name the kind of record and all of it. */
export function recordHash<T>(schema: Schema<T>, value: T): Hash {
  return hash(`assay/record/${schema.name}`, encode(schema, value));
}

/**
 * Shrinks the record of a task that has ended and returns the deposit.
 *
 * @returns The ids of its disputes, whose records go with it.
 */
export function shrinkTask(state: StateWriter, context: BlockContext, id: Hash): readonly Hash[] {
  const task = tasks.get(state, id);
  invariant(task !== undefined && isFinal(task.status), "A record shrinks before its task has ended.");
  const listed = disputesOf(state, id);
  shrunkRecords.put(state, id, recordHash(Task, task));
  tasks.delete(state, id);
  dropTaskLists(state, task);
  const deposit = recordDeposits.get(state, id);
  if (deposit !== undefined) {
    recordDeposits.delete(state, id);
    credit(state, deposit.owner, deposit.amount, "bonds");
    context.emit({ kind: "record_shrunk", task: id, account: deposit.owner, amount: deposit.amount });
  }
  return listed;
}

/** The hash that a record has shrunk to; `undefined` if it is whole or never was. */
export function shrunkRecord(state: StateReader, id: Hash): Hash | undefined {
  return shrunkRecords.get(state, id);
}
