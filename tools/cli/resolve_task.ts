/**
 * Task ids on the command line may be cut short.
 *
 * @module
 */
import { type ApiClient, fieldsOf } from "../api/client.ts";
import { ToolError } from "../errors.ts";
import { listOf, textOf } from "./show.ts";

/**
 * The full id that starts with `prefix`.
 *
 * @throws {ToolError} `not_found` if no task's does, `usage` if several do.
 */
export async function resolveTask(client: ApiClient, prefix: string): Promise<string> {
  if (/^[0-9a-f]{64}$/.test(prefix)) return prefix;
  const ids = listOf(await client.get("/v1/tasks")).map((task) => textOf(fieldsOf(task)["id"]));
  const matching = ids.filter((id) => id.startsWith(prefix.toLowerCase()));
  const [id] = matching;
  if (id === undefined) {
    throw new ToolError("not_found", `No task's id starts with "${prefix}". See \`assay task list\`.`);
  }
  if (matching.length > 1) {
    throw new ToolError("usage", `${matching.length} tasks' ids start with "${prefix}": give more digits.`);
  }
  return id;
}
