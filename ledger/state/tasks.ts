/**
 * Tasks as records, and the bounded lists through which the rules find them: the open ones in the order of posting, and each
 * provider's assignments. What happens to a task is in `task_lifecycle.ts`.
 *
 * @module
 */
import {
  type Address,
  bytes32,
  equalBytes,
  type Hash,
  type Infer,
  list,
  record,
  u64,
} from "../primitives/mod.ts";
import { invariant } from "./errors.ts";
import { MAX_SLOTS } from "./offers.ts";
import { Task, type TaskStatus } from "./records.ts";
import { singleton } from "./singleton.ts";
import { type StateReader, type StateWriter, table, u64Key } from "./table.ts";

/** Most tasks that are not final: bounds the list of open ones, and what matching may ever have to walk. */
export const MAX_ACTIVE_TASKS = 1024;

/** Counters of the market. */
export const Market = record("Market", {
  /** Tasks ever posted: the number of the next one. */
  posted: u64,
  /** Number of the open task that matching looks at first in the next block. */
  cursor: u64,
});
/** See {@link Market}. */
export type Market = Infer<typeof Market>;

/** Counters of the market. */
export const markets = singleton(14, "market", Market);

/** Tasks by id. */
export const tasks = table(15, "tasks", (id: Hash) => id, Task);

/** Task ids by number, to walk them from the newest. */
export const taskNumbers = table(16, "task numbers", u64Key, bytes32);

/** Numbers of the tasks that are not final, ascending. */
export const activeTasks = singleton(20, "active tasks", list(u64, MAX_ACTIVE_TASKS));

/** Numbers of the open tasks, ascending. */
export const openTasks = singleton(17, "open tasks", list(u64, MAX_ACTIVE_TASKS));

const assignments = table(18, "assignments", (provider: Address) => provider, list(bytes32, MAX_SLOTS));

/** Most disputes of a task whose records are whole: the open ones, and as many of those that are over. */
export const MAX_LISTED_DISPUTES = 32;

/** Most disputes of one result that are not closed, running or waiting: bounds what a result's end has to settle. */
export const MAX_OPEN_DISPUTES = 16;

const taskDisputes = table(21, "task disputes", (task: Hash) => task, list(bytes32, MAX_LISTED_DISPUTES));

/** Ids of a task's disputes, the oldest first; of more than {@link MAX_LISTED_DISPUTES} the open ones and the newest. */
export function disputesOf(state: StateReader, task: Hash): readonly Hash[] {
  return taskDisputes.get(state, task) ?? [];
}

/** Lists a dispute of a task. The caller has made room for it. */
export function listDispute(state: StateWriter, task: Hash, dispute: Hash): void {
  taskDisputes.put(state, task, [...disputesOf(state, task), dispute]);
}

/** Takes a dispute from the list of its task. */
export function unlistDispute(state: StateWriter, task: Hash, dispute: Hash): void {
  taskDisputes.put(state, task, disputesOf(state, task).filter((id) => !equalBytes(id, dispute)));
}

/** Forgets the lists of a task whose record shrinks. */
export function dropTaskLists(state: StateWriter, { id, number }: Pick<Task, "id" | "number">): void {
  taskDisputes.delete(state, id);
  taskNumbers.delete(state, number);
}

/** A task that must exist. */
export function taskOf(state: StateReader, id: Hash): Task {
  const task = tasks.get(state, id);
  invariant(task !== undefined, "A task that is referred to does not exist.");
  return task;
}

/** The id of the task with a number. */
export function taskIdOf(state: StateReader, number: bigint): Hash {
  const id = taskNumbers.get(state, number);
  invariant(id !== undefined, "A task number has no task.", { number });
  return id;
}

/** Ids of the tasks that a provider has: assigned, running, submitted or disputed. */
export function assignmentsOf(state: StateReader, provider: Address): readonly Hash[] {
  return assignments.get(state, provider) ?? [];
}

/** Whether nothing can happen to a task any more. */
export function isFinal(status: TaskStatus): boolean {
  return status === "done" || status === "failed" || status === "cancelled";
}

/** Adds to a provider's assignments. */
export function addAssignment(state: StateWriter, provider: Address, task: Hash): void {
  assignments.put(state, provider, [...assignmentsOf(state, provider), task]);
}

/** Takes from a provider's assignments. */
export function removeAssignment(state: StateWriter, provider: Address, task: Hash): void {
  const left = assignmentsOf(state, provider).filter((other) => !equalBytes(other, task));
  if (left.length === 0) assignments.delete(state, provider);
  else assignments.put(state, provider, left);
}

/** Lists a task as open, at its place in the order of posting. */
export function listOpen(state: StateWriter, number: bigint): void {
  const open = openTasks.get(state);
  const position = open.findIndex((other) => other > number);
  const at = position < 0 ? open.length : position;
  openTasks.put(state, [...open.slice(0, at), number, ...open.slice(at)]);
}

/** Takes a task from the open ones. */
export function unlistOpen(state: StateWriter, number: bigint): void {
  openTasks.put(state, openTasks.get(state).filter((other) => other !== number));
}
