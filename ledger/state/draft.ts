/**
 * A state being changed: writes collect over an immutable {@link State} until `commit`, and a savepoint takes back what a
 * rejected operation wrote.
 *
 * @module
 */
import { bytesToHex } from "../primitives/mod.ts";
import type { State, StateChange } from "./state.ts";
import type { PutValue, StateWriter } from "./table.ts";

/** Undoes the writes since it was taken. Savepoints nest: roll back the inner one first. */
export interface Savepoint {
  rollback(): void;
}

/** See the module. */
export interface Draft extends StateWriter {
  savepoint(): Savepoint;
  /** The state with all writes. The draft can be used on. */
  commit(): State;
}

interface Write {
  readonly key: Uint8Array;
  readonly value: PutValue | undefined;
}

function bytesOf(value: PutValue | undefined): Uint8Array | undefined {
  return value === undefined || value instanceof Uint8Array ? value : value.encoded;
}

/** Starts a draft over `base`. */
export function createDraft(base: State): Draft {
  const writes = new Map<string, Write>();
  const journal: { readonly name: string; readonly before: Write | undefined }[] = [];

  // Rules read the same few keys again and again; the base never changes.
  const reads = new Map<string, Uint8Array | undefined>();
  const readBase = (name: string, key: Uint8Array) => {
    const known = reads.get(name);
    if (known !== undefined || reads.has(name)) return known;
    const value = base.get(key);
    reads.set(name, value);
    return value;
  };

  const peek = (key: Uint8Array): PutValue | undefined => {
    const name = bytesToHex(key);
    const written = writes.get(name);
    return written === undefined ? readBase(name, key) : written.value;
  };

  const write = (key: Uint8Array, value: PutValue | undefined) => {
    const name = bytesToHex(key);
    journal.push({ name, before: writes.get(name) });
    writes.set(name, { key, value });
  };

  return {
    get: (key) => bytesOf(peek(key)),
    peek,
    put: write,
    delete: (key) => write(key, undefined),
    savepoint() {
      const length = journal.length;
      return {
        rollback() {
          for (const { name, before } of journal.splice(length).reverse()) {
            if (before === undefined) writes.delete(name);
            else writes.set(name, before);
          }
        },
      };
    },
    commit: () =>
      base.update(Array.from(writes.values(), ({ key, value }): StateChange => [key, bytesOf(value)])),
  };
}
