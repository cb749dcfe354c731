/**
 * The libp2p node below a WebRTC link: which parts it is made of, and with which settings.
 *
 * @module
 */
import { generateKeyPairFromSeed } from "@libp2p/crypto/keys";
import { type GossipSub, gossipsub } from "@libp2p/gossipsub";
import { identify } from "@libp2p/identify";
import type { Libp2p } from "@libp2p/interface";
import { keychain } from "@libp2p/keychain";
import { noise } from "@libp2p/noise";
import type { PeerId as Libp2pPeerId } from "@libp2p/interface";
import { ping } from "@libp2p/ping";
import { webRTCDirect } from "@libp2p/webrtc";
import { FsDatastore } from "datastore-fs";
import { createLibp2p } from "libp2p";
import { messageOf } from "../ledger/primitives/mod.ts";
import { guardHandshakes } from "./early_messages_libp2p.ts";
import { asNetError } from "./errors.ts";
import { MAX_GOSSIP_BYTES } from "./transport.ts";
import { findUdpPort } from "./udp_port_libp2p.ts";

/** The services every node runs. */
export interface NodeServices {
  readonly identify: unknown;
  readonly ping: unknown;
  readonly pubsub: GossipSub;
  readonly [name: string]: unknown;
}

/** A started libp2p node, and how to end it. */
export interface StartedNode {
  readonly libp2p: Libp2p<NodeServices>;
  stop(): Promise<void>;
}

/** Settings of {@link startNode}. */
export interface NodeOptions {
  /** 32-byte Ed25519 seed: the node's identity. */
  readonly seed: Uint8Array;
  /** Address to listen on. */
  readonly host: string;
  /** UDP port, 0 for any free one. */
  readonly port: number;
  /** Keeps the certificate, and so the address, over restarts. In memory if left out. */
  readonly directory?: string | undefined;
  /** Whether a proven peer may connect. */
  readonly admits: (peer: Libp2pPeerId) => boolean;
}

/**
 * The certificate is part of the address, so it should live long. Its renewal, a day before it ends, is a timer, and timers
 * hold at most 2^31 ms (24.8 days): longer, and libp2p would renew it over and over.
 */
const CERTIFICATE_LIFESPAN_MS = 25 * 24 * 60 * 60 * 1000;

/** Ports tried when any will do: between finding a free one and using it, another program may take it. */
const PORT_ATTEMPTS = 5;

/** New connections a second from one host. libp2p's 5 would throttle a network whose nodes share a machine or a NAT. */
const INBOUND_CONNECTIONS_PER_SECOND = 200;

/** Handshakes under way at once, for the same reason: libp2p's 10 are fewer than one demo network dials. */
const PENDING_CONNECTIONS = 100;

async function create(options: NodeOptions, port: number): Promise<StartedNode> {
  const { seed, host, directory, admits } = options;
  const family = host.includes(":") ? "ip6" : "ip4";
  const datastore = directory === undefined ? undefined : new FsDatastore(directory);
  await datastore?.open();
  try {
    const libp2p = await createLibp2p<NodeServices>({
      privateKey: await generateKeyPairFromSeed("Ed25519", seed),
      ...(datastore === undefined ? {} : { datastore }),
      addresses: { listen: [`/${family}/${host}/udp/${port}/webrtc-direct`] },
      // Without the empty list the default STUN servers are asked first, and a dial hangs where they cannot be reached.
      transports: [
        webRTCDirect({ rtcConfiguration: { iceServers: [] }, certificateLifespan: CERTIFICATE_LIFESPAN_MS }),
      ],
      connectionEncrypters: [noise()],
      connectionManager: {
        inboundConnectionThreshold: INBOUND_CONNECTIONS_PER_SECOND,
        maxIncomingPendingConnections: PENDING_CONNECTIONS,
        // Redialling is done above, alike for every kind of network.
        reconnectRetries: 0,
      },
      connectionGater: {
        // libp2p's default for browsers refuses loopback and private addresses; a node dials whom it is told to.
        denyDialMultiaddr: () => false,
        denyInboundEncryptedConnection: (peer) => !admits(peer),
        denyOutboundEncryptedConnection: (peer) => !admits(peer),
      },
      services: {
        identify: identify(),
        ping: ping(),
        // The keychain keeps the certificate's key. It takes up to a second when it has none yet (it delays a failed look-up on
        // purpose), so a node that keeps nothing does without.
        ...(datastore === undefined ? {} : { keychain: keychain() }),
        pubsub: gossipsub({
          allowPublishToZeroTopicPeers: true,
          emitSelf: false,
          // To all neighbours at once rather than along the mesh: one hop less where it matters, for votes and blocks.
          floodPublish: true,
          // A network on one machine, or behind one NAT, has one IP address: that alone is no offence.
          scoreParams: { IPColocationFactorWeight: 0 },
          // Several messages and their control data may share one frame.
          maxInboundDataLength: 4 * MAX_GOSSIP_BYTES,
        }),
      },
    });
    return {
      libp2p,
      stop: async () => {
        await libp2p.stop();
        await datastore?.close();
      },
    };
  } catch (thrown) {
    await datastore?.close();
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
