/**
 * Serves the HTTP API on loopback, and leaves in the node's home how to reach it.
 *
 * @module
 */
import { bytesToHex } from "../../ledger/primitives/mod.ts";
import { ToolError } from "../errors.ts";
import type { ApiBackend } from "./backend.ts";
import type { ApiAddress } from "./client.ts";
import { handleApiRequest } from "./routes.ts";

/** Port tried first; any free one if it is taken. */
export const DEFAULT_API_PORT = 7420;

/** File in a node's home that tells a client where the API is and which token it wants. Only its owner may read it. */
export const API_FILE = "api.json";

/** How long requests in progress may go on when the API closes: an answer that is being written gets through, a download does not. */
const GRACE_MS = 1_000;

/** A running API. */
export interface ApiServer extends ApiAddress {
  close(): Promise<void>;
}

function listen(
  port: number,
  signal: AbortSignal,
  handler: (request: Request) => Promise<Response>,
): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve({ hostname: "127.0.0.1", port, signal, onListen: () => {} }, handler);
}

/**
 * Starts the API.
 *
 * @param home Folder for {@link API_FILE}; it must exist.
 * @param port Port to listen on; without one, {@link DEFAULT_API_PORT} or any free one.
 * @throws {ToolError} `bad_home` if the asked port is taken.
 */
export async function serveApi(backend: ApiBackend, home: string, port?: number): Promise<ApiServer> {
  const token = bytesToHex(crypto.getRandomValues(new Uint8Array(24)));
  const handler = (request: Request) => handleApiRequest(backend, token, request);
  const cutOff = new AbortController();
  let server: Deno.HttpServer<Deno.NetAddr>;
  try {
    server = listen(port ?? DEFAULT_API_PORT, cutOff.signal, handler);
  } catch (thrown) {
    if (!(thrown instanceof Deno.errors.AddrInUse)) throw thrown;
    if (port !== undefined) {
      throw new ToolError("bad_home", `Port ${port} is taken. Choose another with --api-port.`, { port });
    }
    server = listen(0, cutOff.signal, handler);
  }
  const url = `http://127.0.0.1:${server.addr.port}`;
  const file = `${home}/${API_FILE}`;
  await Deno.writeTextFile(file, JSON.stringify({ url, token }), { mode: 0o600 });
  return {
    url,
    token,
    async close() {
      await Deno.remove(file).catch((thrown) => {
        if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
      });
      const timer = setTimeout(() => cutOff.abort(), GRACE_MS);
      await server.shutdown();
      clearTimeout(timer);
    },
  };
}
