import { sha256 as portable } from "@noble/hashes/sha2.js";
import { assertEquals } from "@std/assert/equals.js";
import { LANES, MOST_INPUT_BYTES, startSha256 } from "../../../../ledger/primitives/sha256/mod.ts";
import { SHA256_BASE64 } from "../../../../ledger/primitives/sha256/sha256_binary.ts";
import { assembleSha256 } from "../../../../ledger/primitives/sha256/source/assemble_wabt.ts";

function started() {
  const module = startSha256();
  if (module === null) throw new RangeError("This host has WebAssembly");
  return module;
}

/** Lengths around every end of a block, and the longest. */
const LENGTHS = [...Array.from({ length: 400 }, (_, i) => i), MOST_INPUT_BYTES - 1, MOST_INPUT_BYTES];

/** Bytes that differ from place to place, none of them zero. */
function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 167 + length) % 255 + 1);
}

Deno.test("the committed binary of SHA-256 is what its source builds", async () => {
  assertEquals((await assembleSha256()).toBase64(), SHA256_BASE64);
});

Deno.test("WebAssembly and portable code give the same SHA-256 of every length, whatever was hashed before", () => {
  const { one } = started();
  for (const length of [...LENGTHS, ...LENGTHS.toReversed()]) {
    const whole = pattern(length), at = Math.floor(length / 3);
    assertEquals(one([whole]), portable(whole));
    assertEquals(one([whole.subarray(0, at), new Uint8Array(), whole.subarray(at)]), portable(whole));
  }
  assertEquals(one([]), portable(new Uint8Array()));
});

Deno.test("of inputs side by side each has the SHA-256 that it has alone, whatever stood beside it before", () => {
  const { each } = started();
  for (const length of [...LENGTHS, ...LENGTHS.toReversed()]) {
    const inputs = Array.from({ length: LANES }, (_, lane) => pattern(length).map((byte) => byte ^ lane));
    const at = Math.floor(length / 2);
    assertEquals(
      each(pattern(0), [[], ...inputs.map((input) => [input.subarray(0, at), input.subarray(at)])], 1),
      inputs.map((input) => portable(input)),
    );
  }
});

Deno.test("a host that refuses WebAssembly is told from one that has it", () => {
  const { Module } = WebAssembly;
  Reflect.set(WebAssembly, "Module", undefined);
  try {
    assertEquals(startSha256(), null);
  } finally {
    Reflect.set(WebAssembly, "Module", Module);
  }
});
