/**
 * An actor's private notes that must survive a restart: how far a run came, what was committed to in secret. Never the only place of
 * anything that the ledger also knows.
 *
 * @module
 */

/** Small values by key. `put` resolves when the value is durable. */
export interface Journal {
  get(key: string): Promise<Uint8Array | undefined>;
  put(key: string, value: Uint8Array): Promise<void>;
  delete(key: string): Promise<void>;
}

/** A journal as durable as its object: for simulations and browsers. */
export function makeMemoryJournal(): Journal {
  const values = new Map<string, Uint8Array>();
  return {
    get: (key) => Promise.resolve(values.get(key)),
    put(key, value) {
      values.set(key, new Uint8Array(value));
      return Promise.resolve();
    },
    delete(key) {
      values.delete(key);
      return Promise.resolve();
    },
  };
}
