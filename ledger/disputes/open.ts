/**
 * Opening a dispute: a staked challenger bonds against a submitted result, and the task's clock stops.
 *
 * Several may be open at a time, see `concurrency.ts`.
 *
 * @module
 */
import { equalBytes } from "../primitives/mod.ts";
import { type OperationRule, reject } from "../ops/mod.ts";
import {
  accountOf,
  canAct,
  debit,
  invariant,
  MAX_OPEN_DISPUTES,
  noteDispute,
  paramsOfTask,
  taskOf,
  tasks,
} from "../state/mod.ts";
import { noteChallenge } from "../audits/mod.ts";
import { isRunning, listOpenDispute, openDisputesOf } from "./concurrency.ts";
import type { OpenDispute } from "./moves.ts";
import { type Dispute, disputes } from "./records.ts";
import { makeRoomForDispute } from "./shrink.ts";
import { startDispute } from "./stages.ts";

/** The rule of {@link OpenDispute}. */
export const openDisputeRule: OperationRule<OpenDispute> = {
  weight: 10n,
  rejects: [
    "unknown_task",
    "already_disputing",
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
    const open = openDisputesOf(state, id);
    if (open.some(({ challenger }) => equalBytes(challenger, sender))) {
      return reject(
        "already_disputing",
        "A dispute of this result by the same account is open. Play it to its end.",
      );
    }
    if (open.length >= MAX_OPEN_DISPUTES) {
      return reject(
        "dispute_running",
        `All ${MAX_OPEN_DISPUTES} places for disputes of this result are taken. ` +
          "The challenge window stands still: try again when a dispute_closed event names the task.",
      );
    }
    if (
      (task.status !== "submitted" && task.status !== "disputed") || task.result === null ||
      task.provider === null
    ) {
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
    const { challengerBond, runningDisputes } = paramsOfTask(state, context, id);
    const task = taskOf(state, id);
    const { provider, result } = task;
    invariant(provider !== null && result !== null, "A dispute is opened without a result.");
    invariant(result.seed !== null, "A dispute is opened before the run is.");
    debit(state, sender, challengerBond, "bonds");
    noteChallenge(state, id, sender);
    makeRoomForDispute(state, id);
    noteDispute(state, context, id, transaction);
    const running = openDisputesOf(state, id).filter(isRunning).length;
    context.emit({
      kind: "dispute_opened",
      task: id,
      dispute: transaction,
      account: sender,
      amount: challengerBond,
    });
    const dispute: Dispute = {
      id: transaction,
      task: id,
      attempt: task.attempt,
      requester: task.requester,
      provider,
      challenger: sender,
      bond: challengerBond,
      runRoot: result.runRoot,
      seed: result.seed,
      openedAt: head.height,
      rounds: 0,
      stage: { kind: "wait" },
      deadline: 0n,
      outcome: null,
    };
    listOpenDispute(state, dispute);
    if (running < runningDisputes) startDispute(state, context, dispute);
    else disputes.put(state, transaction, dispute);
  },
};
