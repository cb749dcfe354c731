import { sha256 as portable } from "@noble/hashes/sha2.js";
import { assertEquals } from "@std/assert/equals.js";
import {
  MOST_INPUT_BYTES,
  type ShortHash,
  startShortHash,
} from "../../../../ledger/primitives/sha256/mod.ts";
import { SHA256_BASE64 } from "../../../../ledger/primitives/sha256/sha256_binary.ts";
import { assembleSha256 } from "../../../../ledger/primitives/sha256/source/assemble_wabt.ts";

function started(): ShortHash {
  const short = startShortHash();
  if (short === null) throw new RangeError("This host has WebAssembly");
  return short;
}

/** Bytes that differ from place to place, none of them zero. */
function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 167 + length) % 255 + 1);
}

Deno.test("the committed binary of SHA-256 is what its source builds", async () => {
  assertEquals((await assembleSha256()).toBase64(), SHA256_BASE64);
});

Deno.test("WebAssembly and portable code give the same SHA-256 of every length, whatever was hashed before", () => {
  const short = started();
  const lengths = [...Array.from({ length: 400 }, (_, i) => i), MOST_INPUT_BYTES - 1, MOST_INPUT_BYTES];
  for (const length of [...lengths, ...lengths.toReversed()]) {
    const whole = pattern(length), at = Math.floor(length / 3);
    assertEquals(short([whole]), portable(whole));
    assertEquals(short([whole.subarray(0, at), new Uint8Array(), whole.subarray(at)]), portable(whole));
  }
  assertEquals(short([]), portable(new Uint8Array()));
});

Deno.test("a host that refuses WebAssembly is told from one that has it", () => {
  const { Module } = WebAssembly;
  Reflect.set(WebAssembly, "Module", undefined);
  try {
    assertEquals(startShortHash(), null);
  } finally {
    Reflect.set(WebAssembly, "Module", Module);
  }
});
