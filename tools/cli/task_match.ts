/**
 * `assay task match`: why each offer on the market can or cannot take a task.
 *
 * @module
 */
import { fieldsOf } from "../api/client.ts";
import { textTable } from "../terminal/table.ts";
import type { Command } from "./command.ts";
import { connect, HOME_OPTION } from "./connect.ts";
import { resolveTask } from "./resolve_task.ts";
import { amountOf, listOf, shortId, textOf } from "./show.ts";

/** See the module. */
export const taskMatchCommand: Command = {
  name: "task match",
  summary: "Shows for every offer on the market whether it can take a task, and if not, why.",
  positional: ["ID"],
  options: { ...HOME_OPTION, json: { kind: "flag", description: "print the node's answer as JSON" } },
  async run(args) {
    const client = await connect(args);
    const id = await resolveTask(client, args.positional[0] ?? "");
    const offers = await client.get(`/v1/tasks/${id}/match`);
    if (args.flag("json")) {
      console.log(JSON.stringify(offers, null, 2));
      return 0;
    }
    const rows = listOf(offers).map(fieldsOf).map((offer) => [
      shortId(offer["provider"]),
      amountOf(offer["price"]),
      `${(Number(offer["reputationPpm"]) / 10_000).toFixed(0)} %`,
      offer["refusal"] === null ? "fits" : textOf(offer["refusal"]).replaceAll("_", " "),
    ]);
    const columns = ["provider", "least reward", "reputation", "verdict"].map((heading) => ({ heading }));
    console.log(rows.length === 0 ? "There is no offer on the market." : textTable(columns, rows).join("\n"));
    return 0;
  },
};
