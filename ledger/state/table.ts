/**
 * Typed tables over the flat key-value state that the state root commits to.
 *
 * A key is `u8(table number) || key bytes`, a value the canonical encoding of the table's record. State has no iteration: what
 * the rules must walk (open tasks, what falls due at a height) is a bounded list in a record of its own.
 *
 * @module
 */
import { decode, LateEncoding, type Schema, smallBytes } from "../primitives/mod.ts";

/** A value that has been put: bytes, or a record whose bytes nobody has asked for yet. */
export type PutValue = Uint8Array | LateEncoding<unknown>;

/** Reads raw state. */
export interface StateReader {
  get(key: Uint8Array): Uint8Array | undefined;
  /** As `get`, but a record that was put is given as it was put: most are put several times before anybody needs their bytes. */
  peek?(key: Uint8Array): PutValue | undefined;
}

/** Reads and writes raw state. */
export interface StateWriter extends StateReader {
  put(key: Uint8Array, value: PutValue): void;
  delete(key: Uint8Array): void;
}

/** One kind of record, by key. */
export interface Table<K, V> {
  readonly name: string;
  key(key: K): Uint8Array;
  get(state: StateReader, key: K): V | undefined;
  put(state: StateWriter, key: K, value: V): void;
  delete(state: StateWriter, key: K): void;
  /** The record of an entry of the whole state, for those that walk it; `undefined` if it is another table's. */
  read(key: Uint8Array, value: Uint8Array): V | undefined;
}

const taken = new Map<number, string>();

/**
 * Declares a table.
 *
 * @param number Its first key byte: unique, and never reused for another record.
 * @param keyBytes The key's bytes; fixed length within one table, so that no key is a prefix of another.
 */
export function table<K, V>(
  number: number,
  name: string,
  keyBytes: (key: K) => Uint8Array,
  schema: Schema<V>,
): Table<K, V> {
  const other = taken.get(number);
  if (other !== undefined) throw new RangeError(`Table number ${number} of "${name}" is taken by "${other}"`);
  taken.set(number, name);
  const emptyKey = new Uint8Array([number]);
  const fullKey = (key: K) => {
    const rest = keyBytes(key);
    if (rest.length === 0) return emptyKey;
    const full = smallBytes(1 + rest.length);
    full[0] = number;
    full.set(rest, 1);
    return full;
  };
  // Most records are read many times between writes. Values are never written in place, so one byte string is one record.
  const decoded = new WeakMap<Uint8Array, { readonly record: V }>();
  const recordOf = (value: Uint8Array): V => {
    const known = decoded.get(value);
    if (known !== undefined) return known.record;
    const record = decode(schema, value);
    decoded.set(value, { record });
    return record;
  };
  const isOwn = (value: LateEncoding<unknown>): value is LateEncoding<V> => value.schema === schema;
  return {
    name,
    key: fullKey,
    get(state, key) {
      const full = fullKey(key);
      const value = state.peek === undefined ? state.get(full) : state.peek(full);
      if (value === undefined) return undefined;
      if (value instanceof Uint8Array) return recordOf(value);
      return isOwn(value) ? value.value : recordOf(value.encoded);
    },
    put: (state, key, value) => state.put(fullKey(key), new LateEncoding(schema, value)),
    delete: (state, key) => state.delete(fullKey(key)),
    read: (key, value) => key[0] === number ? recordOf(value) : undefined,
  };
}

/** Key bytes of a height, epoch or other u64, big-endian. */
export function u64Key(value: bigint): Uint8Array {
  const key = smallBytes(8);
  new DataView(key.buffer, key.byteOffset).setBigUint64(0, value);
  return key;
}
