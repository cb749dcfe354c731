/**
 * The real network: libp2p over WebRTC, so that a browser can dial a node without a certificate authority.
 *
 * An address is a multiaddr `/ip4/HOST/udp/PORT/webrtc-direct/certhash/HASH/p2p/PEER`. It stays the same over restarts if the
 * node keeps its seed, its port and its directory (which holds the certificate behind HASH).
 *
 * A port that a node has listened on stays this process's until the process ends, see `lasting_ports_libp2p.ts`; another node of the same
 * process may take it over.
 *
 * Needs `--allow-net`, `--allow-ffi`, `--allow-env`, `--allow-sys`, and read and write access to its directory. The native
 * library keeps threads of its own, which end with the process, not with `close`: a program ends with `Deno.exit`.
 *
 * **One thread of a process, ever.** The native library may be loaded by the main thread or by one worker; a second thread that
 * loads it, even after the first has ended, makes Deno panic (2.9.6, measured). Any number of nodes may share that thread.
 * Every file of `deno test` has a thread of its own: a test that starts a real node does so in a child process.
 *
 * @module
 */
import { signerFromSeed } from "../ledger/primitives/mod.ts";
import { makeTransport, type ScoredTransport, type TransportOptions } from "./make_transport.ts";
import { systemTimers } from "./timers_system.ts";

/** Settings of {@link startWebRtcTransport}. */
export interface WebRtcOptions extends Omit<TransportOptions, "signer" | "timers"> {
  /** 32-byte Ed25519 seed: the node's identity. */
  readonly seed: Uint8Array;
  /** Address to listen on; `127.0.0.1` by default, `0.0.0.0` for all IPv4 interfaces. */
  readonly host?: string;
  /** UDP port; 0, any free one, by default. */
  readonly port?: number;
  /** Keeps the certificate, and so the address, over restarts. Without it, every start has a new one. */
  readonly directory?: string;
}

/**
 * Starts a node on the real network. It listens when the promise resolves; bootstrap peers are dialled from then on.
 *
 * @throws {NetError} `address_in_use` or `bad_options`; `KeyError` `bad_seed`.
 */
export async function startWebRtcTransport(options: WebRtcOptions): Promise<ScoredTransport> {
  const { seed, host = "127.0.0.1", port = 0, directory, ...rest } = options;
  const signer = signerFromSeed(seed);
  // Loaded at the first start, not at import: merely importing this module must not claim the process's one thread.
  const { startLink } = await import("./listening_link_libp2p.ts");
  const link = await startLink({ seed, host, port, directory });
  return makeTransport(link, { ...rest, signer, timers: systemTimers });
}
