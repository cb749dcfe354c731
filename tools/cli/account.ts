/**
 * `assay account`: balance and stakes of an account.
 *
 * @module
 */
import { fieldsOf } from "../api/client.ts";
import type { Command } from "./command.ts";
import { connect, HOME_OPTION } from "./connect.ts";
import { amountOf, fieldLines, listOf, textOf } from "./show.ts";

/** See the module. */
export const accountCommand: Command = {
  name: "account",
  summary: "Shows the balance and stakes of an account: the node's own, or ADDRESS.",
  positional: ["[ADDRESS]"],
  options: { ...HOME_OPTION, json: { kind: "flag", description: "print the node's answer as JSON" } },
  async run(args) {
    const client = await connect(args);
    const address = args.positional[0] ?? textOf(fieldsOf(await client.get("/v1/status"))["address"]);
    const account = await client.get(`/v1/accounts/${address}`);
    if (args.flag("json")) {
      console.log(JSON.stringify(account, null, 2));
      return 0;
    }
    const fields = fieldsOf(account);
    const stakeLines = Object.entries(fieldsOf(fields["stakes"])).flatMap(([role, stake]) => {
      const { amount, locked, unbonding } = fieldsOf(stake), leaving = listOf(unbonding).length;
      if (amount === "0" && leaving === 0) return [];
      const parts = [
        amountOf(amount),
        `locked ${amountOf(locked)}`,
        ...leaving > 0 ? ["some is leaving"] : [],
      ];
      return [[`staked as ${role}`, parts.join(", ")] as const];
    });
    console.log(
      fieldLines([
        ["address", address],
        ["balance", `${amountOf(fields["balance"])} AIGENSYN`],
        ["nonce", textOf(fields["nonce"])],
        ...stakeLines,
      ]).join("\n"),
    );
    return 0;
  },
};
