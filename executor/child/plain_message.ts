/**
 * Plain data on a byte stream: msgpack for the structure, and every large byte string and typed array beside it as an
 * attachment of raw bytes, so that tensors are neither copied into a message nor bound by its size.
 *
 * Not a canonical encoding: nothing of it is signed or hashed. Both ends are one version of one program.
 *
 * @module
 */
import { Packr } from "msgpackr";
import { ExecutorError } from "../errors.ts";

/** A message ready to be written. */
export interface PackedMessage<Buffer extends ArrayBufferLike = ArrayBufferLike> {
  readonly structure: Uint8Array;
  readonly attachments: readonly Uint8Array<Buffer>[];
}

/** Typed arrays by the number that stands for them on the wire. New ones go at the end. */
const ARRAYS = [
  Uint8Array,
  Int8Array,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  BigUint64Array,
  BigInt64Array,
  Float32Array,
  Float64Array,
] as const;

/** Byte strings up to this length stay in the structure: hashes, mostly. */
const INLINE_BYTES = 1024;

/** Key of the object that stands for an attachment. No field of any message has this name. */
const ATTACHMENT = "\u0000attachment";

const packr = new Packr({ useRecords: false, int64AsType: "bigint", variableMapSize: true });

/**
 * Packs plain data: null, booleans, numbers, bigints below 2^64, text, typed arrays, lists and objects of them. Fields that are
 * `undefined` are left out.
 *
 * @throws {ExecutorError} `bad_request` for anything else.
 */
export function packMessage(message: unknown): PackedMessage {
  const attachments: Uint8Array[] = [];
  const walk = (value: unknown): unknown => {
    if (value === null || ["boolean", "number", "bigint", "string"].includes(typeof value)) return value;
    if (Array.isArray(value)) return value.map(walk);
    if (ArrayBuffer.isView(value)) {
      const kind = ARRAYS.findIndex((constructor) => value instanceof constructor);
      if (kind < 0) throw unpackable(value.constructor.name);
      if (value instanceof Uint8Array && value.length <= INLINE_BYTES) return new Uint8Array(value);
      attachments.push(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
      return { [ATTACHMENT]: [attachments.length - 1, kind] };
    }
    if (typeof value === "object") {
      const fields = Object.entries(value).filter(([, field]) => field !== undefined);
      return Object.fromEntries(fields.map(([name, field]) => [name, walk(field)]));
    }
    throw unpackable(typeof value);
  };
  const structure = walk(message);
  // `pack` returns a view of a pooled buffer.
  return { structure: new Uint8Array(packr.pack(structure)), attachments };
}

function unpackable(kind: string): ExecutorError {
  return new ExecutorError("bad_request", `Only plain data can be sent to an executor: got a ${kind}.`);
}

/**
 * The message that was packed. Attachments become the buffers of its typed arrays, uncopied.
 *
 * @throws {ExecutorError} `crashed` for bytes that no {@link packMessage} wrote: the other end is broken.
 */
export function unpackMessage({ structure, attachments }: PackedMessage<ArrayBuffer>): unknown {
  const walk = (value: unknown): unknown => {
    if (value instanceof Uint8Array) return new Uint8Array(value);
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== "object" || value === null) return value;
    if (ATTACHMENT in value) return restoreArray(value[ATTACHMENT], attachments);
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, walk(field)]));
  };
  return walk(packr.unpack(structure));
}

function restoreArray(place: unknown, attachments: readonly Uint8Array<ArrayBuffer>[]): unknown {
  const [index, kind]: unknown[] = Array.isArray(place) ? place : [];
  const bytes = typeof index === "number" ? attachments[index] : undefined;
  const constructor = typeof kind === "number" ? ARRAYS[kind] : undefined;
  if (
    bytes === undefined || constructor === undefined || bytes.byteLength % constructor.BYTES_PER_ELEMENT !== 0
  ) {
    throw new ExecutorError("crashed", "A message names an attachment that it does not have.");
  }
  // Attachments are received into buffers of their own, so the offset is 0 and aligned for every element type.
  return new constructor(bytes.buffer, bytes.byteOffset, bytes.byteLength / constructor.BYTES_PER_ELEMENT);
}
