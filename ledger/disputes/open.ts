/**
 * Opening a dispute: a staked challenger bonds against a submitted result, and the task's clock stops.
 *
 * One dispute of a task runs at a time; the challenge window stands still meanwhile, so that a second challenger loses nothing by
 * waiting for the first.
 *
 * @module
 */
import { equalBytes, programSegments } from "../primitives/mod.ts";
import { type OperationRule, reject } from "../ops/mod.ts";
import {
  accountOf,
  canAct,
  debit,
  invariant,
  paramsOfTask,
  pauseChallengeWindow,
  taskOf,
  tasks,
} from "../state/mod.ts";
import { startDescent } from "./descent.ts";
import type { OpenDispute } from "./moves.ts";
import { disputes } from "./records.ts";
import { enterStage } from "./stages.ts";

/** The rule of {@link OpenDispute}. */
export const openDisputeRule: OperationRule<OpenDispute> = {
  weight: 10n,
  rejects: [
    "unknown_task",
    "dispute_running",
    "not_submitted",
    "own_result",
    "not_a_challenger",
    "insufficient_bond",
  ],
  reserved: true,
  check(state, context, { task: id }) {
    const { sender, params } = context;
    const task = tasks.get(state, id);
    if (task === undefined) {
      return reject("unknown_task", "There is no task with this id. Take the id from the task_posted event.");
    }
    if (task.status === "disputed") {
      const running = task.dispute === null ? undefined : disputes.get(state, task.dispute);
      return reject(
        "dispute_running",
        `Another dispute of this task runs; its present move ends by height ${running?.deadline ?? 0n}. ` +
          "The challenge window stands still: try again when a challenge_window_resumed event names the task.",
      );
    }
    if (task.status !== "submitted" || task.result === null || task.provider === null) {
      return reject("not_submitted", `Only a submitted result can be disputed: the task is ${task.status}.`);
    }
    if (equalBytes(sender, task.provider)) {
      return reject("own_result", "A provider cannot challenge its own result.");
    }
    if (!canAct(state, context, "challenger", sender)) {
      return reject(
        "not_a_challenger",
        `A challenger needs a stake of ${params.minChallengerStake} and must not be jailed. Stake for the role first.`,
      );
    }
    const { challengerBond } = paramsOfTask(state, context, id);
    if (accountOf(state, sender).balance < challengerBond) {
      return reject(
        "insufficient_bond",
        `A dispute takes a bond of ${challengerBond}: the balance is ${accountOf(state, sender).balance}.`,
      );
    }
    return null;
  },
  apply(state, context, { task: id }) {
    const { sender, head, transaction } = context;
    const { challengerBond } = paramsOfTask(state, context, id);
    const task = taskOf(state, id);
    invariant(task.provider !== null && task.result !== null, "A dispute is opened without a result.");
    debit(state, sender, challengerBond, "bonds");
    pauseChallengeWindow(state, context, id, transaction);
    const stage = startDescent({ kind: "run" }, task.result.runRoot, programSegments(task.program));
    context.emit({
      kind: "dispute_opened",
      task: id,
      dispute: transaction,
      account: sender,
      amount: challengerBond,
    });
    enterStage(state, context, {
      id: transaction,
      task: id,
      attempt: task.attempt,
      requester: task.requester,
      provider: task.provider,
      challenger: sender,
      bond: challengerBond,
      runRoot: task.result.runRoot,
      openedAt: head.height,
      rounds: 0,
      stage,
      deadline: 0n,
      outcome: null,
    }, stage);
  },
};
