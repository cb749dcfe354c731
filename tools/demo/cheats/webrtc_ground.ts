/**
 * The real ground: nodes connected over WebRTC on loopback, the ledger of each in SQLite, and time as it passes.
 *
 * @module
 */
import { DEFAULT_TIMEOUTS } from "../../../ledger/consensus/mod.ts";
import { type Signer, signerFromSeed } from "../../../ledger/primitives/mod.ts";
import { openSqliteStore } from "../../../ledger/store/store_sqlite.ts";
import { openFileBlobStore } from "../../../net/blob_store_file.ts";
import { systemTimers } from "../../../net/timers_system.ts";
import type { Ground } from "../../simulation/market/ground.ts";
import { PromiseBroken } from "../../simulation/watcher.ts";
import { sleep } from "./sleep.ts";
import { seedOf, type Wires } from "./wires.ts";

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

/**
 * A ground below a folder.
 *
 * @param wires Connections that it may take, and leaves.
 * @param signal Ends every wait.
 */
export function makeWebRtcGround(folder: string, wires: Wires, signal: AbortSignal): Ground {
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
    connect: (names) => wires.connect(names),
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
