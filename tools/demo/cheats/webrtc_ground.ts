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

/**
 * Windows as short as somebody who watches wants them. A busy machine meets them too: all nodes are in one process, so that whatever slows an
 * actor down slows the blocks down by which its windows are counted.
 */
const WINDOWS = {
  acceptBlocks: 30,
  challengeBlocks: 15,
  roundBlocks: 20,
  arbiterCommitBlocks: 25,
  arbiterRevealBlocks: 20,
  appealBlocks: 6,
  auditCommitBlocks: 15,
  auditRevealBlocks: 15,
  openBlocks: 60,
  // The plays are about disputes; audits, which would find most lies before, have tests of their own.
  auditorCount: 0,
  certifierCount: 0,
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
    timing: { blockIntervalMs: 300, gatherMs: 20, pollMs: 3_000, timeouts: DEFAULT_TIMEOUTS },
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
