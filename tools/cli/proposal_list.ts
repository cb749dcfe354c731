/**
 * `assay proposal list`: what is proposed, and how it stands.
 *
 * @module
 */
import { fieldsOf } from "../api/client.ts";
import { textTable } from "../terminal/table.ts";
import type { Command } from "./command.ts";
import { connect, HOME_OPTION } from "./connect.ts";
import { listOf, shortId, textOf } from "./show.ts";
import { changeText } from "./proposal_text.ts";

/** See the module. */
export const proposalListCommand: Command = {
  name: "proposal list",
  summary: "Lists proposals, newest first.",
  positional: [],
  options: { ...HOME_OPTION, json: { kind: "flag", description: "print the node's answer as JSON" } },
  async run(args) {
    const proposals = await (await connect(args)).get("/v1/proposals");
    if (args.flag("json")) {
      console.log(JSON.stringify(proposals, null, 2));
      return 0;
    }
    const rows = listOf(proposals).map(fieldsOf).map((proposal) => [
      shortId(proposal["id"]),
      textOf(proposal["title"]),
      textOf(proposal["status"]),
      textOf(proposal["votingEnds"]),
      changeText(proposal["change"]),
    ]);
    const columns = ["id", "title", "status", "voting ends at", "change"].map((heading) => ({ heading }));
    console.log(rows.length === 0 ? "No proposals." : textTable(columns, rows).join("\n"));
    return 0;
  },
};
