/**
 * Operations ordered through the API, and how their end is told.
 *
 * @module
 */
import { type ApiClient, fieldsOf } from "../api/client.ts";
import type { Json } from "../api/json.ts";
import { ToolError } from "../errors.ts";
import { parseAmount } from "../terminal/amounts.ts";
import { amountOf, textOf } from "./show.ts";

/** An amount on the command line, in the smallest unit as decimal text. Throws {@link ToolError} `usage`. */
export function amountArgument(text: string): string {
  try {
    return parseAmount(text).toString();
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    throw new ToolError("usage", thrown.message);
  }
}

/** Has an operation done and says when it is final. */
export async function operate(
  client: ApiClient,
  operation: Readonly<Record<string, Json>>,
  done: string,
): Promise<void> {
  const { height, fee } = fieldsOf(await client.post("/v1/operations", operation));
  console.log(`${done}. Final in block ${textOf(height)}; the fee was ${amountOf(fee)} AIGENSYN.`);
}
