/**
 * Refuses an assignment that is not yet accepted; costs nothing, and the task is matched anew.
 *
 * @module
 */
import { bytes32, type Infer, record } from "../primitives/mod.ts";

/** See the module. */
export const DeclineTask = record("DeclineTask", {
  task: bytes32,
});
/** See {@link DeclineTask}. */
export type DeclineTask = Infer<typeof DeclineTask>;
