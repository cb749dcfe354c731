/**
 * The life of a task:
 *
 *     open -> assigned -> running -> auditing -> submitted -> done
 *      ^  \       |          |           |        |    ^
 *      |   \      |          |           |        v    |
 *      |    \     |          |           |       disputed
 *      +-----\----+----------+-----------+--------+          while attempts are left, else failed
 *             +-> failed, cancelled
 *
 * Every status but the last three has a deadline. Defaults when it passes: an open task fails and is refunded; an assigned one is
 * matched anew, and its provider noted for silence; so is a running one, and a share of the collateral burned; a
 * submitted result is final and paid. An audited one waits for the audit, a disputed one for the dispute, which have deadlines of their
 * own. What has ended is kept for a while and then shrinks to a hash, see `task_records.ts`.
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
  | "auditEscrow"
  | "collateral"
  | "gain"
  | "sampled"
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

/**
 * Creates an open task and takes the reward and the pay of its auditors into escrow.
 *
 * @param auditPay What an auditor is paid for each segment that it executes.
 */
export function createTask(
  state: StateWriter,
  context: BlockContext,
  request: TaskRequest,
  auditPay: bigint,
): void {
  const market = markets.get(state);
  const number = market.posted;
  markets.put(state, { ...market, posted: number + 1n });
  taskNumbers.put(state, number, request.id);
  activeTasks.put(state, [...activeTasks.get(state), number]);
  listOpen(state, number);
  debit(state, request.requester, request.reward + request.auditEscrow, "escrows");
  holdDeposit(state, context, request.id, request.requester);
  fixTerms(state, context, request.id, auditPay);
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

/**
 * The provider commits to a result, which is audited before anybody sees it. The challenge window to come is the longer, the longer the
 * provider took.
 *
 * @returns Blocks that the provider took.
 */
export function submitTask(state: StateWriter, context: BlockContext, id: Hash, result: TaskResult): number {
  const task = taskOf(state, id);
  const startedAt = task.deadline - BigInt(task.computeBlocks);
  const taken = Number(context.head.height - startedAt);
  const windowLeft = paramsOfTask(state, context, id).challengeBlocks + CHALLENGER_RUNS * taken;
  tasks.put(state, id, { ...task, status: "auditing", result, windowLeft, deadline: 0n });
  context.emit({ kind: "result_submitted", task: id, ...accountOfProvider(task) });
  return taken;
}

/** Opens the challenge window of an audited result: its seed is public now, so that everybody can compare run roots. */
export function openChallengeWindow(
  state: StateWriter,
  context: BlockContext,
  id: Hash,
  seed: Uint8Array,
): void {
  const task = taskOf(state, id);
  const { result } = task;
  invariant(task.status === "auditing" && result !== null, "Only an audited result is opened.", {
    status: task.status,
  });
  const opened: Task = { ...task, status: "submitted", result: { ...result, seed }, windowLeft: 0 };
  putWithDeadline(state, context, opened, task.windowLeft);
  context.emit({ kind: "result_opened", task: id, ...accountOfProvider(task) });
}

/** Makes sure that a challenge window lasts some more blocks, at once or when it goes on. */
export function extendChallengeWindow(
  state: StateWriter,
  context: BlockContext,
  id: Hash,
  blocks: number,
): void {
  const task = taskOf(state, id);
  if (task.status === "disputed") {
    tasks.put(state, id, { ...task, windowLeft: Math.max(task.windowLeft, blocks) });
  } else if (task.status === "submitted" && task.deadline < context.head.height + BigInt(blocks)) {
    putWithDeadline(state, context, task, blocks);
  }
}

/** Pays an auditor of a task out of the escrow for it. */
export function payAuditor(
  state: StateWriter,
  context: BlockContext,
  id: Hash,
  auditor: Address,
  amount: bigint,
): void {
  payFromEscrow(state, context, id, { to: auditor, amount, kind: "auditor_paid" });
}

function payFromEscrow(
  state: StateWriter,
  context: BlockContext,
  id: Hash,
  { to, amount, kind }: { readonly to: Address; readonly amount: bigint; readonly kind: string },
): void {
  const task = taskOf(state, id);
  invariant(task.auditEscrow >= amount, "The escrow for auditors is spent.", { left: task.auditEscrow });
  tasks.put(state, id, { ...task, auditEscrow: task.auditEscrow - amount });
  credit(state, to, amount, "escrows");
  context.emit({ kind, task: id, account: to, amount });
}

/** Pays a member of the committee that certified a task's result out of the escrow for auditors. */
export function payCertifier(
  state: StateWriter,
  context: BlockContext,
  id: Hash,
  member: Address,
  amount: bigint,
): void {
  payFromEscrow(state, context, id, { to: member, amount, kind: "certifier_paid" });
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
 * Rolls a task with a result back: unlocks the collateral, frees the slot, counts the failure, excludes the culprit and opens the task
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
  invariant(taskOf(state, id).result !== null, "Only a result is rolled back.");
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

/**
 * Due handler `task`: the default of the status whose deadline has passed.
 *
 * @param finalise What becomes of a submitted result whose challenge window has passed: {@link payTask}, and what comes before it.
 */
export function taskDue(
  state: StateWriter,
  context: BlockContext,
  id: Uint8Array,
  finalise: (state: StateWriter, context: BlockContext, task: Hash) => void,
): void {
  const task = taskOf(state, id);
  if (task.deadline === 0n || task.deadline > context.head.height) return;
  if (task.status === "open") refund(state, context, task, "failed");
  else if (task.status === "assigned") giveUpAttempt(state, context, id, true);
  else if (task.status === "running") {
    const { absenceSlashPpm } = paramsOfTask(state, context, id);
    const provider = giveUpAttempt(state, context, id, true);
    const amount = task.collateral * BigInt(absenceSlashPpm) / PPM;
    slash(state, context, { role: "provider", address: provider, amount, prover: null, proverSharePpm: 0 });
  } else if (task.status === "submitted") finalise(state, context, id);
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
  credit(state, task.requester, task.reward + task.auditEscrow, "escrows");
  endTask(state, context, { ...task, status });
  context.emit({
    kind: status === "failed" ? "task_failed" : "task_cancelled",
    task: task.id,
    account: task.requester,
    amount: task.reward,
  });
}

/**
 * Ends an undisputed task: the provider is paid, whether or not the metric reached the threshold, and what auditors did not earn returns
 * to the requester.
 */
export function payTask(state: StateWriter, context: BlockContext, id: Hash): void {
  const task = taskOf(state, id);
  const provider = releaseProvider(state, task);
  credit(state, provider, task.reward, "escrows");
  credit(state, task.requester, task.auditEscrow, "escrows");
  changeOffer(state, provider, ({ completed }) => ({ completed: completed + 1 }));
  endTask(state, context, { ...task, status: "done", thresholdMet: reachesThreshold(task) });
  context.emit({ kind: "task_done", task: task.id, account: provider, amount: task.reward });
}

function endTask(state: StateWriter, context: BlockContext, task: Task): void {
  activeTasks.put(state, activeTasks.get(state).filter((number) => number !== task.number));
  tasks.put(state, task.id, { ...task, auditEscrow: 0n, deadline: 0n, endedAt: context.head.height });
  dropTerms(state, task.id);
  keepRecord(state, context, task.id);
}

/** Whether the metric reached what the requester asked for; `null` without a threshold or a metric. */
export function reachesThreshold({ thresholdPpm, result, program }: Task): boolean | null {
  const value = result?.metric ?? null;
  if (thresholdPpm === null || value === null || program.metric === null) return null;
  return value * PPM >= BigInt(thresholdPpm) * BigInt(program.metric.total);
}
