/**
 * `assay task watch`: follows a task.
 *
 * @module
 */
import type { Command } from "./command.ts";
import { connect, HOME_OPTION } from "./connect.ts";
import { followTask } from "./follow_task.ts";
import { resolveTask } from "./resolve_task.ts";

/** See the module. */
export const taskWatchCommand: Command = {
  name: "task watch",
  summary: "Follows a task to its end; exit status 1 if it fails.",
  positional: ["ID"],
  options: { ...HOME_OPTION },
  async run(args, signal) {
    const client = await connect(args);
    const id = await resolveTask(client, args.positional[0] ?? "");
    return await followTask(client, id, signal) ? 0 : 1;
  },
};
