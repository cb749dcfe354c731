/**
 * `assay params`: the rules of the chain that can be voted on, and within which bounds.
 *
 * @module
 */
import { fieldsOf } from "../api/client.ts";
import { textTable } from "../terminal/table.ts";
import type { Command } from "./command.ts";
import { connect, HOME_OPTION } from "./connect.ts";
import { listOf, textOf } from "./show.ts";

/** See the module. */
export const paramsCommand: Command = {
  name: "params",
  summary:
    "Shows the chain's parameters with their bounds. Amounts are in the smallest unit, times in blocks.",
  positional: [],
  options: { ...HOME_OPTION, json: { kind: "flag", description: "print the node's answer as JSON" } },
  async run(args) {
    const params = await (await connect(args)).get("/v1/params");
    if (args.flag("json")) {
      console.log(JSON.stringify(params, null, 2));
      return 0;
    }
    const rows = listOf(params).map(fieldsOf).map((param) => [
      textOf(param["name"]),
      textOf(param["value"]),
      param["isFixed"] === true
        ? "fixed in genesis"
        : `${textOf(param["least"])} to ${textOf(param["most"])}`,
    ]);
    const columns = [{ heading: "name" }, { heading: "value", align: "right" }, {
      heading: "may be",
    }] as const;
    console.log(textTable(columns, rows).join("\n"));
    return 0;
  },
};
