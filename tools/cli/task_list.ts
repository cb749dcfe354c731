/**
 * `assay task list`: the tasks on the ledger.
 *
 * @module
 */
import { fieldsOf } from "../api/client.ts";
import { textTable } from "../terminal/table.ts";
import type { Command } from "./command.ts";
import { connect, HOME_OPTION } from "./connect.ts";
import { amountOf, listOf, metricOf, shortId, textOf } from "./show.ts";

/** See the module. */
export const taskListCommand: Command = {
  name: "task list",
  summary: "Lists tasks, newest first.",
  positional: [],
  options: {
    ...HOME_OPTION,
    status: {
      kind: "text",
      value: "STATUS",
      description: "only tasks of this status, for example open or done",
    },
    json: { kind: "flag", description: "print the node's answer as JSON" },
  },
  async run(args) {
    const status = args.text("status");
    const query = status === undefined ? "" : `?status=${encodeURIComponent(status)}`;
    const tasks = await (await connect(args)).get(`/v1/tasks${query}`);
    if (args.flag("json")) {
      console.log(JSON.stringify(tasks, null, 2));
      return 0;
    }
    const rows = listOf(tasks).map(fieldsOf).map((task) => [
      shortId(task["id"]),
      textOf(task["title"]),
      textOf(task["status"]),
      metricOf(task),
      amountOf(task["reward"]),
      shortId(task["provider"]),
    ]);
    const columns = ["id", "title", "status", "metric", "reward", "provider"].map((heading) => ({ heading }));
    console.log(rows.length === 0 ? "No tasks." : textTable(columns, rows).join("\n"));
    return 0;
  },
};
