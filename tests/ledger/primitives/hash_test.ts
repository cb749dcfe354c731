import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 as portable } from "@noble/hashes/sha2.js";
import { assertEquals } from "@std/assert/equals.js";
import { hashEach } from "../../../ledger/primitives/hash.ts";
import { concatBytes, hash, sha256, signerFromSeed, utf8 } from "../../../ledger/primitives/mod.ts";

/** Bytes that differ from place to place. */
function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 167 + length) & 255);
}

Deno.test("a hash is that of the joined parts, however long they are and wherever they are split", () => {
  for (const length of [0, 1, 63, 64, 118, 119, 120, 200, 4095, 4096, 4097, 10_000]) {
    const whole = pattern(length);
    const expected = portable(whole);
    for (const at of [0, Math.floor(length / 3), length]) {
      assertEquals(sha256(whole.subarray(0, at), whole.subarray(at)), expected);
    }
    assertEquals(sha256(whole), expected);
    const tagged = concatBytes(new Uint8Array([2]), utf8("ab"), whole);
    assertEquals(hash("ab", whole), portable(tagged));
  }
  assertEquals(sha256(), portable(new Uint8Array()));
});

Deno.test("hashes taken together are those taken one by one, of whatever lengths", () => {
  const lengths = [
    1024,
    1024,
    1024,
    1024,
    1024,
    64,
    64,
    64,
    64,
    64,
    7,
    0,
    5000,
    5000,
    5000,
    5000,
    300,
    300,
    300,
  ];
  const inputs = lengths.map((length, i) => [pattern(length), pattern(i % 3 === 0 ? 0 : 1)]);
  const uniform = Array.from({ length: 11 }, (_, i) => [pattern(90 + i).subarray(0, 90)]);
  for (const each of [inputs, uniform, []]) {
    assertEquals(hashEach("ab", each), each.map((parts) => hash("ab", ...parts)));
  }
});

Deno.test("a hash stays as it was when another is computed", () => {
  const first = hash("a", pattern(10));
  const copy = new Uint8Array(first);
  hash("b", pattern(20));
  assertEquals(first, copy);
});

Deno.test("the host's signer and the portable one give the same bytes", () => {
  for (let i = 0; i < 20; i++) {
    const seed = sha256(pattern(i));
    const message = pattern(i * 13);
    assertEquals(signerFromSeed(seed).sign(message), ed25519.sign(message, seed));
  }
});
