/**
 * A journal in a folder: one file for each key, replaced as a whole, so that a crash leaves the old value or the new one.
 *
 * @module
 */
import type { Journal } from "../../actors/mod.ts";
import { bytesToHex, hash, utf8 } from "../../ledger/primitives/mod.ts";

/** Opens the journal in `folder`, which is made if it is not there. */
export async function openFileJournal(folder: string): Promise<Journal> {
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  const pathOf = (key: string) => `${folder}/${bytesToHex(hash("assay/journal", utf8(key))).slice(0, 40)}`;
  /** Writes to one key wait for each other: each has its own temporary file only as long as nobody else writes the key. */
  const writing = new Map<string, Promise<void>>();
  return {
    async get(key) {
      try {
        return await Deno.readFile(pathOf(key));
      } catch (thrown) {
        if (thrown instanceof Deno.errors.NotFound) return undefined;
        throw thrown;
      }
    },
    put(key, value) {
      const path = pathOf(key);
      const write = (writing.get(path) ?? Promise.resolve()).then(() => replaceFile(path, value));
      writing.set(path, write.catch(() => {})); // the failure reaches this put's caller, not the next one's
      return write;
    },
    async delete(key) {
      await writing.get(pathOf(key));
      await Deno.remove(pathOf(key)).catch((thrown) => {
        if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
      });
    },
  };
}

async function replaceFile(path: string, value: Uint8Array): Promise<void> {
  const temporary = `${path}.new`;
  const file = await Deno.open(temporary, { write: true, create: true, truncate: true, mode: 0o600 });
  try {
    for (let at = 0; at < value.length;) at += await file.write(value.subarray(at));
    await file.sync();
  } finally {
    file.close();
  }
  await Deno.rename(temporary, path);
}
