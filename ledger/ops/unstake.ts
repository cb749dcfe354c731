/**
 * Starts the release of stake: slashable for `unbondingBlocks` more, then spendable.
 *
 * @module
 */
import { type Infer, record, u64 } from "../primitives/mod.ts";
import {
  beaconKeys,
  freeStake,
  MAX_UNBONDINGS,
  minimumStake,
  Role,
  stakeOf,
  startUnbonding,
} from "../state/mod.ts";
import { type OperationRule, reject } from "./operation.ts";

/** See the module. */
export const UnstakeTokens = record("UnstakeTokens", {
  role: Role,
  amount: u64,
});
/** See {@link UnstakeTokens}. */
export type UnstakeTokens = Infer<typeof UnstakeTokens>;

/** The rule of {@link UnstakeTokens}. */
export const unstakeRule: OperationRule<UnstakeTokens> = {
  weight: 2n,
  rejects: ["zero_amount", "insufficient_free_stake", "below_minimum_stake", "too_many_unbondings"],
  check(state, { sender, params }, { role, amount }) {
    if (amount === 0n) return reject("zero_amount", "At least one unit is released. Name an amount above 0.");
    const stake = stakeOf(state, role, sender);
    const free = freeStake(stake);
    if (amount > free) {
      return reject(
        "insufficient_free_stake",
        `Of the stake of ${stake.amount}, ${stake.locked} secures assignments: at most ${free} can be released now.`,
      );
    }
    const left = stake.amount - amount;
    const minimum = minimumStake(params, role);
    if (left > 0n && left < minimum) {
      return reject(
        "below_minimum_stake",
        `What stays staked must be 0 or at least ${minimum}: ${left} would be left. Release all or less.`,
      );
    }
    if (stake.unbonding.length >= MAX_UNBONDINGS) {
      return reject(
        "too_many_unbondings",
        `At most ${MAX_UNBONDINGS} releases are under way at a time. Wait until the first of them is done.`,
      );
    }
    return null;
  },
  apply(state, context, { role, amount }) {
    startUnbonding(state, context, role, context.sender, amount);
    // Sets that are fixed carry their keys: what leaves with the last of the stake is only the registration.
    const left = stakeOf(state, role, context.sender).amount;
    if (role === "validator" && left === 0n) beaconKeys.delete(state, context.sender);
    context.emit({ kind: "unstaked", account: context.sender, amount, detail: role });
  },
};
