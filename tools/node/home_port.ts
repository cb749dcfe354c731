/**
 * The UDP port of a home: any free one at the first start, the same one ever after, so that other nodes find it again.
 *
 * @module
 */
import type { Home } from "./home_file.ts";

function fileOf(home: Home): string {
  return `${home.root}/port`;
}

/** The port that the home had; `undefined` before the first start. */
export async function savedPort(home: Home): Promise<number | undefined> {
  try {
    const port = Number(await Deno.readTextFile(fileOf(home)));
    return Number.isInteger(port) && port > 0 && port < 2 ** 16 ? port : undefined;
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return undefined;
    throw thrown;
  }
}

/** Keeps the port of a node that listens at `address`, a multiaddr such as `/ip4/127.0.0.1/udp/40123/webrtc-direct/...`. */
export async function savePort(home: Home, address: string | undefined): Promise<void> {
  const port = /\/udp\/(\d+)\//.exec(address ?? "")?.[1];
  if (port !== undefined) await Deno.writeTextFile(fileOf(home), `${port}\n`);
}
