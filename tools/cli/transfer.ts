/**
 * `assay transfer`: sends tokens.
 *
 * @module
 */
import type { Command } from "./command.ts";
import { connect, HOME_OPTION } from "./connect.ts";
import { amountArgument, operate } from "./operate.ts";

/** See the module. */
export const transferCommand: Command = {
  name: "transfer",
  summary: "Sends tokens from the node's account to ADDRESS.",
  positional: ["ADDRESS", "AMOUNT"],
  options: { ...HOME_OPTION },
  async run(args) {
    const [to = "", amount = ""] = args.positional;
    const client = await connect(args);
    await operate(
      client,
      { kind: "transfer", to, amount: amountArgument(amount) },
      `Sent ${amount} AIGENSYN to ${to.slice(0, 12)}`,
    );
    return 0;
  },
};
