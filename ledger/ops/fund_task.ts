/**
 * Raises the reward of a task, by whoever wants it done. What is added is part of the escrow from then on: paid with the reward, or
 * refunded with it to the requester.
 *
 * @module
 */
import { bytes32, type Infer, programSegments, record, u64 } from "../primitives/mod.ts";
import { netLoss } from "../economics/mod.ts";
import { accountOf, paramsOfTask, raiseReward, tasks, type TaskStatus } from "../state/mod.ts";
import { type OperationRule, reject } from "./operation.ts";

/** See the module. */
export const FundTask = record("FundTask", {
  task: bytes32,
  /** In (0, balance]; added to the reward. */
  amount: u64,
});
/** See {@link FundTask}. */
export type FundTask = Infer<typeof FundTask>;

/** Once a result is submitted, more money would buy nothing: the work is done. */
const FUNDABLE: ReadonlySet<TaskStatus> = new Set(["open", "assigned", "running"]);

/** The rule of {@link FundTask}. */
export const fundTaskRule: OperationRule<FundTask> = {
  weight: 2n,
  rejects: ["zero_amount", "unknown_task", "wrong_status", "collateral_too_small", "insufficient_balance"],
  check(state, context, { task: id, amount }) {
    if (amount === 0n) return reject("zero_amount", "A reward is raised by at least one unit.");
    const task = tasks.get(state, id);
    if (task === undefined) {
      return reject("unknown_task", "There is no task with this id. Check the id and the network.");
    }
    if (!FUNDABLE.has(task.status)) {
      return reject(
        "wrong_status",
        `A reward is raised before the result is submitted: this task is ${task.status}.`,
      );
    }
    const loss = netLoss(task.collateral, paramsOfTask(state, context, id).proverSharePpm);
    if (task.sampled < programSegments(task.program) && task.reward + amount > loss) {
      return reject(
        "collateral_too_small",
        `With more than ${loss} to win, a provider would not lose by lying where nobody looks. Add less, or post the task anew.`,
      );
    }
    const { balance } = accountOf(state, context.sender);
    if (balance >= amount) return null;
    return reject(
      "insufficient_balance",
      `The amount of ${amount} exceeds the balance of ${balance} that is left after the fee. Add less.`,
    );
  },
  apply: (state, context, { task, amount }) => raiseReward(state, context, task, context.sender, amount),
};
