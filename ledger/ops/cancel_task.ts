/**
 * Takes back a task that nobody is matched to; the reward returns to the requester.
 *
 * @module
 */
import { bytes32, type Infer, record } from "../primitives/mod.ts";

/** See the module. */
export const CancelTask = record("CancelTask", {
  task: bytes32,
});
/** See {@link CancelTask}. */
export type CancelTask = Infer<typeof CancelTask>;
