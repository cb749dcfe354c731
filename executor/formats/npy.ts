/**
 * NumPy's .npy: one array in a file (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html), versions 1 to 3,
 * little-endian, in C order.
 *
 * @module
 */
import { type Dtype, MAX_RANK, utf8 } from "../../ledger/primitives/mod.ts";
import { ExecutorError } from "../errors.ts";
import { type Tensor, tensorBytes, tensorFromBytes } from "../tensor.ts";

const MAGIC = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59); // \x93NUMPY

/** numpy aligns the data to 64 bytes by padding the header with spaces. */
const ALIGNMENT = 64;

/** numpy has no bfloat16: such tensors travel as safetensors. */
const DESCRIPTION_OF: Readonly<Partial<Record<Dtype, string>>> = {
  float32: "<f4",
  float64: "<f8",
  float16: "<f2",
  int8: "|i1",
  int16: "<i2",
  int32: "<i4",
  int64: "<i8",
  uint8: "|u1",
  uint16: "<u2",
  uint32: "<u4",
  uint64: "<u8",
  bool: "|b1",
};

const DTYPE_OF: ReadonlyMap<string, Dtype> = new Map(
  Object.entries(DESCRIPTION_OF).map(([dtype, description]) => [description, dtype as Dtype]),
);

/**
 * Reads a .npy file.
 *
 * @throws {ExecutorError} `malformed_file`: no .npy, big-endian, Fortran order, structured or object arrays, wrong length.
 */
export function readNpy(bytes: Uint8Array): Tensor {
  const { header, body } = splitFile(bytes);
  const description = /'descr'\s*:\s*'([^']*)'/.exec(header)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(header)?.[1];
  const sizes = /'shape'\s*:\s*\(([\d\s,]*)\)/.exec(header)?.[1];
  if (order === undefined || sizes === undefined) throw malformed("its header names no shape and order");
  const dtype = description === undefined ? undefined : DTYPE_OF.get(description);
  if (dtype === undefined) {
    throw malformed(
      `its elements are "${description ?? "structured"}": allowed are ${[...DTYPE_OF.keys()].join(", ")}`,
    );
  }
  if (order === "True") throw malformed("it is in Fortran order: save numpy.ascontiguousarray(array)");
  const shape = sizes.split(",").map((size) => size.trim()).filter((size) => size !== "").map(Number);
  if (shape.length > MAX_RANK || shape.some((size) => !Number.isInteger(size) || size >= 2 ** 32)) {
    throw malformed(`its shape (${sizes}) has more than ${MAX_RANK} dimensions or a size of 2^32 or more`);
  }
  try {
    return tensorFromBytes({ dtype, shape }, body);
  } catch (cause) {
    throw malformed(
      `its data has ${body.length} bytes, another number than ${description} (${shape}) needs`,
      cause,
    );
  }
}

/**
 * Writes a .npy file, version 1.0.
 *
 * @throws {ExecutorError} `malformed_file` for bfloat16.
 */
export function writeNpy(tensor: Tensor): Uint8Array {
  const description = DESCRIPTION_OF[tensor.dtype];
  if (description === undefined) throw malformed(`${tensor.dtype} does not exist in .npy: write safetensors`);
  const shape = tensor.shape.length === 1 ? `${tensor.shape},` : tensor.shape.join(", ");
  const text = `{'descr': '${description}', 'fortran_order': False, 'shape': (${shape}), }`;
  const prefix = MAGIC.length + 4;
  const total = Math.ceil((prefix + text.length + 1) / ALIGNMENT) * ALIGNMENT;
  const header = utf8(`${text.padEnd(total - prefix - 1)}\n`);
  const file = new Uint8Array(total + tensor.data.byteLength);
  file.set(MAGIC);
  file.set([1, 0, header.length & 0xff, header.length >> 8], MAGIC.length);
  file.set(header, prefix);
  file.set(tensorBytes(tensor), total);
  return file;
}

function malformed(what: string, cause?: unknown): ExecutorError {
  return new ExecutorError("malformed_file", `The .npy file cannot be used: ${what}.`, {}, cause);
}

function splitFile(bytes: Uint8Array): { header: string; body: Uint8Array } {
  if (bytes.length < MAGIC.length + 4 || MAGIC.some((byte, i) => bytes[i] !== byte)) {
    throw malformed("it does not begin as a .npy file does");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint8(MAGIC.length);
  if (version < 1 || version > 3) throw malformed(`its format version is ${version}: known are 1 to 3`);
  const lengthBytes = version === 1 ? 2 : 4, start = MAGIC.length + 2 + lengthBytes;
  if (bytes.length < start) throw malformed("it ends within its header");
  const length = version === 1
    ? view.getUint16(MAGIC.length + 2, true)
    : view.getUint32(MAGIC.length + 2, true);
  if (start + length > bytes.length) throw malformed("it ends within its header");
  const header = new TextDecoder().decode(bytes.subarray(start, start + length));
  return { header, body: bytes.subarray(start + length) };
}
