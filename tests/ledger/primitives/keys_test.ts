import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertThrows } from "@std/assert/throws.js";
import {
  bytesToHex,
  formatAddress,
  hexToBytes,
  KeyError,
  parseAddress,
  signerFromSeed,
  verifySignature,
} from "../../../ledger/primitives/mod.ts";

/** RFC 8032 section 7.1, tests 2 and 3. */
const VECTORS = [
  {
    seed: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    address: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    message: "72",
    signature: "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da" +
      "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  },
  {
    seed: "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    address: "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    message: "af82",
    signature: "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac" +
      "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
  },
] as const;

/** The identity point, of small order: as key and as R of a signature with S = 0 it passes the cofactored equation only. */
const IDENTITY = "01" + "00".repeat(31);
/** y = 1 written with the sign bit set: a non-canonical encoding, which ZIP-215 accepts and RFC 8032 does not. */
const NON_CANONICAL_IDENTITY = "01" + "00".repeat(30) + "80";

Deno.test("signatures are those of RFC 8032", () => {
  for (const { seed, address, message, signature } of VECTORS) {
    const signer = signerFromSeed(hexToBytes(seed));
    assertEquals(bytesToHex(signer.address), address);
    assertEquals(bytesToHex(signer.sign(hexToBytes(message))), signature);
    assert(verifySignature(hexToBytes(signature), hexToBytes(message), hexToBytes(address)));
  }
});

Deno.test("a changed signature, message or key is refused", () => {
  const [{ address, message, signature }] = VECTORS;
  const flip = (hex: string) => hexToBytes((hex.startsWith("0") ? "1" : "0") + hex.slice(1));
  assert(!verifySignature(flip(signature), hexToBytes(message), hexToBytes(address)));
  assert(!verifySignature(hexToBytes(signature), flip(message), hexToBytes(address)));
  assert(!verifySignature(hexToBytes(signature), hexToBytes(message), flip(address)));
  assert(!verifySignature(hexToBytes(signature).subarray(1), hexToBytes(message), hexToBytes(address)));
  assert(!verifySignature(new Uint8Array(64).fill(255), hexToBytes(message), new Uint8Array(32).fill(255)));
});

Deno.test("what only ZIP-215 accepts is valid, whatever the native verifier says", () => {
  const message = hexToBytes("00");
  for (const key of [IDENTITY, NON_CANONICAL_IDENTITY]) {
    for (const point of [IDENTITY, NON_CANONICAL_IDENTITY]) {
      assert(
        verifySignature(hexToBytes(point + "00".repeat(32)), message, hexToBytes(key)),
        `${key} ${point}`,
      );
    }
  }
});

Deno.test("an address reads back from its text, and other text is refused with what is wrong", () => {
  const { address } = signerFromSeed(new Uint8Array(32).fill(7));
  assertEquals(parseAddress(formatAddress(address).toUpperCase()), address);
  assertEquals(assertThrows(() => parseAddress("abc"), KeyError).code, "bad_address");
  assertEquals(assertThrows(() => signerFromSeed(new Uint8Array(31)), KeyError).code, "bad_seed");
});
