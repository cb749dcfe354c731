/** Tensors survive their files, files of the originals are read, and broken files are refused with a reason. */
import { assertEquals } from "@std/assert/equals.js";
import { assert } from "@std/assert/assert.js";
import { assertThrows } from "@std/assert/throws.js";
import fc from "fast-check";
import { ExecutorError } from "../../../executor/errors.ts";
import { readNpy, readSafetensors, writeNpy, writeSafetensors } from "../../../executor/formats/mod.ts";
import { ELEMENT_BYTES, elementCount, type Tensor, tensorFromBytes } from "../../../executor/tensor.ts";

const dtypes = Object.keys(ELEMENT_BYTES) as (keyof typeof ELEMENT_BYTES)[];

const tensors: fc.Arbitrary<Tensor> = fc.record({
  dtype: fc.constantFrom(...dtypes),
  shape: fc.array(fc.nat({ max: 4 }), { maxLength: 4 }),
  seed: fc.nat(),
}).map(({ dtype, shape, seed }) => {
  const bytes = Uint8Array.from(
    { length: elementCount(shape) * ELEMENT_BYTES[dtype] },
    (_, i) => (seed + i * 37) % 251,
  );
  return tensorFromBytes({ dtype, shape }, dtype === "bool" ? bytes.map((byte) => byte % 2) : bytes);
});

Deno.test("named tensors survive a safetensors file", () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ minLength: 1 }), tensors, { maxKeys: 5, noNullPrototype: true }),
      (named) => {
        assertEquals(readSafetensors(writeSafetensors(named, { by: "test" })), named);
      },
    ),
  );
});

Deno.test("a tensor survives a .npy file", () => {
  fc.assert(fc.property(tensors.filter(({ dtype }) => dtype !== "bfloat16"), (tensor) => {
    assertEquals(readNpy(writeNpy(tensor)), tensor);
  }));
});

/** A safetensors file with this header text. */
function safetensors(header: string, body = new Uint8Array()): Uint8Array {
  const text = new TextEncoder().encode(header);
  const file = new Uint8Array(8 + text.length + body.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  file.set(body, 8 + text.length);
  return file;
}

Deno.test("a safetensors file in any key order is read", () => {
  const header =
    '{"b":{"data_offsets":[4,8],"shape":[1],"dtype":"I32"},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}  ';
  const read = readSafetensors(safetensors(header, Uint8Array.of(0, 0, 128, 63, 7, 0, 0, 0)));
  assertEquals(read, {
    a: { dtype: "float32", shape: [], data: Float32Array.of(1) },
    b: { dtype: "int32", shape: [1], data: Int32Array.of(7) },
  });
});

Deno.test("a .npy file as numpy writes it is read, in versions 1, 2 and 3", () => {
  const text = "{'descr': '<i2', 'fortran_order': False, 'shape': (2,), }\n";
  for (const version of [1, 2, 3]) {
    const length = version === 1 ? [text.length, 0] : [text.length, 0, 0, 0];
    const file = Uint8Array.of(
      0x93,
      ...new TextEncoder().encode("NUMPY"),
      version,
      0,
      ...length,
      ...new TextEncoder().encode(text),
      1,
      0,
      255,
      255,
    );
    assertEquals(readNpy(file), { dtype: "int16", shape: [2], data: Int16Array.of(1, -1) });
  }
});

const four = new Uint8Array(4), eight = new Uint8Array(8);
const BROKEN: readonly [string, RegExp, () => unknown][] = [
  ["is empty", /0 bytes/, () => readSafetensors(new Uint8Array())],
  ["declares a huge header", /declared to have/, () => readSafetensors(new Uint8Array(16).fill(255))],
  ["has no JSON", /no JSON/, () => readSafetensors(safetensors("{nope"))],
  ["has a list for a header", /no JSON object/, () => readSafetensors(safetensors("[]"))],
  [
    "names an unknown element type",
    /"F4"/,
    () => readSafetensors(safetensors('{"a":{"dtype":"F4","shape":[],"data_offsets":[0,4]}}', four)),
  ],
  [
    "has overlapping tensors",
    /begins at byte 0/,
    () =>
      readSafetensors(
        safetensors(
          '{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}',
          four,
        ),
      ),
  ],
  [
    "has a gap",
    /begins at byte 4/,
    () => readSafetensors(safetensors('{"a":{"dtype":"F32","shape":[],"data_offsets":[4,8]}}', eight)),
  ],
  [
    "has bytes left over",
    /8 follow/,
    () => readSafetensors(safetensors('{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}', eight)),
  ],
  [
    "ends too early",
    /0 follow/,
    () => readSafetensors(safetensors('{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}')),
  ],
  [
    "has sizes that do not match",
    /needs 12 bytes/,
    () => readSafetensors(safetensors('{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,4]}}', four)),
  ],
  [
    "has a negative size",
    /no valid shape/,
    () => readSafetensors(safetensors('{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}', four)),
  ],
  ["is no .npy", /does not begin/, () => readNpy(new Uint8Array(20))],
  [
    "is cut",
    /within its header|another number/,
    () => readNpy(writeNpy({ dtype: "int8", shape: [1], data: Int8Array.of(1) }).slice(0, 50)),
  ],
];
for (const [what, message, read] of BROKEN) {
  Deno.test(`a file that ${what} is refused with the reason`, () => {
    const error = assertThrows(read, ExecutorError) as ExecutorError;
    assertEquals(error.code, "malformed_file");
    assert(message.test(error.message), error.message);
  });
}

Deno.test("random damage gives tensors or a typed error, never another one", () => {
  const files = [
    writeSafetensors({ a: { dtype: "int8", shape: [2], data: Int8Array.of(1, 2) } }),
    writeNpy({ dtype: "int8", shape: [2], data: Int8Array.of(1, 2) }),
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(0, 1),
      fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 4 }),
      (which, edits) => {
        const bytes = files[which]?.slice() ?? new Uint8Array();
        for (const [at, value] of edits) bytes[at % bytes.length] = value;
        for (const read of [readSafetensors, readNpy]) {
          try {
            read(bytes);
          } catch (error) {
            assert(error instanceof ExecutorError, String(error));
          }
        }
      },
    ),
    { numRuns: 500 },
  );
});
