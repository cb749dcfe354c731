/**
 * `assay task cancel`: takes back a task that nobody has taken.
 *
 * @module
 */
import type { Command } from "./command.ts";
import { connect, HOME_OPTION } from "./connect.ts";
import { operate } from "./operate.ts";
import { resolveTask } from "./resolve_task.ts";

/** See the module. */
export const taskCancelCommand: Command = {
  name: "task cancel",
  summary: "Takes back an open task of the node's account; its reward comes back.",
  positional: ["ID"],
  options: { ...HOME_OPTION },
  async run(args) {
    const client = await connect(args);
    const task = await resolveTask(client, args.positional[0] ?? "");
    await operate(client, { kind: "cancel_task", task }, `Took back task ${task.slice(0, 12)}`);
    return 0;
  },
};
