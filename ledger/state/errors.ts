/**
 * The error of a ledger that contradicts itself.
 *
 * @module
 */
import { CodedError, type ErrorFields } from "../primitives/mod.ts";

/** An invariant of the ledger does not hold: a bug, never a user's mistake. The node stops before it spreads. */
export class InvariantError extends CodedError<"invariant_violated"> {}

/** Requires an invariant. `sentence` says what does not hold. */
export function invariant(holds: boolean, sentence: string, fields: ErrorFields = {}): asserts holds {
  if (!holds) {
    throw new InvariantError("invariant_violated", `${sentence} Stop the node and report this.`, fields);
  }
}
