/**
 * `assay status`: what the node is and how the chain stands.
 *
 * @module
 */
import { fieldsOf } from "../api/client.ts";
import type { Command } from "./command.ts";
import { connect, HOME_OPTION } from "./connect.ts";
import { amountOf, fieldLines, listOf, textOf } from "./show.ts";

/** See the module. */
export const statusCommand: Command = {
  name: "status",
  summary: "Shows the node, its peers, the chain and the supply.",
  positional: [],
  options: { ...HOME_OPTION, json: { kind: "flag", description: "print the node's answer as JSON" } },
  async run(args) {
    const status = await (await connect(args)).get("/v1/status");
    if (args.flag("json")) {
      console.log(JSON.stringify(status, null, 2));
      return 0;
    }
    const fields = fieldsOf(status), supply = fieldsOf(fields["supply"]);
    console.log(
      fieldLines([
        ["network", `${textOf(fields["network"])} (${textOf(fields["chainId"]).slice(0, 16)})`],
        ["address", textOf(fields["address"])],
        ["roles", listOf(fields["roles"]).map(textOf).join(", ") || "-"],
        ["height", `${textOf(fields["height"])} (epoch ${textOf(fields["epoch"])})`],
        ["peers", textOf(listOf(fields["peers"]).length)],
        ["validators", textOf(listOf(fields["validators"]).length)],
        ["supply", `${amountOf(supply["now"])} AIGENSYN (burned ${amountOf(supply["burned"])})`],
      ]).join("\n"),
    );
    return 0;
  },
};
