/**
 * The real network on loopback, for the suites.
 *
 * @module
 */
import { sha256, utf8 } from "../../ledger/primitives/mod.ts";
import { startLink } from "../../net/listening_link_libp2p.ts";
import type { Harness } from "./harness.ts";

/** The seed behind `testSigner(index)`. */
export function seedOf(index: number): Uint8Array {
  return sha256(utf8(`assay/test identity ${index}`));
}

/** Nodes on 127.0.0.1. Each keeps its port and its directory, so that it comes back at the same address. */
export async function webRtcHarness(): Promise<Harness> {
  const directory = await Deno.makeTempDir({ prefix: "assay-net-" });
  const ports = new Map<number, number>();
  return {
    async link(index) {
      const again = ports.get(index);
      const link = await startLink({
        seed: seedOf(index),
        host: "127.0.0.1",
        port: again ?? 0,
        // Only a node that is started twice pays for the keychain.
        directory: index >= RESTARTABLE ? `${directory}/${index}` : undefined,
      });
      const port = /\/udp\/(\d+)\//.exec(link.addresses()[0] ?? "")?.[1];
      if (port === undefined) throw new Error(`No port in ${link.addresses()}`);
      ports.set(index, Number(port));
      return link;
    },
    deadAddress:
      `/ip4/127.0.0.1/udp/9/webrtc-direct/certhash/uEiDJJ9UZPU37beCx83aA5UY-1tKxsixQh-Nzl_wuP__Tgw/p2p/12D3KooWJWoaqZhDaoEFshF7Rh1bpY9ohihFhzcW6d69Lr2NASuq`,
    close: () => Deno.remove(directory, { recursive: true }),
  };
}

/** Nodes from this index on keep their certificate over a restart. */
export const RESTARTABLE = 10;
