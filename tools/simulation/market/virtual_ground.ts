/**
 * A ground in one thread: a memory network with delays, disks in memory, and a clock that moves when all is done.
 *
 * @module
 */
import type { Engine } from "../../../executor/mod.ts";
import { createMemoryStore } from "../../../ledger/store/mod.ts";
import { makeMemoryBlobStore, makeMemoryNetwork, makeMemoryTransport } from "../../../net/mod.ts";
import type { Dice } from "../random.ts";
import type { SigningBook } from "../signing_book.ts";
import { PromiseBroken } from "../watcher.ts";
import type { Ground } from "./ground.ts";
import type { VirtualTimers } from "./virtual_timers.ts";

/** Blocks come seldom and windows are short: virtual time is cheap, blocks are not. */
const TIMING = {
  blockIntervalMs: 1_000,
  gatherMs: 20,
  pollMs: 3_000,
  timeouts: { leaderMs: 2_000, advanceMs: 3_000, retryMs: 2_000, maxMs: 10_000 },
};

const WINDOWS = {
  acceptBlocks: 15,
  challengeBlocks: 10,
  roundBlocks: 12,
  arbiterCommitBlocks: 20,
  arbiterRevealBlocks: 15,
  appealBlocks: 6,
  auditCommitBlocks: 15,
  auditRevealBlocks: 15,
  openBlocks: 120,
  // How a play ends must depend on what is tried, not on which of two disputes is computed faster.
  runningDisputes: 1,
  // The plays are about disputes; audits and committees, which would find most lies before, have tests of their own.
  auditorCount: 0,
  certifierCount: 0,
};

/** What a virtual ground is made from. */
export interface VirtualGroundOptions {
  readonly book: SigningBook;
  readonly timers: VirtualTimers;
  readonly dice: Dice;
  /** Largest one-way delay, in milliseconds. */
  readonly farthestMs: number;
  /** See {@link Ground}. */
  readonly engine?: Engine;
}

/** See the module. */
export function makeVirtualGround({ book, timers, dice, farthestMs, engine }: VirtualGroundOptions): Ground {
  const wire = dice.fork(), chance = dice.fork();
  const network = makeMemoryNetwork({ timers, latency: () => wire.between(0.5, farthestMs) });

  const during = async <T>(what: string, limitMs: number, work: Promise<T>): Promise<T> => {
    let settled = false;
    const note = () => {
      settled = true;
    };
    work.then(note, note);
    if (!await timers.run(() => settled, timers.now() + limitMs)) {
      throw new PromiseBroken("liveness", `not within ${limitMs / 1000} s: ${what}`);
    }
    return await work;
  };

  return {
    timers,
    ...(engine === undefined ? {} : { engine }),
    timing: TIMING,
    windows: WINDOWS,
    signer: (name) => book.signer(name),
    async connect(names) {
      const transports = names.map((name) => makeMemoryTransport(network, { signer: book.signer(name) }));
      const dials = transports.flatMap((transport, i) =>
        transports.slice(0, i).flatMap((other) => other.addresses().map((address) => transport.dial(address)))
      );
      await during("everybody is connected", 10_000, Promise.all(dials));
      return transports;
    },
    disk: () => Promise.resolve({ store: createMemoryStore(), blobStore: makeMemoryBlobStore() }),
    random: (length) => Uint8Array.from({ length }, () => chance.whole(0, 255)),
    during,
    pass: async (ms) => void await timers.run(() => false, timers.now() + ms),
  };
}
