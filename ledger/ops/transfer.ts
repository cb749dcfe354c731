/**
 * Moves tokens from the sender to an account.
 *
 * @module
 */
import { bytes32, type Infer, record, u64 } from "../primitives/mod.ts";
import { accountOf, transferBalance } from "../state/mod.ts";
import { type OperationRule, reject } from "./operation.ts";

/** See the module. */
export const Transfer = record("Transfer", {
  to: bytes32,
  /** In (0, balance]. */
  amount: u64,
});
/** See {@link Transfer}. */
export type Transfer = Infer<typeof Transfer>;

/** The rule of {@link Transfer}. */
export const transferRule: OperationRule<Transfer> = {
  weight: 1n,
  rejects: ["zero_amount", "insufficient_balance"],
  check(state, { sender }, { amount }) {
    if (amount === 0n) {
      return reject("zero_amount", "A transfer moves at least one unit. Name an amount above 0.");
    }
    const { balance } = accountOf(state, sender);
    if (balance >= amount) return null;
    return reject(
      "insufficient_balance",
      `The transfer of ${amount} exceeds the balance of ${balance} that is left after the fee. Send less.`,
    );
  },
  apply(state, context, { to, amount }) {
    transferBalance(state, context.sender, to, amount);
    context.emit({ kind: "transferred", account: to, amount });
  },
};
