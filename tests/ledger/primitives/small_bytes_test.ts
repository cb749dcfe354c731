import { assertEquals } from "@std/assert/equals.js";
import { copyOfBytes, smallBytes } from "../../../ledger/primitives/mod.ts";

Deno.test("small byte strings are zeros that share no byte with one another, and begin where words of any size may", () => {
  const lengths = Array.from({ length: 2_000 }, (_, i) => i * 7 % 300);
  const all = lengths.map((length) => smallBytes(length));
  for (const [i, bytes] of all.entries()) {
    assertEquals([bytes.length, bytes.byteOffset % 8, bytes.some((byte) => byte !== 0)], [
      lengths[i],
      0,
      false,
    ]);
    bytes.fill(i & 255);
  }
  assertEquals(all.every((bytes, i) => bytes.every((byte) => byte === (i & 255))), true);
});

Deno.test("a byte string that is not small has memory of its own", () => {
  const bytes = smallBytes(10_000);
  assertEquals([bytes.byteOffset, bytes.buffer.byteLength], [0, 10_000]);
});

Deno.test("a copy stays as it is when its original is written to", () => {
  const original = new Uint8Array([1, 2, 3]), copy = copyOfBytes(original);
  original[0] = 9;
  assertEquals([...copy], [1, 2, 3]);
});
