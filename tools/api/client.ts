/**
 * The client side of the HTTP API, as the command line uses it.
 *
 * @module
 */
import { messageOf } from "../../ledger/primitives/mod.ts";
import { ToolError } from "../errors.ts";
import type { Json } from "./json.ts";

/** How to reach a node's API. */
export interface ApiAddress {
  readonly url: string;
  readonly token: string;
}

/** Longest wait for an answer: posting a task waits for a few blocks, an output for its download. */
const ANSWER_TIMEOUT_MS = 120_000;

/** A client of one node. */
export interface ApiClient {
  get(path: string): Promise<Json>;
  getBytes(path: string): Promise<Uint8Array>;
  post(path: string, body: Json | Uint8Array): Promise<Json>;
}

/** The fields of a JSON object; none if it is something else. */
export function fieldsOf(value: Json | undefined): Readonly<Record<string, Json>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? value as Record<string, Json>
    : {};
}

async function failureOf(response: Response): Promise<ToolError> {
  const text = await response.text();
  try {
    const { code, message } = fieldsOf(fieldsOf(JSON.parse(text))["error"]);
    const kind = code === "not_found" ? "not_found" : "refused";
    if (typeof message === "string") return new ToolError(kind, message, { code: String(code) });
  } catch {
    // not the API's own form: show what came
  }
  return new ToolError("refused", `The node answered ${response.status}: ${text.slice(0, 200)}`);
}

/**
 * A client for a node's API.
 *
 * Its methods throw {@link ToolError}: `not_running` if nobody answers, `not_found`, or `refused` with the node's sentence.
 */
export function apiClient({ url, token }: ApiAddress): ApiClient {
  const ask = async (path: string, init: RequestInit): Promise<Response> => {
    let response: Response;
    try {
      response = await fetch(`${url}${path}`, {
        ...init,
        headers: { ...init.headers, authorization: `Bearer ${token}` },
        signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
      });
    } catch (thrown) {
      throw new ToolError(
        "not_running",
        `No node answers at ${url} (${messageOf(thrown)}). Start one with \`deno task node\`.`,
      );
    }
    if (!response.ok) throw await failureOf(response);
    return response;
  };
  return {
    get: async (path) => await (await ask(path, {})).json(),
    getBytes: async (path) => new Uint8Array(await (await ask(path, {})).arrayBuffer()),
    post: async (path, body) => {
      const binary = body instanceof Uint8Array;
      const type = binary ? "application/octet-stream" : "application/json";
      const payload = binary ? new Uint8Array(body) : JSON.stringify(body);
      return await (await ask(path, { method: "POST", body: payload, headers: { "content-type": type } }))
        .json();
    },
  };
}
