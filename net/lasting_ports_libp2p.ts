/**
 * UDP ports that stay open for as long as the process lives, because the native library cannot be trusted to close one.
 *
 * libdatachannel (0.24.5, and its main branch) decides by a flag that nothing initialises, `std::atomic<bool> mStopped` of its
 * `IceUdpMuxListener`, whether a listener has been stopped already. Where the heap happens to hold anything but zero there, `stop()` does
 * nothing and the listener is freed while the thread of its port goes on calling it: the next packet from a peer that still knows the port
 * writes into freed memory. Three of five networks of fourteen nodes that were stopped on a loaded machine ended with SIGSEGV or SIGABRT.
 *
 * So listeners are neither stopped nor freed. A node that closes stops hearing its port; a node that starts again on the same port of this
 * process takes it over; the port is other programs' again when the process ends. What that costs is a socket and a sleeping thread for
 * each port that this process ever listened on.
 *
 * @module
 */
import { IceUdpMuxListener } from "node-datachannel";

/** Somebody unknown wants to connect: the ICE user fragment that it chose, and where it is. */
export interface StunRequest {
  readonly ufrag?: string;
  readonly host: string;
  readonly port: number;
}

interface LastingPort {
  readonly host: string;
  /** Kept, so that it is never collected. */
  readonly native: IceUdpMuxListener;
  hear: ((request: StunRequest) => void) | undefined;
}

/** Of this process, as the native library's own tables are. */
const ports = new Map<number, LastingPort>();

/** Whether this process has the port, on that address, and nobody hears it. */
export function isIdlePort(host: string, port: number): boolean {
  const known = ports.get(port);
  return known !== undefined && known.host === host && known.hear === undefined;
}

/**
 * Hears what comes to a port from strangers. Returns a function that ends it.
 *
 * @param port Free, or {@link isIdlePort}.
 * @throws what the native library throws if the port is taken.
 */
export function hearPort(host: string, port: number, hear: (request: StunRequest) => void): () => void {
  let entry = isIdlePort(host, port) ? ports.get(port) : undefined;
  if (entry === undefined) {
    const native = new IceUdpMuxListener(port, host);
    const opened: LastingPort = { host, native, hear };
    native.onUnhandledStunRequest((request: StunRequest) => opened.hear?.(request));
    ports.set(port, opened);
    entry = opened;
  }
  const mine = entry;
  mine.hear = hear;
  return () => {
    if (mine.hear === hear) mine.hear = undefined;
  };
}
