/**
 * The tables of a SQLite store, and the store over them.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import { Certificate, type ConsensusRecord, SignedVote, type Vote } from "../consensus/mod.ts";
import { decode, encode, equalBytes, type Hash, hash } from "../primitives/mod.ts";
import { RESYNC_ADVICE, StoreError } from "./errors.ts";
import { translate } from "./fault_sqlite.ts";
import type { FinalizedBlock, Snapshot, Store, StoredBlock, StoreRecord } from "./store.ts";
import { guardAdopted, guardHeight, guardVote, isAfter, pointOf, type ViewPoint } from "./vote_guard.ts";

/** "AssY": marks the file as ours in SQLite's header. */
export const APPLICATION_ID = 0x41737359;

/** Version of the tables below. */
export const FORMAT_VERSION = 1;

/** Makes the tables that a store of an earlier program of this version lacks. */
export const ADDITIONS = `
  CREATE TABLE IF NOT EXISTS links (epoch INTEGER PRIMARY KEY, data BLOB NOT NULL, digest BLOB NOT NULL);
`;

/** Makes the tables of a new store. */
export const SCHEMA = `
  CREATE TABLE chain (id INTEGER PRIMARY KEY CHECK (id = 0), chain_id BLOB NOT NULL, final_epoch INTEGER NOT NULL,
    final_view INTEGER NOT NULL);
  CREATE TABLE log (position INTEGER PRIMARY KEY AUTOINCREMENT, epoch INTEGER NOT NULL, view INTEGER NOT NULL,
    kind TEXT NOT NULL, data BLOB NOT NULL, digest BLOB NOT NULL);
  CREATE TABLE blocks (hash BLOB PRIMARY KEY, height INTEGER NOT NULL, data BLOB NOT NULL, digest BLOB NOT NULL);
  CREATE INDEX blocks_by_height ON blocks (height);
  CREATE TABLE finalized (height INTEGER PRIMARY KEY, hash BLOB NOT NULL, certificate BLOB, digest BLOB NOT NULL);
  CREATE TABLE snapshots (id INTEGER PRIMARY KEY CHECK (id = 0), height INTEGER NOT NULL, hash BLOB NOT NULL);
  CREATE TABLE snapshot_entries (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
  ${ADDITIONS}
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${FORMAT_VERSION};
`;

type Value = null | number | bigint | string | Uint8Array;
type Row = Readonly<Record<string, unknown>>;

function digestOf(...parts: readonly Uint8Array[]): Hash {
  return hash("assay/store/row", ...parts);
}

function blob(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (value instanceof Uint8Array) return new Uint8Array(value);
  throw new StoreError("corrupted", `A row of the store lacks its ${column}. ${RESYNC_ADVICE}`);
}

function integer(row: Row | undefined, column: string): bigint {
  const value = row?.[column];
  if (typeof value === "bigint") return value;
  throw new StoreError("corrupted", `A row of the store lacks its ${column}. ${RESYNC_ADVICE}`);
}

function checked(row: Row, data: Uint8Array, ...more: readonly Uint8Array[]): Uint8Array {
  if (equalBytes(blob(row, "digest"), digestOf(data, ...more))) return data;
  throw new StoreError("corrupted", `A row of the store was altered: its digest differs. ${RESYNC_ADVICE}`);
}

/** The store over an opened and checked database. */
export function storeOver(database: DatabaseSync): Store {
  const path = database.location() ?? "";
  const statement = (sql: string) => {
    const prepared = database.prepare(sql);
    prepared.setReadBigInts(true);
    return prepared;
  };
  const sql = {
    log: statement("INSERT INTO log (epoch, view, kind, data, digest) VALUES (?, ?, ?, ?, ?)"),
    readLog: statement("SELECT kind, data, digest FROM log ORDER BY position"),
    trimLog: statement("DELETE FROM log WHERE epoch < ? OR (epoch = ? AND view <= ?)"),
    putBlock: statement("INSERT OR IGNORE INTO blocks VALUES (?, ?, ?, ?)"),
    hasBlock: statement("SELECT 1 AS found FROM blocks WHERE hash = ? AND height = ?"),
    trimBlocks: statement("DELETE FROM blocks WHERE height = ? AND hash != ?"),
    pending: statement("SELECT hash, height, data, digest FROM blocks WHERE height > ? ORDER BY height"),
    finalize: statement("INSERT INTO finalized VALUES (?, ?, ?, ?)"),
    finalHeight: statement("SELECT coalesce(max(height), 0) AS height FROM finalized"),
    firstHeight: statement("SELECT coalesce(min(height), 1) AS height FROM finalized"),
    trimFinal: statement("DELETE FROM finalized WHERE height < ?"),
    trimBlocksBelow: statement("DELETE FROM blocks WHERE height < ?"),
    finalAt: statement(
      "SELECT f.hash, f.certificate, f.digest AS final_digest, b.data, b.digest FROM finalized f LEFT JOIN blocks b " +
        "ON b.hash = f.hash WHERE f.height = ?",
    ),
    floor: statement("SELECT final_epoch, final_view FROM chain"),
    setFloor: statement("UPDATE chain SET final_epoch = ?, final_view = ?"),
    snapshot: statement("SELECT height, hash FROM snapshots"),
    setSnapshot: statement("INSERT OR REPLACE INTO snapshots VALUES (0, ?, ?)"),
    entries: statement("SELECT key, value FROM snapshot_entries"),
    putEntry: statement("INSERT INTO snapshot_entries VALUES (?, ?)"),
    putLink: statement("INSERT OR REPLACE INTO links VALUES (?, ?, ?)"),
    linkAt: statement("SELECT data, digest FROM links WHERE epoch = ?"),
    trimLinks: statement("DELETE FROM links WHERE epoch < ?"),
  };
  const run = (prepared: ReturnType<typeof statement>, ...values: Value[]) => prepared.run(...values);

  const readFloor = (): ViewPoint => {
    const row = sql.floor.get();
    return { epoch: integer(row, "final_epoch"), view: integer(row, "final_view") };
  };
  let finalizedHeight = integer(sql.finalHeight.get(), "height");
  let firstHeight = integer(sql.firstHeight.get(), "height");
  let floor = readFloor();
  const readLog = () =>
    sql.readLog.all().map((row) => ({ kind: row.kind, data: checked(row, blob(row, "data")) }));
  const readVotes = () =>
    readLog().filter(({ kind }) => kind === "vote").map(({ data }) => decode(SignedVote, data));
  // The guard reads votes from memory: a damaged index could hide one.
  let votes = readVotes();

  const log = (kind: ConsensusRecord["kind"], vote: Vote, data: Uint8Array) => {
    const { epoch, view } = pointOf(vote);
    run(sql.log, epoch, view, kind, data, digestOf(data));
  };
  const finalize = (height: bigint, block: Hash, certificate: Certificate | null) => {
    const proof = certificate === null ? null : encode(Certificate, certificate);
    run(sql.finalize, height, block, proof, digestOf(block, proof ?? new Uint8Array()));
    run(sql.trimBlocks, height, block);
    if (certificate === null || !isAfter(pointOf(certificate.vote), floor)) return;
    floor = pointOf(certificate.vote);
    run(sql.setFloor, floor.epoch, floor.view);
    run(sql.trimLog, floor.epoch, floor.epoch, floor.view);
    votes = votes.filter(({ vote }) => isAfter(pointOf(vote), floor));
  };
  const snapshot = ({ height, hash: block, entries }: Snapshot) => {
    database.exec("DELETE FROM snapshot_entries");
    for (const [key, value] of entries) run(sql.putEntry, key, value);
    run(sql.setSnapshot, height, block);
  };
  const pruneBelow = (height: bigint) => {
    run(sql.trimFinal, height);
    run(sql.trimBlocksBelow, height);
  };
  const write = (record: StoreRecord, last: bigint): bigint => {
    switch (record.kind) {
      case "vote": {
        const { epoch, view } = pointOf(record.vote.vote);
        const sameView = votes.filter(({ vote }) => {
          const point = pointOf(vote);
          return point.epoch === epoch && point.view === view;
        });
        guardVote(record.vote, floor, sameView);
        log("vote", record.vote.vote, encode(SignedVote, record.vote));
        votes = [...votes, record.vote];
        return last;
      }
      case "certificate":
        log("certificate", record.certificate.vote, encode(Certificate, record.certificate));
        return last;
      case "block":
        run(sql.putBlock, record.hash, record.height, record.block, digestOf(record.block));
        return last;
      case "finalized": {
        const { height, hash: block, certificate } = record;
        guardHeight(height, last, sql.hasBlock.get(block, height) !== undefined);
        finalize(height, block, certificate);
        return height;
      }
      case "snapshot":
        snapshot(record);
        return last;
      case "adopted": {
        const { height, hash: block, block: bytes, certificate } = record.block;
        guardAdopted(height, last);
        run(sql.putBlock, block, height, bytes, digestOf(bytes));
        finalize(height, block, certificate);
        snapshot({ height, hash: block, entries: record.entries });
        pruneBelow(height);
        return height;
      }
      case "pruned":
        pruneBelow(record.below);
        return last;
      case "link":
        run(sql.putLink, record.epoch, record.link, digestOf(record.link));
        run(sql.trimLinks, record.keepFrom);
        return last;
      default:
        return record satisfies never;
    }
  };
  const guarded = <T>(action: () => T): T => {
    if (!database.isOpen) throw new StoreError("closed", "The store is closed. Open it again to use it.");
    try {
      return action();
    } catch (thrown) {
      throw translate(thrown, path);
    }
  };
  const readBlock = (row: Row): StoredBlock => ({
    height: integer(row, "height"),
    hash: blob(row, "hash"),
    block: checked(row, blob(row, "data")),
  });
  const readSnapshot = (): Snapshot | undefined => {
    const row = sql.snapshot.get();
    if (row === undefined) return undefined;
    const entries = sql.entries.all().map((entry) => [blob(entry, "key"), blob(entry, "value")] as const);
    return { height: integer(row, "height"), hash: blob(row, "hash"), entries };
  };
  const readFinal = (height: bigint): FinalizedBlock | undefined => {
    const row = sql.finalAt.get(height);
    if (row === undefined) return undefined;
    const proof = row.certificate === null ? undefined : blob(row, "certificate");
    const block = blob(row, "hash");
    checked({ digest: row.final_digest }, block, proof ?? new Uint8Array());
    return {
      height,
      hash: block,
      block: checked(row, blob(row, "data")),
      certificate: proof === undefined ? null : decode(Certificate, proof),
    };
  };

  return {
    get finalizedHeight() {
      return finalizedHeight;
    },
    get firstHeight() {
      return firstHeight;
    },
    finalizedAt: (height) => guarded(() => readFinal(height)),
    linkAt: (epoch) =>
      guarded(() => {
        const row = sql.linkAt.get(epoch);
        return row === undefined ? undefined : checked(row, blob(row, "data"));
      }),
    load: () =>
      guarded(() => {
        const rows = readLog();
        return {
          finalizedHeight,
          votes: rows.filter(({ kind }) => kind === "vote").map(({ data }) => decode(SignedVote, data)),
          certificates: rows.filter(({ kind }) => kind === "certificate").map(({ data }) =>
            decode(Certificate, data)
          ),
          pending: sql.pending.all(finalizedHeight).map(readBlock),
          snapshot: readSnapshot(),
        };
      }),
    persist: (records) =>
      guarded(() => {
        database.exec("BEGIN IMMEDIATE");
        try {
          const last = records.reduce((height, record) => write(record, height), finalizedHeight);
          database.exec("COMMIT");
          finalizedHeight = last;
          firstHeight = integer(sql.firstHeight.get(), "height");
        } catch (thrown) {
          if (database.isTransaction) database.exec("ROLLBACK");
          floor = readFloor();
          votes = readVotes();
          throw thrown;
        }
      }),
    close() {
      if (database.isOpen) database.close();
    },
  };
}
