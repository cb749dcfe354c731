/**
 * Moves tokens from the sender to an account.
 *
 * @module
 */
import { bytes32, type Infer, record, u64 } from "../primitives/mod.ts";

/** See the module. */
export const Transfer = record("Transfer", {
  to: bytes32,
  /** In (0, balance]. */
  amount: u64,
});
/** See {@link Transfer}. */
export type Transfer = Infer<typeof Transfer>;
