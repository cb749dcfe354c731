/**
 * Accepts an assignment: the provider now owes a result within `computeBlocks`.
 *
 * @module
 */
import { bytes32, type Infer, record } from "../primitives/mod.ts";

/** See the module. */
export const AcceptTask = record("AcceptTask", {
  task: bytes32,
});
/** See {@link AcceptTask}. */
export type AcceptTask = Infer<typeof AcceptTask>;
