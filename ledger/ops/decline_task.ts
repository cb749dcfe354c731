/**
 * Refuses an assignment that is not yet accepted; costs nothing, and the task is matched anew.
 *
 * @module
 */
import { bytes32, type Infer, record } from "../primitives/mod.ts";
import { declineAssignment } from "../state/mod.ts";
import { taskInStatus } from "./task_in_status.ts";
import type { OperationRule } from "./operation.ts";

/** See the module. */
export const DeclineTask = record("DeclineTask", {
  task: bytes32,
});
/** See {@link DeclineTask}. */
export type DeclineTask = Infer<typeof DeclineTask>;

/** The rule of {@link DeclineTask}. */
export const declineTaskRule: OperationRule<DeclineTask> = {
  weight: 2n,
  rejects: ["unknown_task", "not_the_provider", "wrong_status"],
  check: (state, { sender }, { task }) => taskInStatus(state, task, "assigned", { provider: sender }),
  apply: (state, context, { task }) => declineAssignment(state, context, task),
};
