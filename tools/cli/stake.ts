/**
 * `assay stake` and `assay unstake`: what a role on the network costs to misuse.
 *
 * @module
 */
import type { Command } from "./command.ts";
import { connect, HOME_OPTION } from "./connect.ts";
import { amountArgument, operate } from "./operate.ts";

/** Locks tokens. */
export const stakeCommand: Command = {
  name: "stake",
  summary:
    "Locks tokens of the node's account as its stake for a role: validator, provider, challenger or arbiter.",
  positional: ["ROLE", "AMOUNT"],
  options: { ...HOME_OPTION },
  async run(args) {
    const [role = "", amount = ""] = args.positional;
    const client = await connect(args);
    await operate(
      client,
      { kind: "stake", role, amount: amountArgument(amount) },
      `Staked ${amount} AIGENSYN as ${role}`,
    );
    return 0;
  },
};

/** Begins to take tokens back. */
export const unstakeCommand: Command = {
  name: "unstake",
  summary:
    "Takes tokens out of a stake. They are free after the unbonding time, and can be slashed until then.",
  positional: ["ROLE", "AMOUNT"],
  options: { ...HOME_OPTION },
  async run(args) {
    const [role = "", amount = ""] = args.positional;
    const client = await connect(args);
    await operate(
      client,
      { kind: "unstake", role, amount: amountArgument(amount) },
      `${amount} AIGENSYN are leaving the stake as ${role}`,
    );
    return 0;
  },
};
