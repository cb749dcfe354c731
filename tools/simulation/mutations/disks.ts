/**
 * Mutations of durability: disks that say "written" before it is true, and nodes that do not read what they wrote.
 *
 * @module
 */
import {
  createMemoryStore,
  type MemoryStoreOptions,
  type Store,
  type StoreRecord,
} from "../../../ledger/store/mod.ts";
import type { Disk } from "../node.ts";
import type { Mutation } from "./mutation.ts";

/** Batches that a disk without fsync still has in its cache when the machine dies. */
const CACHED_BATCHES = 8;

function kept(record: StoreRecord): StoreRecord {
  return record.kind === "snapshot" ? { ...record, entries: [...record.entries] } : record;
}

/** Acknowledges at once, and forgets its latest batches in a crash. */
function diskWithoutFsync({ fate = () => "commit" }: MemoryStoreOptions): Disk {
  let batches: (readonly StoreRecord[])[] = [];
  let inner = createMemoryStore({ fate });
  const store: Store = {
    get finalizedHeight() {
      return inner.finalizedHeight;
    },
    get firstHeight() {
      return inner.firstHeight;
    },
    finalizedAt: (height) => inner.finalizedAt(height),
    linkAt: (epoch) => inner.linkAt(epoch),
    load: () => inner.load(),
    persist(records) {
      const batch = records.map(kept);
      inner.persist(batch);
      batches.push(batch);
    },
    close: () => inner.close(),
  };
  return {
    store,
    crash() {
      batches = batches.slice(0, Math.max(0, batches.length - CACHED_BATCHES));
      let isReplay = true;
      inner = createMemoryStore({ fate: (records) => isReplay ? "commit" : fate(records) });
      for (const batch of batches) inner.persist(batch);
      isReplay = false;
    },
  };
}

/** Never keeps a vote. */
function diskWithoutVotes(options: MemoryStoreOptions): Disk {
  const inner = createMemoryStore(options);
  const store: Store = {
    get finalizedHeight() {
      return inner.finalizedHeight;
    },
    get firstHeight() {
      return inner.firstHeight;
    },
    finalizedAt: (height) => inner.finalizedAt(height),
    linkAt: (epoch) => inner.linkAt(epoch),
    load: () => inner.load(),
    persist: (records) => inner.persist(records.filter(({ kind }) => kind !== "vote")),
    close: () => inner.close(),
  };
  return { store, crash: () => {} };
}

/** See the module. */
export const diskMutations: readonly Mutation[] = [
  {
    name: "skip_fsync",
    breaks: "what was acknowledged survives a crash",
    withinSeeds: 20,
    wish: { validators: 4, crashes: 30 },
    disk: diskWithoutFsync,
  },
  {
    name: "forget_votes",
    breaks: "a restarted validator knows what it signed",
    withinSeeds: 20,
    wish: { validators: 4, crashes: 30, isStormy: true },
    disk: diskWithoutVotes,
  },
];
