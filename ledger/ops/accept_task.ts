/**
 * Accepts an assignment: the provider now owes a result within `computeBlocks`.
 *
 * @module
 */
import { bytes32, type Infer, record } from "../primitives/mod.ts";
import { startTask } from "../state/mod.ts";
import { taskInStatus } from "./task_in_status.ts";
import type { OperationRule } from "./operation.ts";

/** See the module. */
export const AcceptTask = record("AcceptTask", {
  task: bytes32,
});
/** See {@link AcceptTask}. */
export type AcceptTask = Infer<typeof AcceptTask>;

/** The rule of {@link AcceptTask}. */
export const acceptTaskRule: OperationRule<AcceptTask> = {
  weight: 2n,
  rejects: ["unknown_task", "not_the_provider", "wrong_status"],
  check: (state, { sender }, { task }) => taskInStatus(state, task, "assigned", { provider: sender }),
  apply: (state, context, { task }) => startTask(state, context, task),
};
