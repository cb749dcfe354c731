/**
 * A libp2p node that listens on a UDP port of this machine, and keeps its certificate on its disk. For Deno and its like: it needs the
 * native WebRTC library.
 *
 * @module
 */
import { keychain } from "@libp2p/keychain";
import { FsDatastore } from "datastore-fs";
import { messageOf } from "../ledger/primitives/mod.ts";
import { guardHandshakes } from "./early_messages_libp2p.ts";
import { asNetError } from "./errors.ts";
import { lastingWebRtcDirect } from "./lasting_listener_libp2p.ts";
import { createNode, type NodeParts, type StartedNode } from "./node_libp2p.ts";
import { findUdpPort } from "./udp_port_libp2p.ts";

/** Settings of {@link startNode}. */
export interface NodeOptions extends Pick<NodeParts, "seed" | "admits"> {
  /** Address to listen on. */
  readonly host: string;
  /** UDP port, 0 for any free one. */
  readonly port: number;
  /** Keeps the certificate, and so the address, over restarts. In memory if left out. */
  readonly directory?: string | undefined;
}

/** Ports tried when any will do: between finding a free one and using it, another program may take it. */
const PORT_ATTEMPTS = 5;

async function create({ seed, host, directory, admits }: NodeOptions, port: number): Promise<StartedNode> {
  const family = host.includes(":") ? "ip6" : "ip4";
  const parts = {
    seed,
    admits,
    webRtcDirect: lastingWebRtcDirect,
    listen: [`/${family}/${host}/udp/${port}/webrtc-direct`],
  };
  if (directory === undefined) return await createNode(parts);
  const datastore = new FsDatastore(directory);
  await datastore.open();
  try {
    // The keychain keeps the certificate's key. It takes up to a second when it has none yet (it delays a failed look-up on
    // purpose), so a node that keeps nothing does without.
    const node = await createNode({ ...parts, host: { datastore, services: { keychain: keychain() } } });
    return {
      ...node,
      stop: async () => {
        await node.stop();
        await datastore.close();
      },
    };
  } catch (thrown) {
    await datastore.close();
    throw thrown;
  }
}

/**
 * Starts a node.
 *
 * @throws {NetError} `bad_options` for a seed of the wrong length or a host that is not ours, `address_in_use`.
 */
export async function startNode(options: NodeOptions): Promise<StartedNode> {
  guardHandshakes();
  for (let attempt = 1;; attempt++) {
    const port = await findUdpPort(options.host, options.port);
    try {
      return await create(options, port);
    } catch (thrown) {
      if (options.port === 0 && attempt < PORT_ATTEMPTS) continue;
      const sentence = `The node cannot listen on ${options.host} port ${port}: ${messageOf(thrown)}`;
      throw asNetError(thrown, "address_in_use", sentence);
    }
  }
}
