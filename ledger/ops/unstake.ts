/**
 * Starts the release of stake: slashable for `unbondingBlocks` more, then spendable.
 *
 * @module
 */
import { type Infer, record, u64 } from "../primitives/mod.ts";
import { Role } from "../state/records.ts";

/** See the module. */
export const UnstakeTokens = record("UnstakeTokens", {
  role: Role,
  amount: u64,
});
/** See {@link UnstakeTokens}. */
export type UnstakeTokens = Infer<typeof UnstakeTokens>;
