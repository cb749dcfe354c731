/**
 * Safetensors: named tensors in one file. Eight bytes of little-endian header length, a JSON header, then the tensors' bytes
 * (https://github.com/huggingface/safetensors, section "Format").
 *
 * @module
 */
import { type Dtype, MAX_RANK, messageOf, utf8 } from "../../ledger/primitives/mod.ts";
import { ExecutorError } from "../errors.ts";
import { ELEMENT_BYTES, elementCount, type Tensor, tensorBytes, tensorFromBytes } from "../tensor.ts";

/** The format's own limit on the header, against files that make a reader allocate. */
const MAX_HEADER_BYTES = 100_000_000;

/** Bytes that hold the header's length. */
const LENGTH_BYTES = 8;

/** Text about the file; the format allows it beside the tensors. */
const METADATA_KEY = "__metadata__";

const NAME_OF: Readonly<Record<Dtype, string>> = {
  float32: "F32",
  float64: "F64",
  float16: "F16",
  bfloat16: "BF16",
  int8: "I8",
  int16: "I16",
  int32: "I32",
  int64: "I64",
  uint8: "U8",
  uint16: "U16",
  uint32: "U32",
  uint64: "U64",
  bool: "BOOL",
};

const DTYPE_OF: ReadonlyMap<string, Dtype> = new Map(
  Object.entries(NAME_OF).map(([dtype, name]) => [name, dtype as Dtype]),
);

interface Entry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/**
 * Reads a safetensors file. Strict: known element types, sizes that match, no gaps, no overlaps, nothing left over.
 *
 * @returns The tensors by name, in the order of their bytes.
 * @throws {ExecutorError} `malformed_file`.
 */
export function readSafetensors(bytes: Uint8Array): Readonly<Record<string, Tensor>> {
  const { header, body } = splitFile(bytes);
  const entries = Object.entries(header)
    .filter(([name]) => name !== METADATA_KEY)
    .map(([name, value]) => parseEntry(name, value))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  let at = 0;
  for (const entry of entries) {
    if (entry.begin !== at) {
      throw malformed(
        `the tensor "${entry.name}" begins at byte ${entry.begin}, where ${at} was expected: gaps and overlaps are not allowed`,
      );
    }
    at = entry.end;
  }
  if (at !== body.length) {
    throw malformed(`its tensors take ${at} bytes, but ${body.length} follow the header`);
  }
  return Object.fromEntries(entries.map(({ name, dtype, shape, begin, end }) => [
    name,
    tensorFromBytes({ dtype, shape }, checkBooleans(name, dtype, body.subarray(begin, end))),
  ]));
}

/**
 * Writes a safetensors file. Tensors stand in the record's order; the same tensors always give the same bytes.
 *
 * @param metadata Text about the file, by key.
 */
export function writeSafetensors(
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const entries = Object.entries(tensors);
  let at = 0;
  const described = entries.map(([name, tensor]) => {
    if (name === METADATA_KEY) throw malformed(`a tensor cannot be named "${METADATA_KEY}"`);
    const begin = at;
    at += tensor.data.byteLength;
    return [name, { dtype: NAME_OF[tensor.dtype], shape: tensor.shape, data_offsets: [begin, at] }] as const;
  });
  const about = Object.keys(metadata).length === 0 ? [] : [[METADATA_KEY, metadata] as const];
  const json = JSON.stringify(Object.fromEntries<unknown>([...about, ...described]));
  // Tensors begin at a multiple of eight bytes, so that a reader may map them in place; the format pads with spaces.
  const header = utf8(json.padEnd(json.length + (8 - utf8(json).length % 8) % 8));
  const file = new Uint8Array(LENGTH_BYTES + header.length + at);
  new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
  file.set(header, LENGTH_BYTES);
  let offset = LENGTH_BYTES + header.length;
  for (const [, tensor] of entries) {
    file.set(tensorBytes(tensor), offset);
    offset += tensor.data.byteLength;
  }
  return file;
}

function malformed(what: string, cause?: unknown): ExecutorError {
  return new ExecutorError("malformed_file", `The safetensors file cannot be used: ${what}.`, {}, cause);
}

function splitFile(bytes: Uint8Array): { header: Readonly<Record<string, unknown>>; body: Uint8Array } {
  if (bytes.length < LENGTH_BYTES) {
    throw malformed(`it has ${bytes.length} bytes, less than the header's length takes`);
  }
  const declared = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0, true);
  if (declared > BigInt(Math.min(MAX_HEADER_BYTES, bytes.length - LENGTH_BYTES))) {
    throw malformed(
      `its header is declared to have ${declared} bytes, more than the file holds or the format allows`,
    );
  }
  const end = LENGTH_BYTES + Number(declared);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(LENGTH_BYTES, end)));
  } catch (cause) {
    throw malformed(`its header is no JSON (${messageOf(cause)})`, cause);
  }
  if (!isRecord(header)) throw malformed("its header is no JSON object");
  return { header, body: bytes.subarray(end) };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseEntry(name: string, value: unknown): Entry {
  if (!isRecord(value)) throw malformed(`the entry "${name}" is no JSON object`);
  const { dtype: typeName, shape, data_offsets: offsets } = value;
  const dtype = typeof typeName === "string" ? DTYPE_OF.get(typeName) : undefined;
  if (dtype === undefined) {
    throw malformed(
      `the tensor "${name}" has the element type ${JSON.stringify(typeName)}: allowed are ${
        [...DTYPE_OF.keys()].join(", ")
      }`,
    );
  }
  if (!isSizes(shape) || shape.length > MAX_RANK) {
    throw malformed(
      `the tensor "${name}" has no valid shape: a list of at most ${MAX_RANK} sizes below 2^32`,
    );
  }
  if (!isSizes(offsets, Number.MAX_SAFE_INTEGER) || offsets.length !== 2) {
    throw malformed(`the tensor "${name}" has no valid data_offsets`);
  }
  const [begin = 0, end = 0] = offsets;
  const expected = elementCount(shape) * ELEMENT_BYTES[dtype];
  if (end - begin !== expected) {
    throw malformed(
      `the tensor "${name}" of ${typeName} [${shape}] needs ${expected} bytes, its data_offsets give ${
        end - begin
      }`,
    );
  }
  return { name, dtype, shape, begin, end };
}

function isSizes(value: unknown, below = 2 ** 32): value is readonly number[] {
  return Array.isArray(value) &&
    value.every((size) => typeof size === "number" && Number.isInteger(size) && size >= 0 && size < below);
}

function checkBooleans(name: string, dtype: Dtype, bytes: Uint8Array): Uint8Array {
  if (dtype === "bool" && bytes.some((flag) => flag > 1)) {
    throw malformed(`the tensor "${name}" holds a BOOL other than 0 and 1`);
  }
  return bytes;
}
