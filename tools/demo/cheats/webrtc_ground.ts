/**
 * The real ground: nodes connected over WebRTC on loopback, the ledger of each in SQLite, and time as it passes.
 *
 * @module
 */
import { DEFAULT_TIMEOUTS } from "../../../ledger/consensus/mod.ts";
import { hash, type Signer, signerFromSeed, utf8 } from "../../../ledger/primitives/mod.ts";
import { openSqliteStore } from "../../../ledger/store/store_sqlite.ts";
import { openFileBlobStore } from "../../../net/blob_store_file.ts";
import type { Transport } from "../../../net/mod.ts";
import { systemTimers } from "../../../net/timers_system.ts";
import { startWebRtcTransport } from "../../../net/webrtc_libp2p.ts";
import type { Ground } from "../../simulation/market/ground.ts";
import { PromiseBroken } from "../../simulation/watcher.ts";

/** Windows that a busy machine meets, and that somebody who watches can wait for. */
const WINDOWS = {
  acceptBlocks: 60,
  challengeBlocks: 30,
  roundBlocks: 40,
  arbiterCommitBlocks: 40,
  arbiterRevealBlocks: 40,
  openBlocks: 80,
  // The plays are about disputes; audits, which would find most lies before, have tests of their own.
  auditorCount: 0,
};

/** How often it is looked whether everybody is connected, and how long that may take. */
const LOOK_MS = 100, CONNECT_MS = 120_000;

/** Nodes that each stays connected to; gossip and dialling on demand do the rest. */
const JOINS = 3;

/** Keys of a demonstration: anybody can know them. */
function seedOf(name: string): Uint8Array {
  return hash("assay/simulation/signer", utf8(name));
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal.addEventListener("abort", stop, { once: true });
  });
}

/**
 * A ground below a folder.
 *
 * @param signal Ends every wait.
 */
export function makeWebRtcGround(folder: string, signal: AbortSignal): Ground {
  const signers = new Map<string, Signer>();
  const signer = (name: string): Signer => {
    const known = signers.get(name) ?? signerFromSeed(seedOf(name));
    signers.set(name, known);
    return known;
  };
  return {
    timers: systemTimers,
    timing: { blockIntervalMs: 400, gatherMs: 20, pollMs: 3_000, timeouts: DEFAULT_TIMEOUTS },
    windows: WINDOWS,
    signer,
    async connect(names) {
      const transports: Transport[] = [];
      for (const name of names) {
        const bootstrap = transports.slice(0, JOINS).flatMap((known) => known.addresses().slice(0, 1));
        // A peer that is not up yet is tried again: on a busy machine nothing to tell anybody.
        transports.push(await startWebRtcTransport({ seed: seedOf(name), bootstrap, report: () => {} }));
      }
      const wanted = Math.min(JOINS, names.length - 1);
      const end = Date.now() + CONNECT_MS;
      while (transports.some((transport) => transport.peers().length < wanted)) {
        if (Date.now() > end) {
          throw new PromiseBroken("liveness", `not connected within ${CONNECT_MS / 1000} s`);
        }
        await sleep(LOOK_MS, signal);
      }
      return transports;
    },
    async disk(name, chainId) {
      const home = `${folder}/${name.replaceAll(" ", "-")}`;
      await Deno.mkdir(home, { recursive: true });
      return {
        store: openSqliteStore({ path: `${home}/chain.sqlite`, chainId }),
        blobStore: await openFileBlobStore(`${home}/blobs`),
      };
    },
    random: (length) => crypto.getRandomValues(new Uint8Array(length)),
    async during(what, limitMs, work) {
      const over = new AbortController();
      const late = sleep(limitMs, AbortSignal.any([signal, over.signal])).then(() => {
        throw new PromiseBroken("liveness", `not within ${limitMs / 1000} s: ${what}`);
      });
      try {
        return await Promise.race([work, late]);
      } finally {
        over.abort();
        late.catch(() => {});
      }
    },
    pass: (ms) => sleep(ms, signal),
  };
}
