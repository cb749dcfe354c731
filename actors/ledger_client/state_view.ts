/**
 * Running the ledger's own functions over a state that lies elsewhere.
 *
 * A query is a pure function of a `StateReader`. It is run over the records known so far; where it needs one that is not there
 * yet, it is stopped, the record is fetched, and it is run again. So a query is written once, for the ledger and for everybody who asks
 * it, and all that it reads is of one height.
 *
 * @module
 */
import { bytesToHex } from "../../ledger/primitives/mod.ts";
import type { StateReader } from "../../ledger/mod.ts";
import { ActorError } from "../runtime/mod.ts";

/** A pure function of the state. */
export type Query<T> = (state: StateReader) => T;

/** Records of one height that have been fetched: null where there is none. */
export type KnownRecords = Map<string, Uint8Array | null>;

/** Fetches the values of keys, all at the height of the view; null where there is none. */
export type FetchRecords = (keys: readonly Uint8Array[]) => Promise<readonly (Uint8Array | null)[]>;

/** Records that one query may read: beyond it is a query that walks without bound. */
const MAX_RECORDS = 20_000;

class Missing {
  constructor(readonly key: Uint8Array) {}
}

/** Records that one run of a query read, and what it gave. */
export interface Ran<T> {
  readonly value: T;
  readonly keys: readonly Uint8Array[];
}

/**
 * The value of a query. Each record that is not known yet costs one fetch.
 *
 * @param known Grows by what was fetched.
 * @throws {ActorError} `bad_options` for a query that reads without bound; what the query or `load` throws.
 */
export async function runOverRecords<T>(
  query: Query<T>,
  known: KnownRecords,
  load: FetchRecords,
): Promise<Ran<T>> {
  while (known.size < MAX_RECORDS) {
    const keys: Uint8Array[] = [];
    const reader: StateReader = {
      get(key) {
        const value = known.get(bytesToHex(key));
        if (value === undefined) throw new Missing(key);
        keys.push(key);
        return value ?? undefined;
      },
    };
    try {
      return { value: query(reader), keys };
    } catch (thrown) {
      if (!(thrown instanceof Missing)) throw thrown;
      const [value] = await load([thrown.key]);
      known.set(bytesToHex(thrown.key), value ?? null);
    }
  }
  throw new ActorError(
    "bad_options",
    `A query reads at most ${MAX_RECORDS} records: this one asks for more.`,
  );
}
