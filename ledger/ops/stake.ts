/**
 * Locks tokens of the sender as stake for a role.
 *
 * @module
 */
import { type Infer, record, u64 } from "../primitives/mod.ts";
import { Role } from "../state/records.ts";

/** See the module. */
export const StakeTokens = record("StakeTokens", {
  role: Role,
  amount: u64,
});
/** See {@link StakeTokens}. */
export type StakeTokens = Infer<typeof StakeTokens>;
