/**
 * The canonical codec: everything signed, hashed or sent is msgpack in one profile, declared by a schema.
 *
 * Rules, all enforced on both sides:
 *  - records are positional arrays, never maps; a union is `[tag, value]` with a small integer tag;
 *  - amounts, times, byte lengths and stake sums are `u64`, always `bigint`; small integers are `u32`, always `number`;
 *  - byte strings are plain `Uint8Array`; text is UTF-8; no floats, no `undefined`, no extensions;
 *  - every byte string, text and list declares its upper bound, and a message has {@link MAX_MESSAGE_BYTES} at most;
 *  - `decode` re-encodes what it read and requires the same bytes: one value has one encoding.
 *
 * The wire format is msgpack (https://github.com/msgpack/msgpack/blob/master/spec.md) written by `msgpackr`; `u64` always
 * takes nine bytes (msgpackr writes every bigint as int64, or uint64 from 2^63).
 *
 * @module
 */
import { Packr, RESET_BUFFER_MODE } from "msgpackr";
import { equalBytes } from "./bytes.ts";
import { CodedError, messageOf } from "./errors.ts";
import { copyOfBytes } from "./small_bytes.ts";

/** What can be wrong with bytes or a value. */
export type CodecErrorCode = "malformed" | "wrong_type" | "out_of_range" | "too_long" | "not_canonical";

/** A value that a schema does not allow, or bytes that are not the canonical encoding of one. */
export class CodecError extends CodedError<CodecErrorCode> {}

/** Largest encoding in bytes that `encode` makes and `decode` reads: tensors travel as chunks, never in a message. */
export const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

const MAX_DEPTH = 32;
const U32_LIMIT = 2 ** 32;
const U64_LIMIT = 1n << 64n;

type Wire = null | boolean | number | bigint | string | Uint8Array | readonly Wire[];

/**
 * How one type is written and read. Schemas are values: build them once with the functions of this module, which see to it that
 * `toWire(fromWire(wire))` is `wire` again: {@link decode} relies on it.
 */
export interface Schema<T> {
  /** For messages: `u64`, `list(bytes)`, `Transfer`, ... */
  readonly name: string;
  /** The msgpack value that stands for `value`. Throws {@link CodecError} if the schema does not allow it. */
  toWire(value: T, path: string): Wire;
  /** The value that `wire` stands for. Throws {@link CodecError} if it stands for none. */
  fromWire(wire: unknown, path: string): T;
}

/** The TypeScript type of a schema. */
export type Infer<S> = S extends Schema<infer T> ? T : never;

function fail(code: CodecErrorCode, path: string, expected: string, seen: unknown): never {
  const shown = typeof seen === "object" && seen !== null ? seen.constructor?.name ?? "object" : String(seen);
  const at = path === "" ? "The value" : `The field ${path}`;
  throw new CodecError(code, `${at} must be ${expected}: got ${shown.slice(0, 80)}.`, { path, expected });
}

function symmetric<T extends Wire>(name: string, check: (value: unknown, path: string) => T): Schema<T> {
  return { name, toWire: check, fromWire: check };
}

/** An integer in [0, `below`), as `number`. `below` is at most 2^32. */
export function uint(below: number): Schema<number> {
  const name = below === U32_LIMIT ? "u32" : `integer below ${below}`;
  return symmetric(name, (value, path) => {
    if (typeof value !== "number") return fail("wrong_type", path, `an ${name}`, value);
    if (!Number.isInteger(value) || value < 0 || value >= below || Object.is(value, -0)) {
      return fail("out_of_range", path, `an ${name}`, value);
    }
    return value;
  });
}

/** An integer in [0, 2^8). */
export const u8: Schema<number> = uint(256);

/** An integer in [0, 2^32), as `number`. */
export const u32: Schema<number> = uint(U32_LIMIT);

/** An integer in [0, 2^64), as `bigint`: amounts, heights, times, byte lengths. */
export const u64: Schema<bigint> = symmetric("u64", (value, path) => {
  if (typeof value !== "bigint") return fail("wrong_type", path, "a bigint", value);
  if (value < 0n || value >= U64_LIMIT) return fail("out_of_range", path, "in [0, 2^64)", value);
  return value;
});

/** `true` or `false`. */
export const bool: Schema<boolean> = symmetric("bool", (value, path) => {
  if (typeof value !== "boolean") return fail("wrong_type", path, "true or false", value);
  return value;
});

/** UTF-8 text of at most `maxBytes` bytes, without lone surrogates. */
export function text(maxBytes: number): Schema<string> {
  const encoder = new TextEncoder();
  return symmetric(`text of at most ${maxBytes} bytes`, (value, path) => {
    if (typeof value !== "string") return fail("wrong_type", path, "text", value);
    if (!value.isWellFormed()) {
      return fail("malformed", path, "text without lone surrogates", "a lone surrogate");
    }
    const length = encoder.encode(value).length;
    if (length > maxBytes) {
      return fail("too_long", path, `text of at most ${maxBytes} bytes`, `${length} bytes`);
    }
    return value;
  });
}

function byteString(name: string, allowed: (length: number) => boolean): Schema<Uint8Array> {
  const check = (value: unknown, path: string) => {
    if (!(value instanceof Uint8Array)) return fail("wrong_type", path, name, value);
    if (!allowed(value.length)) return fail("too_long", path, name, `${value.length} bytes`);
    return value;
  };
  return {
    name,
    toWire: check,
    // A view of the input, which is its owner's: what is read stays as it was read.
    fromWire: (wire, path) => copyOfBytes(check(wire, path)),
  };
}

/** A byte string of exactly `length` bytes. */
export function fixedBytes(length: number): Schema<Uint8Array> {
  return byteString(`${length} bytes`, (seen) => seen === length);
}

/** A byte string of at most `maxLength` bytes. */
export function bytes(maxLength: number): Schema<Uint8Array> {
  return byteString(`at most ${maxLength} bytes`, (seen) => seen <= maxLength);
}

/** 32 bytes: a hash, a Merkle root, an Ed25519 public key. */
export const bytes32: Schema<Uint8Array> = fixedBytes(32);

/** A list of at most `maxLength` values of one type. */
export function list<T>(item: Schema<T>, maxLength: number): Schema<readonly T[]> {
  const check = (value: unknown, path: string): readonly unknown[] => {
    if (!Array.isArray(value)) return fail("wrong_type", path, "a list", value);
    if (value.length > maxLength) {
      return fail("too_long", path, `a list of at most ${maxLength} values`, `${value.length} values`);
    }
    return value;
  };
  return {
    name: `list of ${item.name}`,
    toWire: (value, path) => check(value, path).map((entry, i) => item.toWire(entry as T, `${path}[${i}]`)),
    fromWire: (wire, path) => check(wire, path).map((entry, i) => item.fromWire(entry, `${path}[${i}]`)),
  };
}

/** A value or `null`. */
export function nullable<T>(inner: Schema<T>): Schema<T | null> {
  return {
    name: `${inner.name} or null`,
    toWire: (value, path) => value === null ? null : inner.toWire(value, path),
    fromWire: (wire, path) => wire === null ? null : inner.fromWire(wire, path),
  };
}

/** One of a few words; written as its position, so new words go at the end. */
export function oneOf<const Words extends readonly string[]>(...words: Words): Schema<Words[number]> {
  const name = `one of ${words.join(", ")}`;
  return {
    name,
    toWire: (value, path) => {
      const index = words.indexOf(value);
      return index < 0 ? fail("out_of_range", path, name, value) : index;
    },
    fromWire: (wire, path) => {
      const word = typeof wire === "number" ? words[wire] : undefined;
      return word === undefined ? fail("out_of_range", path, name, wire) : word as Words[number];
    },
  };
}

/** Schemas of a record's fields, in wire order. */
export type Fields = Readonly<Record<string, Schema<unknown>>>;

/** The value type of {@link Fields}. */
export type RecordOf<F> = { readonly [K in keyof F]: F[K] extends Schema<infer T> ? T : never };

// deno-lint-ignore no-explicit-any -- a field's schema is covariant only through `any`; `RecordOf` restores each type.
type AnyFields = Readonly<Record<string, Schema<any>>>;

/**
 * A record, written as the array of its fields in the order they are declared. New fields change the encoding: they come
 * with a new record type or protocol version.
 */
export function record<F extends AnyFields>(name: string, fields: F): Schema<RecordOf<F>> {
  const entries = Object.entries(fields);
  return {
    name,
    toWire: (value, path) => {
      if (typeof value !== "object" || value === null) return fail("wrong_type", path, `a ${name}`, value);
      const source = value as Readonly<Record<string, unknown>>;
      const wire: Wire[] = [];
      for (const [key, schema] of entries) {
        wire.push(schema.toWire(source[key], path === "" ? key : `${path}.${key}`));
      }
      return wire;
    },
    fromWire: (wire, path) => {
      if (!Array.isArray(wire) || wire.length !== entries.length) {
        return fail("malformed", path, `a ${name} of ${entries.length} fields`, wire);
      }
      const value: Record<string, unknown> = {};
      for (let i = 0; i < entries.length; i++) {
        const entry = entries[i];
        if (entry === undefined) break;
        const [key, schema] = entry;
        value[key] = schema.fromWire(wire[i], path === "" ? key : `${path}.${key}`);
      }
      return value as RecordOf<F>;
    },
  };
}

/** The discriminated union that {@link union} reads and writes: the fields of one variant, and its name as `kind`. */
export type UnionOf<V> = {
  [K in keyof V]: V[K] extends Schema<infer T> ? { readonly kind: K } & T : never;
}[keyof V];

/**
 * One of several records, told apart by `kind`; written as `[position, fields]`, so new variants go at the end.
 *
 * @example
 * ```ts
 * import { decode, encode, record, u32, union } from "./codec.ts";
 * const Shape = union("Shape", { circle: record("Circle", { radius: u32 }), square: record("Square", { side: u32 }) });
 * const value = decode(Shape, encode(Shape, { kind: "square", side: 3 }));
 * console.assert(value.kind === "square" && value.side === 3);
 * ```
 */
export function union<V extends AnyFields>(name: string, variants: V): Schema<UnionOf<V>> {
  const entries = Object.entries(variants);
  const positions = new Map(entries.map(([kind], i) => [kind, i]));
  return {
    name,
    toWire: (value, path) => {
      const kind = (value as { kind?: unknown } | null)?.kind;
      const position = typeof kind === "string" ? positions.get(kind) : undefined;
      const entry = position === undefined ? undefined : entries[position];
      if (position === undefined || entry === undefined) return fail("out_of_range", path, `a ${name}`, kind);
      return [position, entry[1].toWire(value, path === "" ? entry[0] : `${path}.${entry[0]}`)];
    },
    fromWire: (wire, path) => {
      if (!Array.isArray(wire) || wire.length !== 2) return fail("malformed", path, `a ${name}`, wire);
      const entry = typeof wire[0] === "number" ? entries[wire[0]] : undefined;
      if (entry === undefined) return fail("out_of_range", path, `a ${name}`, wire[0]);
      const inner = entry[1].fromWire(wire[1], path === "" ? entry[0] : `${path}.${entry[0]}`);
      return { kind: entry[0], ...inner } as UnionOf<V>;
    },
  };
}

const packr = new Packr({
  useRecords: false,
  int64AsType: "bigint",
  variableMapSize: true,
});

function depthOf(wire: unknown, depth = 0): number {
  if (depth > MAX_DEPTH) return depth;
  if (!Array.isArray(wire)) return depth;
  let deepest = depth + 1;
  for (const entry of wire) deepest = Math.max(deepest, depthOf(entry, depth + 1));
  return deepest;
}

/** A view of the packer's one buffer, which the next call writes over. Without the mode each 8 KiB written would take a buffer anew. */
function packed(wire: unknown): Uint8Array {
  return packr.pack(wire, RESET_BUFFER_MODE);
}

/**
 * The canonical encoding of a value.
 *
 * @throws {CodecError} if the schema does not allow the value, or its encoding exceeds {@link MAX_MESSAGE_BYTES}.
 */
export function encode<T>(schema: Schema<T>, value: T): Uint8Array {
  // Memory of its own: messages go to other threads, and with a shared buffer its neighbours would.
  return new Uint8Array(packedWithin(schema.toWire(value, "")));
}

function packedWithin(wire: Wire): Uint8Array {
  const encoded = packed(wire);
  if (encoded.length > MAX_MESSAGE_BYTES) {
    fail("too_long", "", `at most ${MAX_MESSAGE_BYTES} bytes when encoded`, `${encoded.length} bytes`);
  }
  return encoded;
}

/**
 * A value that its schema allows, whose encoding is made when somebody asks for it: what is replaced before that costs nothing. The value
 * given must not be written to any more.
 */
export class LateEncoding<T> {
  readonly schema: Schema<T>;
  readonly #wire: Wire;
  #encoded: Uint8Array | undefined;
  #value: T | undefined;

  /** Throws {@link CodecError} if the schema does not allow the value. */
  constructor(schema: Schema<T>, value: T) {
    this.schema = schema;
    this.#wire = schema.toWire(value, "");
  }

  /** As {@link encode}. Throws {@link CodecError} if it exceeds {@link MAX_MESSAGE_BYTES}. */
  get encoded(): Uint8Array {
    return this.#encoded ??= copyOfBytes(packedWithin(this.#wire));
  }

  /** What decoding the encoding gives. */
  get value(): T {
    return this.#value ??= this.schema.fromWire(this.#wire, "");
  }
}

/**
 * The value of a canonical encoding.
 *
 * @throws {CodecError} `malformed` for bytes that are no msgpack, `not_canonical` for another encoding of an allowed value,
 * else what the schema says of the value. Never any other error, whatever the bytes.
 */
export function decode<T>(schema: Schema<T>, encoded: Uint8Array): T {
  if (encoded.length > MAX_MESSAGE_BYTES) {
    fail("too_long", "", `at most ${MAX_MESSAGE_BYTES} bytes`, `${encoded.length} bytes`);
  }
  let wire: unknown;
  try {
    wire = packr.unpack(encoded);
  } catch (thrown) {
    throw new CodecError("malformed", `The bytes are not one msgpack value (${messageOf(thrown)}).`, {
      length: encoded.length,
    }, thrown);
  }
  if (depthOf(wire) > MAX_DEPTH) fail("malformed", "", `nested at most ${MAX_DEPTH} deep`, "a deeper value");
  const value = schema.fromWire(wire, "");
  // What the schema read is the wire value itself, type for type, so packing that again is encoding the value again.
  if (!equalBytes(packed(wire), encoded)) {
    throw new CodecError(
      "not_canonical",
      `The bytes decode to a ${schema.name} but are not its canonical encoding.`,
    );
  }
  return value;
}
