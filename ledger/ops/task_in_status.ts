/**
 * The question that most operations on a task ask first.
 *
 * @module
 */
import { type Address, equalBytes, type Hash } from "../primitives/mod.ts";
import { type StateReader, tasks, type TaskStatus } from "../state/mod.ts";
import { reject, type Rejection } from "./operation.ts";

/** Who must be acting. */
export type Actor = { readonly requester: Address } | { readonly provider: Address };

/**
 * Rejects unless a task is in a status and the actor is its requester or its provider: `unknown_task`, `not_the_requester` or
 * `not_the_provider`, `wrong_status`.
 */
export function taskInStatus(
  state: StateReader,
  id: Hash,
  status: TaskStatus,
  actor: Actor,
): Rejection | null {
  const task = tasks.get(state, id);
  if (task === undefined) {
    return reject("unknown_task", "There is no task with this id. Check the id and the network.");
  }
  if ("requester" in actor && !equalBytes(task.requester, actor.requester)) {
    return reject("not_the_requester", "Only the account that posted the task may do this.");
  }
  if ("provider" in actor && (task.provider === null || !equalBytes(task.provider, actor.provider))) {
    return reject("not_the_provider", "The task is not assigned to the sender, or not any more.");
  }
  if (task.status !== status) {
    return reject("wrong_status", `This needs a task that is ${status}; this one is ${task.status}.`);
  }
  return null;
}
