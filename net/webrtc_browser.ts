/**
 * The real network in a browser: a page dials nodes over WebRTC, without a certificate authority or a server in between. It speaks and
 * is spoken to over the connections it opened; nobody can dial a page.
 *
 * For bundles made for browsers (`deno bundle --platform browser`). In Deno, use `webrtc_libp2p.ts`.
 *
 * @module
 */
import { webRTCDirect } from "@libp2p/webrtc";
import { signerFromSeed } from "../ledger/primitives/mod.ts";
import { linkOver } from "./link_libp2p.ts";
import { makeTransport, type ScoredTransport, type TransportOptions } from "./make_transport.ts";
import { createNode } from "./node_libp2p.ts";
import { systemTimers } from "./timers_system.ts";

/** Settings of {@link startBrowserTransport}. */
export interface BrowserOptions extends Omit<TransportOptions, "signer" | "timers"> {
  /** 32-byte Ed25519 seed: the page's identity, kept or made by its program. */
  readonly seed: Uint8Array;
}

/**
 * Starts a page's end of the network. Bootstrap peers are dialled from then on.
 *
 * @throws `KeyError` `bad_seed`.
 */
export async function startBrowserTransport({ seed, ...rest }: BrowserOptions): Promise<ScoredTransport> {
  const signer = signerFromSeed(seed);
  const link = await linkOver((admits) => createNode({ seed, admits, webRtcDirect: webRTCDirect }));
  return makeTransport(link, { ...rest, signer, timers: systemTimers });
}
