/**
 * Locks tokens of the sender as stake for a role.
 *
 * @module
 */
import { type Infer, record, u64 } from "../primitives/mod.ts";
import { accountOf, addStake, MAX_STAKERS, minimumStake, Role, stakeOf, stakersOf } from "../state/mod.ts";
import { type OperationRule, reject } from "./operation.ts";

/** See the module. */
export const StakeTokens = record("StakeTokens", {
  role: Role,
  amount: u64,
});
/** See {@link StakeTokens}. */
export type StakeTokens = Infer<typeof StakeTokens>;

/** The rule of {@link StakeTokens}. */
export const stakeRule: OperationRule<StakeTokens> = {
  weight: 2n,
  rejects: ["zero_amount", "insufficient_balance", "below_minimum_stake", "role_full"],
  check(state, { sender, params }, { role, amount }) {
    if (amount === 0n) return reject("zero_amount", "A stake is at least one unit. Name an amount above 0.");
    const { balance } = accountOf(state, sender);
    if (balance < amount) {
      return reject(
        "insufficient_balance",
        `The stake of ${amount} exceeds the balance of ${balance} that is left after the fee. Stake less.`,
      );
    }
    const staked = stakeOf(state, role, sender).amount;
    const minimum = minimumStake(params, role);
    if (staked + amount < minimum) {
      return reject(
        "below_minimum_stake",
        `A ${role} stakes at least ${minimum}: this would make ${staked + amount}. Stake more.`,
      );
    }
    if (staked === 0n && stakersOf(state, role).length >= MAX_STAKERS) {
      return reject("role_full", `All ${MAX_STAKERS} places of the role ${role} are taken. Try again later.`);
    }
    return null;
  },
  apply(state, context, { role, amount }) {
    addStake(state, role, context.sender, amount);
    context.emit({ kind: "staked", account: context.sender, amount, detail: role });
  },
};
