/**
 * The libp2p node below a WebRTC link: which parts it is made of, and with which settings. The same in Deno, where a node listens
 * (`listening_node_libp2p.ts`), and in a browser, where it only dials (`webrtc_browser.ts`).
 *
 * @module
 */
import { generateKeyPairFromSeed } from "@libp2p/crypto/keys";
import { type GossipSub, gossipsub } from "@libp2p/gossipsub";
import { identify } from "@libp2p/identify";
import type { Libp2p, PeerId as Libp2pPeerId } from "@libp2p/interface";
import { noise } from "@libp2p/noise";
import { ping } from "@libp2p/ping";
import type { webRTCDirect } from "@libp2p/webrtc";
import { createLibp2p } from "libp2p";
import { MAX_GOSSIP_BYTES } from "./transport.ts";

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

/** Settings of {@link createNode}. */
export interface NodeParts {
  /** 32-byte Ed25519 seed: the node's identity. */
  readonly seed: Uint8Array;
  /** Whether a proven peer may connect. */
  readonly admits: (peer: Libp2pPeerId) => boolean;
  /** The transport: libp2p's own in a browser, where nothing listens. */
  readonly webRtcDirect: typeof webRTCDirect;
  /** Multiaddrs to listen on: none in a browser. */
  readonly listen?: readonly string[];
  /** What the host adds: where the certificate is kept, and the service that keeps it. */
  readonly host?: Pick<Libp2pOptions, "datastore" | "services">;
}

type Libp2pOptions = NonNullable<Parameters<typeof createLibp2p>[0]>;

/**
 * The certificate is part of the address, so it should live long. Its renewal, a day before it ends, is a timer, and timers
 * hold at most 2^31 ms (24.8 days): longer, and libp2p would renew it over and over.
 */
const CERTIFICATE_LIFESPAN_MS = 25 * 24 * 60 * 60 * 1000;

/** New connections a second from one host. libp2p's 5 would throttle a network whose nodes share a machine or a NAT. */
const INBOUND_CONNECTIONS_PER_SECOND = 200;

/** Handshakes under way at once, for the same reason: libp2p's 10 are fewer than one demo network dials. */
const PENDING_CONNECTIONS = 100;

/** Makes and starts a node. Throws what libp2p throws. */
export async function createNode(parts: NodeParts): Promise<StartedNode> {
  const { seed, admits, webRtcDirect, listen = [], host = {} } = parts;
  const { services, ...storage } = host;
  const libp2p = await createLibp2p<NodeServices>({
    ...storage,
    privateKey: await generateKeyPairFromSeed("Ed25519", seed),
    addresses: { listen: [...listen] },
    // Without the empty list the default STUN servers are asked first, and a dial hangs where they cannot be reached.
    transports: [
      webRtcDirect({ rtcConfiguration: { iceServers: [] }, certificateLifespan: CERTIFICATE_LIFESPAN_MS }),
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
      ...services,
      identify: identify(),
      ping: ping(),
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
  return { libp2p, stop: async () => void await libp2p.stop() };
}
