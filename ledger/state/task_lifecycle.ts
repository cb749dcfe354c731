/**
 * The life of a task:
 *
 *     open -> assigned -> running -> submitted -> done
 *      ^  \       |          |        |    ^
 *      |   \      |          |        v    |
 *      |    \     |          |       disputed
 *      +-----\----+----------+--------+          while attempts are left, else failed
 *             +-> failed, cancelled
 *
 * Every status but the last three has a deadline. Defaults when it passes: an open task fails and is refunded; an assigned one is
 * matched anew, and its provider noted for silence; so is a running one, and a share of the collateral burned; a
 * submitted result is final and paid. A disputed one waits for the dispute, which has deadlines of its own. What has ended is kept
 * for a while and then shrinks to a hash, see `task_records.ts`.
 *
 * @module
 */
import { type Address, equalBytes, type Hash } from "../primitives/mod.ts";
import { credit, debit } from "./accounts.ts";
import type { BlockContext } from "./context.ts";
import { schedule } from "./due.ts";
import { invariant } from "./errors.ts";
import { changeOffer, offerOf } from "./offers.ts";
import { PPM } from "./params.ts";
import type { Task, TaskResult } from "./records.ts";
import { slash } from "./slashing.ts";
import { lockStake, unlockStake } from "./stakes.ts";
import type { StateReader, StateWriter } from "./table.ts";
import { holdDeposit, keepRecord } from "./task_records.ts";
import { dropTerms, fixTerms, paramsOfTask } from "./task_terms.ts";
import {
  activeTasks,
  addAssignment,
  listDispute,
  listOpen,
  markets,
  removeAssignment,
  taskNumbers,
  taskOf,
  tasks,
  unlistOpen,
} from "./tasks.ts";

/** What the requester decides about a task. */
export type TaskRequest = Pick<
  Task,
  | "id"
  | "requester"
  | "title"
  | "program"
  | "manifest"
  | "reward"
  | "collateral"
  | "memoryMiB"
  | "thresholdPpm"
  | "computeBlocks"
>;

/**
 * Least blocks of a window: deadlines fire before a block's transactions, so a window of one block would end before the first
 * block that could hold the answer.
 */
const LEAST_WINDOW = 2;

/** Writes a task, with a deadline `blocks` from now that will fire. */
function putWithDeadline(state: StateWriter, { head }: BlockContext, task: Task, blocks: number): void {
  const deadline = head.height + BigInt(Math.max(blocks, LEAST_WINDOW));
  tasks.put(state, task.id, { ...task, deadline });
  schedule(state, deadline, "task", task.id);
}

/** Creates an open task and takes the reward into escrow. */
export function createTask(state: StateWriter, context: BlockContext, request: TaskRequest): void {
  const market = markets.get(state);
  const number = market.posted;
  markets.put(state, { ...market, posted: number + 1n });
  taskNumbers.put(state, number, request.id);
  activeTasks.put(state, [...activeTasks.get(state), number]);
  listOpen(state, number);
  debit(state, request.requester, request.reward, "escrows");
  holdDeposit(state, context, request.id, request.requester);
  fixTerms(state, context, request.id);
  const task: Task = {
    ...request,
    number,
    status: "open",
    attempt: 0,
    provider: null,
    excluded: [],
    deadline: 0n,
    windowLeft: 0,
    result: null,
    disputes: 0,
    postedAt: context.head.height,
    endedAt: 0n,
    thresholdMet: null,
  };
  putWithDeadline(state, context, task, context.params.openBlocks);
  const { id, requester: account, reward: amount, title: detail } = task;
  context.emit({ kind: "task_posted", task: id, account, amount, detail });
}

/** Adds an amount of an account to the reward of a task that is not submitted yet. */
export function raiseReward(
  state: StateWriter,
  context: BlockContext,
  id: Hash,
  from: Address,
  amount: bigint,
): void {
  const task = taskOf(state, id);
  debit(state, from, amount, "escrows");
  tasks.put(state, id, { ...task, reward: task.reward + amount });
  context.emit({ kind: "task_funded", task: id, account: from, amount });
}

/** Assigns an open task: locks the provider's collateral and takes one of its slots. */
export function assignTask(state: StateWriter, context: BlockContext, id: Hash, provider: Address): void {
  const task = taskOf(state, id);
  invariant(task.status === "open", "Only an open task is assigned.", { status: task.status });
  unlistOpen(state, task.number);
  lockStake(state, "provider", provider, task.collateral);
  changeOffer(state, provider, ({ used }) => ({ used: used + 1 }));
  addAssignment(state, provider, id);
  const assigned: Task = { ...task, status: "assigned", provider, attempt: task.attempt + 1 };
  putWithDeadline(state, context, assigned, paramsOfTask(state, context, id).acceptBlocks);
  context.emit({ kind: "task_assigned", task: id, account: provider });
}

/** The provider takes on an assigned task. */
export function startTask(state: StateWriter, context: BlockContext, id: Hash): void {
  const task = taskOf(state, id);
  putWithDeadline(state, context, { ...task, status: "running" }, task.computeBlocks);
  context.emit({ kind: "task_accepted", task: id, ...accountOfProvider(task) });
}

/**
 * How many times longer than the provider a challenger may take on top of the least window: it computes the program, and before it
 * accuses anybody once more.
 */
const CHALLENGER_RUNS = 2;

/** The provider commits to a result: the challenge window opens. It is the longer, the longer the provider took. */
export function submitTask(state: StateWriter, context: BlockContext, id: Hash, result: TaskResult): void {
  const task = taskOf(state, id);
  const startedAt = task.deadline - BigInt(task.computeBlocks);
  const taken = Number(context.head.height - startedAt);
  const window = paramsOfTask(state, context, id).challengeBlocks + CHALLENGER_RUNS * taken;
  putWithDeadline(state, context, { ...task, status: "submitted", result }, window);
  context.emit({ kind: "result_submitted", task: id, ...accountOfProvider(task) });
}

/** Notes a dispute of a submitted task. The first one stops the challenge window, and so it stands until the last is over. */
export function noteDispute(
  state: StateWriter,
  { head }: Pick<BlockContext, "head">,
  id: Hash,
  dispute: Hash,
): void {
  const task = taskOf(state, id);
  const isFirst = task.status === "submitted";
  invariant(isFirst || task.status === "disputed", "Only a submitted result is disputed.", {
    status: task.status,
  });
  listDispute(state, id, dispute);
  const noted: Task = { ...task, disputes: task.disputes + 1 };
  tasks.put(
    state,
    id,
    isFirst
      ? { ...noted, status: "disputed", windowLeft: Number(task.deadline - head.height), deadline: 0n }
      : noted,
  );
}

/** Lets the challenge window go on with what was left of it: no dispute overturned the result. */
export function resumeChallengeWindow(state: StateWriter, context: BlockContext, id: Hash): void {
  const task = disputedTask(state, id);
  const resumed: Task = { ...task, status: "submitted", windowLeft: 0 };
  putWithDeadline(state, context, resumed, task.windowLeft);
  context.emit({ kind: "challenge_window_resumed", task: id });
}

/**
 * Rolls a disputed task back: unlocks the collateral, frees the slot, counts the failure, excludes the culprit and opens the task
 * again, or fails it if no attempts are left. Slash *after* it, see {@link slash}.
 *
 * @param culprit The provider found guilty; `null` if nobody is: the provider then keeps its record, and is still not matched again.
 */
export function voidResult(
  state: StateWriter,
  context: BlockContext,
  id: Hash,
  culprit: Address | null,
): void {
  disputedTask(state, id);
  giveUpAttempt(state, context, id, culprit !== null);
}

/** Ends a task that is not final, whatever its status, and refunds it: nobody failed, but its engine is not to be trusted. */
export function refundTask(state: StateWriter, context: BlockContext, id: Hash): void {
  const task = taskOf(state, id);
  if (task.status !== "open") {
    releaseProvider(state, task);
    listOpen(state, task.number);
  }
  refund(state, context, { ...task, provider: null, result: null, windowLeft: 0 }, "failed");
}

/** The provider refuses an assigned task; it is matched anew. */
export function declineAssignment(state: StateWriter, context: BlockContext, id: Hash): void {
  context.emit({ kind: "task_declined", task: id, ...accountOfProvider(taskOf(state, id)) });
  giveUpAttempt(state, context, id, false);
}

/** Takes back an open task and refunds it. */
export function cancelOpenTask(state: StateWriter, context: BlockContext, id: Hash): void {
  refund(state, context, taskOf(state, id), "cancelled");
}

/** Due handler `task`: the default of the status whose deadline has passed. */
export function taskDue(state: StateWriter, context: BlockContext, id: Uint8Array): void {
  const task = taskOf(state, id);
  if (task.deadline === 0n || task.deadline > context.head.height) return;
  if (task.status === "open") refund(state, context, task, "failed");
  else if (task.status === "assigned") giveUpAttempt(state, context, id, true);
  else if (task.status === "running") {
    const { absenceSlashPpm } = paramsOfTask(state, context, id);
    const provider = giveUpAttempt(state, context, id, true);
    const amount = task.collateral * BigInt(absenceSlashPpm) / PPM;
    slash(state, context, { role: "provider", address: provider, amount, prover: null, proverSharePpm: 0 });
  } else if (task.status === "submitted") payTask(state, context, task);
}

function accountOfProvider({ provider }: Task): { readonly account?: Address } {
  return provider === null ? {} : { account: provider };
}

function disputedTask(state: StateReader, id: Hash): Task {
  const task = taskOf(state, id);
  invariant(task.status === "disputed", "The task is not disputed.", { status: task.status });
  return task;
}

/** Ends the provider's part in a task: collateral unlocked, slot free. */
function releaseProvider(state: StateWriter, task: Task): Address {
  const { provider } = task;
  invariant(provider !== null, "The task has no provider.", { status: task.status });
  unlockStake(state, "provider", provider, task.collateral);
  removeAssignment(state, provider, task.id);
  const { used } = offerOf(state, provider);
  invariant(used > 0, "A provider has more tasks than slots in use.");
  changeOffer(state, provider, () => ({ used: used - 1 }));
  return provider;
}

function giveUpAttempt(state: StateWriter, context: BlockContext, id: Hash, failed: boolean): Address {
  const task = taskOf(state, id);
  const provider = releaseProvider(state, task);
  if (failed) changeOffer(state, provider, (offer) => ({ failed: offer.failed + 1 }));
  const known = task.excluded.some((other) => equalBytes(other, provider));
  const reopened: Task = {
    ...task,
    status: "open",
    provider: null,
    result: null,
    windowLeft: 0,
    excluded: known ? task.excluded : [...task.excluded, provider],
  };
  listOpen(state, task.number);
  const { maxAttempts, openBlocks } = paramsOfTask(state, context, id);
  if (task.attempt >= maxAttempts) refund(state, context, reopened, "failed");
  else {
    putWithDeadline(state, context, reopened, openBlocks);
    context.emit({ kind: "task_reopened", task: id, account: provider });
  }
  return provider;
}

/** Ends an open task without a result: the reward goes back to the requester. */
function refund(state: StateWriter, context: BlockContext, task: Task, status: "failed" | "cancelled"): void {
  unlistOpen(state, task.number);
  credit(state, task.requester, task.reward, "escrows");
  endTask(state, context, { ...task, status });
  context.emit({
    kind: status === "failed" ? "task_failed" : "task_cancelled",
    task: task.id,
    account: task.requester,
    amount: task.reward,
  });
}

/** Ends an undisputed task: the provider is paid, whether or not the metric reached the threshold. */
function payTask(state: StateWriter, context: BlockContext, task: Task): void {
  const provider = releaseProvider(state, task);
  credit(state, provider, task.reward, "escrows");
  changeOffer(state, provider, ({ completed }) => ({ completed: completed + 1 }));
  endTask(state, context, { ...task, status: "done", thresholdMet: reachesThreshold(task) });
  context.emit({ kind: "task_done", task: task.id, account: provider, amount: task.reward });
}

function endTask(state: StateWriter, context: BlockContext, task: Task): void {
  activeTasks.put(state, activeTasks.get(state).filter((number) => number !== task.number));
  tasks.put(state, task.id, { ...task, deadline: 0n, endedAt: context.head.height });
  dropTerms(state, task.id);
  keepRecord(state, context, task.id);
}

/** Whether the metric reached what the requester asked for; `null` without a threshold or a metric. */
export function reachesThreshold({ thresholdPpm, result, program }: Task): boolean | null {
  const value = result?.metric ?? null;
  if (thresholdPpm === null || value === null || program.metric === null) return null;
  return value * PPM >= BigInt(thresholdPpm) * BigInt(program.metric.total);
}
