/**
 * Takes back a task that nobody is matched to; the reward returns to the requester.
 *
 * @module
 */
import { bytes32, type Infer, record } from "../primitives/mod.ts";
import { cancelOpenTask } from "../state/mod.ts";
import { taskInStatus } from "./task_in_status.ts";
import type { OperationRule } from "./operation.ts";

/** See the module. */
export const CancelTask = record("CancelTask", {
  task: bytes32,
});
/** See {@link CancelTask}. */
export type CancelTask = Infer<typeof CancelTask>;

/** The rule of {@link CancelTask}. */
export const cancelTaskRule: OperationRule<CancelTask> = {
  weight: 2n,
  rejects: ["unknown_task", "not_the_requester", "wrong_status"],
  check: (state, { sender }, { task }) => taskInStatus(state, task, "open", { requester: sender }),
  apply: (state, context, { task }) => cancelOpenTask(state, context, task),
};
