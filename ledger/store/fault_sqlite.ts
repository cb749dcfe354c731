/**
 * What SQLite's errors mean for a store.
 *
 * @module
 */
import { messageOf } from "../primitives/mod.ts";
import { RESYNC_ADVICE, StoreError } from "./errors.ts";

/** SQLite result codes (https://www.sqlite.org/rescode.html), the primary code in the low byte. */
const SQLITE_BUSY = 5, SQLITE_CORRUPT = 11, SQLITE_NOTADB = 26;

/** The typed error of anything thrown while using the store at `path`; a {@link StoreError} stays as it is. */
export function translate(thrown: unknown, path: string): unknown {
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
