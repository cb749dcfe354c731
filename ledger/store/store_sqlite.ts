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
import { bytesToHex, equalBytes, type Hash } from "../primitives/mod.ts";
import { RESYNC_ADVICE, StoreError } from "./errors.ts";
import { translate } from "./fault_sqlite.ts";
import type { Store } from "./store.ts";
import { ADDITIONS, APPLICATION_ID, FORMAT_VERSION, SCHEMA, storeOver } from "./tables_sqlite.ts";

/** Options of {@link openSqliteStore}. */
export interface SqliteStoreOptions {
  /** Path of the file; made if there is none. Its folder must exist. SQLite keeps a second file beside it (`-wal`). */
  readonly path: string;
  readonly chainId: Hash;
}

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
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; BEGIN IMMEDIATE; ${ADDITIONS} COMMIT`);
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
