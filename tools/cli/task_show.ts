/**
 * `assay task show`: one task, whether its result can be had, and its disputes.
 *
 * @module
 */
import { fieldsOf } from "../api/client.ts";
import { availabilityFields } from "./availability_text.ts";
import type { Command } from "./command.ts";
import { connect, HOME_OPTION } from "./connect.ts";
import { disputeLines } from "./dispute_text.ts";
import { resolveTask } from "./resolve_task.ts";
import { amountOf, fieldLines, listOf, metricOf, textOf } from "./show.ts";

/** See the module. */
export const taskShowCommand: Command = {
  name: "task show",
  summary: "Shows a task, whether its result can be had, and its disputes.",
  positional: ["ID"],
  options: { ...HOME_OPTION, json: { kind: "flag", description: "print the node's answer as JSON" } },
  async run(args) {
    const client = await connect(args);
    const answer = await client.get(`/v1/tasks/${await resolveTask(client, args.positional[0] ?? "")}`);
    if (args.flag("json")) {
      console.log(JSON.stringify(answer, null, 2));
      return 0;
    }
    const fields = fieldsOf(answer), task = fieldsOf(fields["task"]), program = fieldsOf(task["program"]);
    const lines = fieldLines([
      ["task", textOf(task["id"])],
      ["title", textOf(task["title"])],
      ["status", `${textOf(task["status"])} (attempt ${textOf(task["attempt"])})`],
      ["engine", textOf(program["engine"])],
      ["requester", textOf(task["requester"])],
      ["provider", textOf(task["provider"])],
      ["reward", `${amountOf(task["reward"])} AIGENSYN`],
      ["collateral", `${amountOf(task["collateral"])} AIGENSYN`],
      ["metric", metricOf(task)],
      ["threshold met", textOf(task["thresholdMet"])],
      ...availabilityFields(fields["availability"]),
    ]);
    console.log([...lines, ...listOf(fields["disputes"]).flatMap(disputeLines)].join("\n"));
    return 0;
  },
};
