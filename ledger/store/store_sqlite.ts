/**
 * A store in one SQLite file: WAL mode, `synchronous=FULL`, so that a batch is on disk when `persist` returns
 * (https://www.sqlite.org/wal.html). Every row carries a digest, so that altered bytes are found and never guessed over.
 *
 * The file is locked while it is open: two nodes with one key and one store would vote against each other. A new store is made
 * under another name and renamed, so that an empty file in its place can only be a damaged one.
 *
 * @module
 */
import { existsSync, renameSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { Certificate, type ConsensusRecord, SignedVote, type Vote } from "../consensus/mod.ts";
import { bytesToHex, decode, encode, equalBytes, type Hash, hash, messageOf } from "../primitives/mod.ts";
import { RESYNC_ADVICE, StoreError } from "./errors.ts";
import type { FinalizedBlock, Snapshot, Store, StoredBlock, StoreRecord } from "./store.ts";
import { guardHeight, guardVote, isAfter, pointOf, type ViewPoint } from "./vote_guard.ts";

/** Options of {@link openSqliteStore}. */
export interface SqliteStoreOptions {
  /** Path of the file; made if there is none. Its folder must exist. SQLite keeps a second file beside it (`-wal`). */
  readonly path: string;
  readonly chainId: Hash;
}

/** "AssY": marks the file as ours in SQLite's header. */
const APPLICATION_ID = 0x41737359;

const FORMAT_VERSION = 1;

const SCHEMA = `
  CREATE TABLE chain (id INTEGER PRIMARY KEY CHECK (id = 0), chain_id BLOB NOT NULL, final_epoch INTEGER NOT NULL,
    final_view INTEGER NOT NULL);
  CREATE TABLE log (position INTEGER PRIMARY KEY AUTOINCREMENT, epoch INTEGER NOT NULL, view INTEGER NOT NULL,
    kind TEXT NOT NULL, data BLOB NOT NULL, digest BLOB NOT NULL);
  CREATE TABLE blocks (hash BLOB PRIMARY KEY, height INTEGER NOT NULL, data BLOB NOT NULL, digest BLOB NOT NULL);
  CREATE INDEX blocks_by_height ON blocks (height);
  CREATE TABLE finalized (height INTEGER PRIMARY KEY, hash BLOB NOT NULL, certificate BLOB, digest BLOB NOT NULL);
  CREATE TABLE snapshots (id INTEGER PRIMARY KEY CHECK (id = 0), height INTEGER NOT NULL, hash BLOB NOT NULL);
  CREATE TABLE snapshot_entries (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${FORMAT_VERSION};
`;

type Value = null | number | bigint | string | Uint8Array;
type Row = Readonly<Record<string, unknown>>;

/**
 * Opens or makes a store.
 *
 * @throws {StoreError} `locked`, `foreign_file`, `newer_format`, `other_chain`, `corrupted` or `io_failed`; the sentence says what to do.
 */
export function openSqliteStore({ path, chainId }: SqliteStoreOptions): Store {
  if (!existsSync(path)) makeStore(path, chainId);
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path);
    prepare(database, path, chainId);
    return storeOver(database);
  } catch (thrown) {
    database?.close();
    throw translate(thrown, path);
  }
}

function makeStore(path: string, chainId: Hash): void {
  const draft = `${path}.new`;
  rmSync(draft, { force: true });
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(draft);
    database.exec(`PRAGMA synchronous = FULL; BEGIN IMMEDIATE; ${SCHEMA}`);
    database.prepare("INSERT INTO chain VALUES (0, ?, 0, 0)").run(chainId);
    database.exec("COMMIT");
  } catch (thrown) {
    throw translate(thrown, draft);
  } finally {
    database?.close();
  }
  renameSync(draft, path);
}

function prepare(database: DatabaseSync, path: string, chainId: Hash): void {
  // The exclusive mode holds SQLite's own file lock from the first access until the file is closed or the process dies.
  database.exec("PRAGMA locking_mode = EXCLUSIVE");
  const application = pragma(database, "application_id");
  if (application === 0n && pragma(database, "page_count") === 0n) {
    throw new StoreError("corrupted", `The store "${path}" is empty: it was truncated. ${RESYNC_ADVICE}`, {
      path,
    });
  }
  if (application !== BigInt(APPLICATION_ID)) {
    throw new StoreError(
      "foreign_file",
      `"${path}" is a database of something else. Give the node another path.`,
      {
        path,
      },
    );
  }
  const version = pragma(database, "user_version");
  if (version !== BigInt(FORMAT_VERSION)) {
    throw new StoreError(
      "newer_format",
      `The store "${path}" has format ${version}, this program writes ${FORMAT_VERSION}. Run the version that made it.`,
      { path },
    );
  }
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; BEGIN IMMEDIATE; COMMIT");
  const check = database.prepare("PRAGMA quick_check(1)").get();
  const verdict = check === undefined ? "nothing" : String(Object.values(check)[0]);
  if (verdict !== "ok") {
    throw new StoreError("corrupted", `The store "${path}" is damaged (${verdict}). ${RESYNC_ADVICE}`, {
      path,
    });
  }
  const stored = database.prepare("SELECT chain_id FROM chain").get()?.chain_id;
  if (!(stored instanceof Uint8Array)) {
    throw new StoreError("corrupted", `The store "${path}" has lost its chain id. ${RESYNC_ADVICE}`, {
      path,
    });
  }
  if (!equalBytes(stored, chainId)) {
    throw new StoreError(
      "other_chain",
      `The store "${path}" belongs to chain ${bytesToHex(stored)}, the genesis is of chain ${
        bytesToHex(chainId)
      }. Give the ` +
        "node another path, or the genesis of that chain.",
      { path },
    );
  }
}

function pragma(database: DatabaseSync, name: string): bigint {
  const statement = database.prepare(`PRAGMA ${name}`);
  statement.setReadBigInts(true);
  const value = Object.values(statement.get() ?? {})[0];
  return typeof value === "bigint" ? value : 0n;
}

/** SQLite result codes (https://www.sqlite.org/rescode.html), the primary code in the low byte. */
const SQLITE_BUSY = 5, SQLITE_CORRUPT = 11, SQLITE_NOTADB = 26;

function translate(thrown: unknown, path: string): unknown {
  if (thrown instanceof StoreError) return thrown;
  const code = (thrown as { errcode?: unknown } | null)?.errcode;
  const primary = typeof code === "number" ? code & 0xff : undefined;
  const text = messageOf(thrown);
  const fail = (kind: "locked" | "foreign_file" | "corrupted" | "io_failed", sentence: string) =>
    new StoreError(kind, sentence, { path }, thrown);
  if (primary === SQLITE_BUSY || /is locked/.test(text)) {
    return fail(
      "locked",
      `The store "${path}" is open in another process. Stop that one, or give this node another path.`,
    );
  }
  if (primary === SQLITE_NOTADB || /not a database/.test(text)) {
    return fail(
      "foreign_file",
      `"${path}" is not a store, or its first page is destroyed. Check the path. If it is: ${RESYNC_ADVICE}`,
    );
  }
  if (primary === SQLITE_CORRUPT || /malformed/.test(text)) {
    return fail("corrupted", `The store "${path}" is damaged (${text}). ${RESYNC_ADVICE}`);
  }
  return fail(
    "io_failed",
    `The store "${path}" cannot be read or written (${text}). Check disk space and permissions.`,
  );
}

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

function storeOver(database: DatabaseSync): Store {
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
  };
  const run = (prepared: ReturnType<typeof statement>, ...values: Value[]) => prepared.run(...values);

  const readFloor = (): ViewPoint => {
    const row = sql.floor.get();
    return { epoch: integer(row, "final_epoch"), view: integer(row, "final_view") };
  };
  let finalizedHeight = integer(sql.finalHeight.get(), "height");
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
        const proof = certificate === null ? null : encode(Certificate, certificate);
        run(sql.finalize, height, block, proof, digestOf(block, proof ?? new Uint8Array()));
        run(sql.trimBlocks, height, block);
        if (certificate === null || !isAfter(pointOf(certificate.vote), floor)) return height;
        floor = pointOf(certificate.vote);
        run(sql.setFloor, floor.epoch, floor.view);
        run(sql.trimLog, floor.epoch, floor.epoch, floor.view);
        votes = votes.filter(({ vote }) => isAfter(pointOf(vote), floor));
        return height;
      }
      case "snapshot":
        database.exec("DELETE FROM snapshot_entries");
        for (const [key, value] of record.entries) run(sql.putEntry, key, value);
        run(sql.setSnapshot, record.height, record.hash);
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
    finalizedAt: (height) => guarded(() => readFinal(height)),
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
