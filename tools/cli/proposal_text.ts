/**
 * Proposals in words, and by the first digits of their ids.
 *
 * @module
 */
import { type ApiClient, fieldsOf } from "../api/client.ts";
import type { Json } from "../api/json.ts";
import { ToolError } from "../errors.ts";
import { listOf, textOf } from "./show.ts";

/** What a proposal would change. */
export function changeText(change: Json | undefined): string {
  const fields = fieldsOf(change);
  if (fields["kind"] === "upgrade") {
    return `upgrade to version ${textOf(fields["version"])} at height ${textOf(fields["height"])}`;
  }
  return listOf(fields["values"]).map(fieldsOf)
    .map(({ name, value }) => `${textOf(name)} = ${textOf(value)}`).join(", ");
}

/**
 * The proposal whose id starts with `prefix`.
 *
 * @throws {ToolError} `not_found` if no proposal's does, `usage` if several do.
 */
export async function findProposal(
  client: ApiClient,
  prefix: string,
): Promise<Readonly<Record<string, Json>>> {
  const matching = listOf(await client.get("/v1/proposals")).map(fieldsOf)
    .filter(({ id }) => textOf(id).startsWith(prefix.toLowerCase()));
  const [found] = matching;
  if (found === undefined) {
    throw new ToolError(
      "not_found",
      `No proposal's id starts with "${prefix}". See \`assay proposal list\`.`,
    );
  }
  if (matching.length > 1) {
    throw new ToolError(
      "usage",
      `${matching.length} proposals' ids start with "${prefix}": give more digits.`,
    );
  }
  return found;
}
