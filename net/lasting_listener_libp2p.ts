/**
 * WebRTC-direct as libp2p has it, but with listeners on ports that last: see `lasting_ports_libp2p.ts` for why.
 *
 * A listener of @libp2p/webrtc 6 opens its port in one method, which this one replaces; everything else of it stays.
 *
 * @module
 */
import type { PeerId, Upgrader } from "@libp2p/interface";
import { webRTCDirect } from "@libp2p/webrtc";
import { messageOf } from "../ledger/primitives/mod.ts";
import { NetError } from "./errors.ts";
import { hearPort } from "./lasting_ports_libp2p.ts";

type WebRtcDirect = ReturnType<typeof webRTCDirect>;

/** What a port is to a listener. */
interface MuxServer {
  readonly peerId: PeerId;
  readonly owner: unknown;
  readonly port: number;
  isIPv4: boolean;
  isIPv6: boolean;
  readonly server: Promise<{
    close(): Promise<void>;
    address(): { readonly address: string; readonly family: "IPv4" | "IPv6"; readonly port: number };
  }>;
}

/** The parts of a listener that opening a port needs. */
interface MuxListener {
  readonly components: {
    readonly peerId: PeerId;
    readonly upgrader: Pick<Upgrader, "createInboundAbortSignal">;
  };
  readonly shutdownController: AbortController;
  readonly log: { error(format: string, ...values: readonly unknown[]): void };
  incomingConnection(ufrag: string, host: string, port: number, signal: AbortSignal): Promise<void>;
  startUDPMuxServer(host: string, port: number, family: 4 | 6): MuxServer;
}

/** What RFC 8445 allows as a password, which the fragment doubles as: the native library ends the process over anything else. */
const ICE_CREDENTIAL = /^[a-zA-Z0-9+/]{22,256}$/;

function isMuxListener(value: object): value is MuxListener {
  return ["components", "shutdownController", "log", "incomingConnection", "startUDPMuxServer"].every((
    name,
  ) => name in value);
}

function startLastingServer(listener: MuxListener, host: string, port: number, family: 4 | 6): MuxServer {
  const accept = (ufrag: string, from: string, fromPort: number) => {
    const signal = listener.components.upgrader.createInboundAbortSignal(listener.shutdownController.signal);
    listener.incomingConnection(ufrag, from, fromPort, signal)
      .catch((error) => listener.log.error("a connection from %s was not made: %s", from, messageOf(error)))
      .finally(() => signal.clear());
  };
  const open = () => {
    const close = hearPort(host, port, ({ ufrag, host: from, port: fromPort }) => {
      if (ufrag !== undefined && ICE_CREDENTIAL.test(ufrag)) accept(ufrag, from, fromPort);
    });
    return {
      close: () => Promise.resolve(close()),
      address: () => ({ address: host, family: family === 4 ? "IPv4" : "IPv6", port }) as const,
    };
  };
  return {
    peerId: listener.components.peerId,
    owner: listener,
    port,
    isIPv4: family === 4,
    isIPv6: family === 6,
    server: new Promise((resolve) => resolve(open())),
  };
}

/**
 * `webRTCDirect` with listeners on lasting ports.
 *
 * @throws {NetError} `bad_options`, on listening, if libp2p's listener has become another one than this module knows.
 */
export function lastingWebRtcDirect(init: Parameters<typeof webRTCDirect>[0]): WebRtcDirect {
  const make = webRTCDirect(init);
  return (components) => {
    const transport = make(components);
    const createListener = transport.createListener.bind(transport);
    transport.createListener = (options) => {
      const listener = createListener(options);
      if (!isMuxListener(listener)) {
        throw new NetError(
          "bad_options",
          "This version of @libp2p/webrtc opens its ports in another way: look at net/lasting_listener_libp2p.ts.",
        );
      }
      listener.startUDPMuxServer = (host, port, family) => startLastingServer(listener, host, port, family);
      return listener;
    };
    return transport;
  };
}
