/**
 * A store in memory: for simulations, where it outlives the simulated crash of its node, and for followers in a browser.
 *
 * @module
 */
import type { Certificate, SignedVote } from "../consensus/mod.ts";
import { bytesToHex } from "../primitives/mod.ts";
import { StoreError } from "./errors.ts";
import type { FinalizedBlock, Snapshot, Store, StoredBlock, StoreRecord } from "./store.ts";
import {
  FIRST_POINT,
  guardAdopted,
  guardHeight,
  guardVote,
  isAfter,
  pointOf,
  type ViewPoint,
} from "./vote_guard.ts";

/**
 * What happens to a batch: `commit`; `lose`: the disk refuses and nothing is written; `commit_unacknowledged`: it is written, but the
 * node dies before it hears so.
 */
export type BatchFate = "commit" | "lose" | "commit_unacknowledged";

/** Options of {@link createMemoryStore}. */
export interface MemoryStoreOptions {
  /** Decides the fate of each batch; by default all commit. */
  readonly fate?: (records: readonly StoreRecord[]) => BatchFate;
}

interface Contents {
  readonly votes: readonly SignedVote[];
  readonly certificates: readonly Certificate[];
  readonly pending: ReadonlyMap<string, StoredBlock>;
  readonly floor: ViewPoint;
  readonly snapshot: Snapshot | undefined;
  readonly finalizedHeight: bigint;
  readonly firstHeight: bigint;
  readonly links: ReadonlyMap<bigint, Uint8Array>;
  /** Final blocks added by the batch in progress. */
  readonly added: readonly FinalizedBlock[];
}

const EMPTY: Contents = {
  votes: [],
  certificates: [],
  pending: new Map(),
  floor: FIRST_POINT,
  snapshot: undefined,
  finalizedHeight: 0n,
  firstHeight: 1n,
  links: new Map(),
  added: [],
};

function apply(contents: Contents, record: StoreRecord): Contents {
  switch (record.kind) {
    case "vote": {
      const point = pointOf(record.vote.vote);
      const sameView = contents.votes.filter((other) => {
        const at = pointOf(other.vote);
        return at.epoch === point.epoch && at.view === point.view;
      });
      guardVote(record.vote, contents.floor, sameView);
      return { ...contents, votes: [...contents.votes, record.vote] };
    }
    case "certificate":
      return { ...contents, certificates: [...contents.certificates, record.certificate] };
    case "block": {
      const { height, hash, block } = record;
      return {
        ...contents,
        pending: new Map(contents.pending).set(bytesToHex(hash), { height, hash, block }),
      };
    }
    case "finalized":
      return finalize(contents, record);
    case "snapshot": {
      const { height, hash } = record;
      return { ...contents, snapshot: { height, hash, entries: [...record.entries] } };
    }
    case "adopted":
      return adopt(contents, record);
    case "pruned":
      return { ...contents, firstHeight: record.below };
    case "link": {
      const kept = [...contents.links].filter(([epoch]) => epoch >= record.keepFrom);
      return { ...contents, links: new Map(kept).set(record.epoch, record.link) };
    }
    default:
      return record satisfies never;
  }
}

function adopt(contents: Contents, { block, entries }: Extract<StoreRecord, { kind: "adopted" }>): Contents {
  const { height, hash, certificate } = block;
  guardAdopted(height, contents.finalizedHeight);
  return {
    ...forgetUpTo(contents, height, certificate),
    snapshot: { height, hash, entries: [...entries] },
    finalizedHeight: height,
    firstHeight: height,
    added: [block],
  };
}

function forgetUpTo(contents: Contents, height: bigint, certificate: Certificate | null): Contents {
  const point = certificate === null ? contents.floor : pointOf(certificate.vote);
  const floor = isAfter(point, contents.floor) ? point : contents.floor;
  return {
    ...contents,
    floor,
    votes: contents.votes.filter(({ vote }) => isAfter(pointOf(vote), floor)),
    certificates: contents.certificates.filter(({ vote }) => isAfter(pointOf(vote), floor)),
    pending: new Map([...contents.pending].filter(([, block]) => block.height > height)),
  };
}

function finalize(
  contents: Contents,
  { height, hash, certificate }: Extract<StoreRecord, { kind: "finalized" }>,
): Contents {
  const stored = contents.pending.get(bytesToHex(hash));
  guardHeight(height, contents.finalizedHeight, stored !== undefined);
  if (stored === undefined) return contents;
  return {
    ...forgetUpTo(contents, height, certificate),
    finalizedHeight: height,
    added: [...contents.added, { ...stored, certificate }],
  };
}

/** A store in memory. */
export function createMemoryStore({ fate = () => "commit" }: MemoryStoreOptions = {}): Store {
  let contents = EMPTY;
  const finalized = new Map<bigint, FinalizedBlock>();
  let isClosed = false;
  const assertOpen = () => {
    if (isClosed) throw new StoreError("closed", "The store is closed. Open it again to use it.");
  };
  return {
    get finalizedHeight() {
      return contents.finalizedHeight;
    },
    get firstHeight() {
      return contents.firstHeight;
    },
    finalizedAt(height) {
      assertOpen();
      return finalized.get(height);
    },
    linkAt(epoch) {
      assertOpen();
      return contents.links.get(epoch);
    },
    load() {
      assertOpen();
      const { finalizedHeight, votes, certificates, pending, snapshot } = contents;
      return {
        finalizedHeight,
        votes,
        certificates,
        pending: [...pending.values()],
        snapshot,
      };
    },
    persist(records) {
      assertOpen();
      const next = records.reduce(apply, contents);
      const decided = fate(records);
      if (decided !== "lose") {
        for (const block of next.added) finalized.set(block.height, block);
        if (next.firstHeight !== contents.firstHeight) {
          for (const height of finalized.keys()) if (height < next.firstHeight) finalized.delete(height);
        }
        contents = { ...next, added: [] };
      }
      if (decided === "commit") return;
      throw new StoreError("io_failed", "The disk refused a batch (injected fault). Restart the node.", {
        fate: decided,
      });
    },
    close() {
      isClosed = true;
    },
  };
}
