/**
 * A store in memory: for simulations, where it outlives the simulated crash of its node, and for followers in a browser.
 *
 * @module
 */
import type { Certificate, SignedVote } from "../consensus/mod.ts";
import { bytesToHex } from "../primitives/mod.ts";
import { StoreError } from "./errors.ts";
import type { FinalizedBlock, Snapshot, Store, StoredBlock, StoreRecord } from "./store.ts";
import { FIRST_POINT, guardHeight, guardVote, isAfter, pointOf, type ViewPoint } from "./vote_guard.ts";

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
  /** Final blocks added by the batch in progress. */
  readonly added: readonly FinalizedBlock[];
}

const EMPTY: Contents = {
  votes: [],
  certificates: [],
  pending: new Map(),
  floor: FIRST_POINT,
  snapshot: undefined,
  added: [],
};

function apply(contents: Contents, record: StoreRecord, finalizedBefore: bigint): Contents {
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
      return finalize(contents, record, finalizedBefore);
    case "snapshot": {
      const { height, hash } = record;
      return { ...contents, snapshot: { height, hash, entries: [...record.entries] } };
    }
    default:
      return record satisfies never;
  }
}

function finalize(
  contents: Contents,
  { height, hash, certificate }: Extract<StoreRecord, { kind: "finalized" }>,
  finalizedBefore: bigint,
): Contents {
  const stored = contents.pending.get(bytesToHex(hash));
  guardHeight(height, finalizedBefore + BigInt(contents.added.length), stored !== undefined);
  if (stored === undefined) return contents;
  const point = certificate === null ? contents.floor : pointOf(certificate.vote);
  const floor = isAfter(point, contents.floor) ? point : contents.floor;
  return {
    ...contents,
    floor,
    votes: contents.votes.filter(({ vote }) => isAfter(pointOf(vote), floor)),
    certificates: contents.certificates.filter(({ vote }) => isAfter(pointOf(vote), floor)),
    pending: new Map([...contents.pending].filter(([, block]) => block.height > height)),
    added: [...contents.added, { ...stored, certificate }],
  };
}

/** A store in memory. */
export function createMemoryStore({ fate = () => "commit" }: MemoryStoreOptions = {}): Store {
  let contents = EMPTY;
  const finalized: FinalizedBlock[] = [];
  let isClosed = false;
  const assertOpen = () => {
    if (isClosed) throw new StoreError("closed", "The store is closed. Open it again to use it.");
  };
  return {
    get finalizedHeight() {
      return BigInt(finalized.length);
    },
    finalizedAt(height) {
      assertOpen();
      return finalized[Number(height) - 1];
    },
    load() {
      assertOpen();
      const { votes, certificates, pending, snapshot } = contents;
      return {
        finalizedHeight: BigInt(finalized.length),
        votes,
        certificates,
        pending: [...pending.values()],
        snapshot,
      };
    },
    persist(records) {
      assertOpen();
      const last = BigInt(finalized.length);
      const next = records.reduce((before, record) => apply(before, record, last), contents);
      const decided = fate(records);
      if (decided !== "lose") {
        finalized.push(...next.added);
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
