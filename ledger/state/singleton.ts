/**
 * Records that the state holds exactly once.
 *
 * @module
 */
import { type Schema } from "../primitives/mod.ts";
import { invariant } from "./errors.ts";
import { type StateReader, type StateWriter, table } from "./table.ts";

/** One record of the state. */
export interface Singleton<V> {
  readonly name: string;
  /** The record. Throws `InvariantError` on a state that did not start from genesis. */
  get(state: StateReader): V;
  put(state: StateWriter, value: V): void;
}

const NO_KEY = new Uint8Array();

/** Declares a record under a table number of its own. */
export function singleton<V>(number: number, name: string, schema: Schema<V>): Singleton<V> {
  const only = table<null, V>(number, name, () => NO_KEY, schema);
  return {
    name,
    get(state) {
      const value = only.get(state, null);
      invariant(value !== undefined, `The state has no ${name}: it did not start from a genesis.`);
      return value;
    },
    put: (state, value) => only.put(state, null, value),
  };
}
