/**
 * The HTTP API of a node, as a function from request to response. Loopback only, guarded by a token from the node's home: a
 * web page in the same machine's browser can reach the port, but not read the token.
 *
 *     GET  /v1/status                     the node, the chain, the supply
 *     GET  /v1/accounts/ADDRESS           balance, stakes, offer
 *     GET  /v1/tasks[?status=STATUS]      tasks, newest first
 *     POST /v1/tasks                      posts a task (JSON, see `TaskOrder`; amounts as decimal strings)
 *     GET  /v1/tasks/ID                   a task, its disputes, who holds its result, and how far it has come
 *     GET  /v1/tasks/ID/match             why each offer can or cannot take it
 *     GET  /v1/tasks/ID/output            the verified output, as safetensors
 *     GET  /v1/tasks/ID/records           the ledger's records of a task with a result, encoded
 *     GET  /v1/tasks/ID/proof             its computation proof, encoded
 *     POST /v1/operations                 a transfer, stake, proposal, ... in the node's name, see `OrderedOperation`
 *     GET  /v1/params                     the parameters in force, with their bounds
 *     GET  /v1/proposals                  proposals, newest first
 *     GET  /v1/proposals/ID               one proposal
 *     GET  /v1/checkpoint                 the last final block and its validators, for others to start from
 *     GET  /v1/light/links?from=EPOCH     how a light client gets from an epoch to the next, encoded `EpochLinks`
 *     GET  /v1/light/state[?key=HEX...]   the latest certified header, and proofs of what keys hold, encoded `LightState`
 *     POST /v1/blobs                      stores a blob, gives its id
 *     GET  /v1/blobs/ID                   a blob
 *
 * Errors are `{ "error": { "code", "message" } }` with a fitting status.
 *
 * @module
 */
import { MAX_LIGHT_KEY_BYTES, MAX_LIGHT_KEYS } from "../../ledger/light/mod.ts";
import { CodedError, type Hash, hexToBytes, parseAddress } from "../../ledger/primitives/mod.ts";
import { ToolError } from "../errors.ts";
import type { ApiBackend } from "./backend.ts";
import { toJson } from "./json.ts";
import { readOperation, readTaskOrder } from "./orders.ts";

/** Largest blob the API takes, in bytes: models and datasets of this size fit a laptop's memory beside everything else. */
const MAX_BLOB_BYTES = 256 * 1024 * 1024;

/** Largest JSON body in bytes. A task order is a few hundred. */
const MAX_JSON_BYTES = 64 * 1024;

/** HTTP status for the codes that mean something in HTTP; every other code is the caller's fault, 400. */
const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  not_found: 404,
  timed_out: 504,
  unreachable: 502,
  refused: 409,
  unauthorized: 401,
  too_large: 413,
};

type Handler = (backend: ApiBackend, request: Request, match: RegExpExecArray) => Promise<Response>;

interface Route {
  readonly method: string;
  readonly path: RegExp;
  readonly handler: Handler;
}

function json(value: unknown, status = 200): Response {
  return new Response(JSON.stringify(toJson(value)), {
    status,
    headers: { "content-type": "application/json" },
  });
}

function binary(bytes: Uint8Array): Response {
  return new Response(new Uint8Array(bytes), { headers: { "content-type": "application/octet-stream" } });
}

function errorResponse(thrown: unknown): Response {
  if (thrown instanceof CodedError) {
    const { code, message } = thrown;
    return json({ error: { code, message } }, STATUS_OF_CODE[code] ?? 400);
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return json({ error: { code: "internal", message: `The node failed: ${message}` } }, 500);
}

function missing(what: string): never {
  throw new ToolError("not_found", `There is no ${what}.`);
}

function idOf(match: RegExpExecArray): Hash {
  const id = match[1] ?? "";
  if (!/^[0-9a-f]{64}$/.test(id)) {
    throw new ToolError("usage", `An id has 64 hexadecimal digits: got "${id.slice(0, 80)}".`);
  }
  return hexToBytes(id);
}

async function bodyOf(request: Request, limit: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of request.body ?? []) {
    length += part.length;
    if (length > limit) {
      throw new ToolError("too_large", `The body is longer than the ${limit} bytes that are taken here.`);
    }
    parts.push(part);
  }
  const body = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    body.set(part, at);
    at += part.length;
  }
  return body;
}

async function jsonOf(request: Request): Promise<unknown> {
  const body = await bodyOf(request, MAX_JSON_BYTES);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    throw new ToolError("usage", "The body is not JSON.");
  }
}

function epochIn(request: Request): bigint {
  const from = new URL(request.url).searchParams.get("from") ?? "0";
  if (/^\d{1,15}$/.test(from)) return BigInt(from);
  throw new ToolError("usage", `from= names an epoch: got "${from.slice(0, 80)}".`);
}

function keysIn(request: Request): readonly Uint8Array[] {
  const keys = new URL(request.url).searchParams.getAll("key");
  const isKey = (key: string) => /^([0-9a-f]{2})+$/.test(key) && key.length <= 2 * MAX_LIGHT_KEY_BYTES;
  if (keys.length <= MAX_LIGHT_KEYS && keys.every(isKey)) return keys.map(hexToBytes);
  throw new ToolError(
    "usage",
    `At most ${MAX_LIGHT_KEYS} keys, each of 1 to ${MAX_LIGHT_KEY_BYTES} bytes in hexadecimal, can be asked for at once.`,
  );
}

const ROUTES: readonly Route[] = [
  { method: "GET", path: /^\/v1\/status$/, handler: async (backend) => json(await backend.status()) },
  {
    method: "GET",
    path: /^\/v1\/accounts\/([^/]+)$/,
    handler: async (backend, _, match) => json(await backend.account(parseAddress(match[1] ?? ""))),
  },
  {
    method: "GET",
    path: /^\/v1\/tasks$/,
    handler: async (backend, request) =>
      json(await backend.tasks(new URL(request.url).searchParams.get("status") ?? undefined)),
  },
  {
    method: "POST",
    path: /^\/v1\/tasks$/,
    handler: async (backend, request) =>
      json({ id: await backend.postTask(readTaskOrder(await jsonOf(request))) }, 201),
  },
  {
    method: "GET",
    path: /^\/v1\/tasks\/([^/]+)$/,
    handler: async (backend, _, match) => json(await backend.task(idOf(match)) ?? missing("such task")),
  },
  {
    method: "GET",
    path: /^\/v1\/tasks\/([^/]+)\/match$/,
    handler: async (backend, _, match) =>
      json(await backend.explainMatch(idOf(match)) ?? missing("such task")),
  },
  {
    method: "GET",
    path: /^\/v1\/tasks\/([^/]+)\/output$/,
    handler: async (backend, request, match) => binary(await backend.output(idOf(match), request.signal)),
  },
  {
    method: "GET",
    path: /^\/v1\/tasks\/([^/]+)\/records$/,
    handler: async (backend, _, match) =>
      binary(await backend.records(idOf(match)) ?? missing("such result")),
  },
  {
    method: "GET",
    path: /^\/v1\/tasks\/([^/]+)\/proof$/,
    handler: async (backend, _, match) => binary(await backend.proof(idOf(match))),
  },
  {
    method: "POST",
    path: /^\/v1\/operations$/,
    handler: async (backend, request) => json(await backend.operate(readOperation(await jsonOf(request)))),
  },
  { method: "GET", path: /^\/v1\/params$/, handler: async (backend) => json(await backend.params()) },
  { method: "GET", path: /^\/v1\/proposals$/, handler: async (backend) => json(await backend.proposals()) },
  {
    method: "GET",
    path: /^\/v1\/proposals\/([^/]+)$/,
    handler: async (backend, _, match) =>
      json(await backend.proposal(idOf(match)) ?? missing("such proposal")),
  },
  { method: "GET", path: /^\/v1\/checkpoint$/, handler: async (backend) => json(await backend.checkpoint()) },
  {
    method: "GET",
    path: /^\/v1\/light\/links$/,
    handler: async (backend, request) => binary(await backend.lightLinks(epochIn(request))),
  },
  {
    method: "GET",
    path: /^\/v1\/light\/state$/,
    handler: async (backend, request) => binary(await backend.lightState(keysIn(request))),
  },
  {
    method: "POST",
    path: /^\/v1\/blobs$/,
    handler: async (backend, request) =>
      json({ id: await backend.putBlob(await bodyOf(request, MAX_BLOB_BYTES)) }, 201),
  },
  {
    method: "GET",
    path: /^\/v1\/blobs\/([^/]+)$/,
    handler: async (backend, _, match) => binary(await backend.blob(idOf(match)) ?? missing("such blob")),
  },
];

/** Same length and same characters, in time that tells nothing about where they differ. */
function sameToken(given: string, expected: string): boolean {
  let difference = given.length ^ expected.length;
  for (let i = 0; i < expected.length; i++) difference |= given.charCodeAt(i) ^ expected.charCodeAt(i);
  return difference === 0;
}

/**
 * Answers one request. Never throws.
 *
 * @param token What the `authorization: Bearer TOKEN` header must carry.
 */
export async function handleApiRequest(
  backend: ApiBackend,
  token: string,
  request: Request,
): Promise<Response> {
  try {
    const given = /^Bearer (.+)$/.exec(request.headers.get("authorization") ?? "")?.[1] ?? "";
    if (!sameToken(given, token)) {
      return json({
        error: { code: "unauthorized", message: "Send the token of the node's api.json as a Bearer token." },
      }, 401);
    }
    const { pathname } = new URL(request.url);
    const known = ROUTES.filter(({ path }) => path.test(pathname));
    const route = known.find(({ method }) => method === request.method);
    if (route === undefined) {
      const message = known.length === 0
        ? `There is no ${pathname}.`
        : `${pathname} does not take ${request.method}.`;
      return json({ error: { code: "not_found", message } }, known.length === 0 ? 404 : 405);
    }
    const match = route.path.exec(pathname);
    return match === null ? missing(pathname) : await route.handler(backend, request, match);
  } catch (thrown) {
    return errorResponse(thrown);
  }
}
