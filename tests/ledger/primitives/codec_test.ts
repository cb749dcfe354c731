import { assertEquals } from "@std/assert/equals.js";
import { assertInstanceOf } from "@std/assert/instance_of.js";
import { assertThrows } from "@std/assert/throws.js";
import fc from "fast-check";
import {
  bool,
  bytes,
  bytes32,
  bytesToHex,
  CodecError,
  type CodecErrorCode,
  decode,
  encode,
  hexToBytes,
  list,
  nullable,
  oneOf,
  record,
  type Schema,
  text,
  u32,
  u64,
  union,
} from "../../../ledger/primitives/mod.ts";

const Sample = record("Sample", {
  small: u32,
  amount: u64,
  name: text(8),
  payload: bytes(4),
  flag: bool,
  choice: oneOf("red", "green"),
  maybe: nullable(u64),
  items: list(u32, 3),
  shape: union("Shape", {
    circle: record("Circle", { radius: u32 }),
    square: record("Square", { side: u32 }),
  }),
});

const sample = {
  small: 70000,
  amount: 5n,
  name: "aé",
  payload: new Uint8Array([1, 2]),
  flag: true,
  choice: "green",
  maybe: null,
  items: [1, 300],
  shape: { kind: "square", side: 3 },
} as const;

/** Written out by hand from the msgpack specification. */
const GOLDEN = "99" + // array of 9
  "ce00011170" + // uint32 70000
  "d30000000000000005" + // int64 5
  "a361c3a9" + // 3 bytes of UTF-8
  "c4020102" + // bin8
  "c3" + // true
  "01" + // second word
  "c0" + // nil
  "9201cd012c" + // [1, 300]
  "92019103"; // [second variant, [3]]

function codeOf(schema: Schema<unknown>, encoded: string): CodecErrorCode {
  return assertThrows(() => decode(schema, hexToBytes(encoded)), CodecError).code;
}

Deno.test("the encoding of a record is the frozen one, and decodes to the same value", () => {
  assertEquals(bytesToHex(encode(Sample, sample)), GOLDEN);
  assertEquals(decode(Sample, hexToBytes(GOLDEN)), sample);
});

Deno.test("u64 takes nine bytes over its whole range", () => {
  assertEquals(bytesToHex(encode(u64, 0n)), "d30000000000000000");
  assertEquals(bytesToHex(encode(u64, 2n ** 63n)), "cf8000000000000000");
  assertEquals(bytesToHex(encode(u64, 2n ** 64n - 1n)), "cfffffffffffffffff");
  assertEquals(decode(u64, encode(u64, 2n ** 64n - 1n)), 2n ** 64n - 1n);
});

Deno.test("another encoding of an allowed value is refused", () => {
  assertEquals(codeOf(u32, "cd0005"), "not_canonical"); // 5 as uint16
  assertEquals(codeOf(text(8), "d90161"), "not_canonical"); // "a" as str8
  assertEquals(codeOf(list(u32, 3), "dc000101"), "not_canonical"); // [1] as array16
  assertEquals(codeOf(u64, "cf0000000000000005"), "not_canonical"); // 5 as uint64
});

Deno.test("bytes that are no msgpack value, or more than one, are malformed", () => {
  assertEquals(codeOf(u32, ""), "malformed");
  assertEquals(codeOf(u32, "cd01"), "malformed");
  assertEquals(codeOf(u32, "0102"), "malformed");
  assertEquals(codeOf(u32, "c1"), "wrong_type"); // never used by msgpack; read as a value of no type
});

Deno.test("floats, extensions, maps and record definitions are refused", () => {
  assertEquals(codeOf(u32, "cb3ff0000000000000"), "not_canonical"); // 1.0
  assertEquals(codeOf(u32, "cb3ff8000000000000"), "out_of_range"); // 1.5
  assertEquals(codeOf(bytes32, "d6ff00000000"), "wrong_type"); // timestamp extension
  assertEquals(codeOf(Sample, "81a16101"), "malformed"); // a map
});

Deno.test("values outside a schema are refused on the way in, naming the field", () => {
  const wrong: readonly [Record<string, unknown>, CodecErrorCode, string][] = [
    [{ small: 2 ** 32 }, "out_of_range", "small"],
    [{ small: -1 }, "out_of_range", "small"],
    [{ small: 1n }, "wrong_type", "small"],
    [{ amount: 1 }, "wrong_type", "amount"],
    [{ amount: -1n }, "out_of_range", "amount"],
    [{ name: "123456789" }, "too_long", "name"],
    [{ name: "\ud800" }, "malformed", "name"],
    [{ payload: new Uint8Array(5) }, "too_long", "payload"],
    [{ payload: new Float32Array(1) }, "wrong_type", "payload"],
    [{ choice: "blue" }, "out_of_range", "choice"],
    [{ maybe: undefined }, "wrong_type", "maybe"],
    [{ items: [1, 2, 3, 4] }, "too_long", "items"],
    [{ items: [1, 1.5] }, "out_of_range", "items[1]"],
    [{ shape: { kind: "line" } }, "out_of_range", "shape"],
    [{ shape: { kind: "circle", radius: "1" } }, "wrong_type", "shape.circle.radius"],
  ];
  for (const [change, code, field] of wrong) {
    const error = assertThrows(
      () => encode(Sample as Schema<unknown>, { ...sample, ...change }),
      CodecError,
    );
    assertEquals([error.code, error.fields["path"]], [code, field]);
  }
});

Deno.test("decoded byte strings are plain copies of the input", () => {
  const encoded = encode(bytes(4), new Uint8Array([1, 2, 3]));
  const decoded = decode(bytes(4), encoded);
  encoded.fill(9);
  assertEquals([...decoded], [1, 2, 3]);
  assertEquals(decoded.constructor, Uint8Array);
});

Deno.test("whatever the bytes, decoding gives a value that encodes to them or a CodecError", () => {
  const mutated = fc.tuple(
    fc.nat({ max: GOLDEN.length / 2 - 1 }),
    fc.integer({ min: 0, max: 255 }),
    fc.nat(40),
  );
  fc.assert(
    fc.property(mutated, fc.uint8Array({ maxLength: 24 }), ([at, value, cut], tail) => {
      const changed = hexToBytes(GOLDEN);
      changed[at] = value;
      for (const input of [changed.subarray(0, cut), changed, tail]) {
        try {
          assertEquals(encode(Sample, decode(Sample, input)), new Uint8Array(input));
        } catch (thrown) {
          assertInstanceOf(thrown, CodecError);
        }
      }
    }),
    { numRuns: 20_000 },
  );
});

Deno.test("a value nested without end is refused before it can exhaust the stack", () => {
  assertEquals(codeOf(list(u32, 1), "91".repeat(20_000) + "01"), "malformed");
});
