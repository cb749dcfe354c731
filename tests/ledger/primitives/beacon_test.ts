import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertThrows } from "@std/assert/throws.js";
import {
  BEACON_KEY_BYTES,
  BEACON_SIGNATURE_BYTES,
  BeaconError,
  beaconSignerFromSeed,
  nextBeacon,
  sha256,
  utf8,
  verifyContribution,
  verifyPossession,
} from "../../../ledger/primitives/mod.ts";

const input = {
  chainId: new Uint8Array(32).fill(1),
  epoch: 2n,
  view: 3n,
  previous: new Uint8Array(32).fill(4),
};
const signer = beaconSignerFromSeed(new Uint8Array(32).fill(5));

Deno.test("a beacon contribution is unique, and valid for its key, chain, epoch, view and predecessor only", () => {
  const signature = signer.contribute(input);
  assertEquals([signer.publicKey.length, signature.length], [BEACON_KEY_BYTES, BEACON_SIGNATURE_BYTES]);
  assertEquals(signer.contribute(input), signature);
  assert(verifyContribution(signature, input, signer.publicKey));
  assert(!verifyContribution(signature, { ...input, view: 4n }, signer.publicKey));
  assert(!verifyContribution(signature, input, beaconSignerFromSeed(new Uint8Array(32)).publicKey));
  assert(!verifyContribution(new Uint8Array(96), input, signer.publicKey));
});

Deno.test("a proof of possession holds for its owner only", () => {
  const owner = new Uint8Array(32).fill(6);
  const proof = signer.provePossession(owner);
  assert(verifyPossession(proof, signer.publicKey, owner));
  assert(!verifyPossession(proof, signer.publicKey, new Uint8Array(32)));
});

Deno.test("the next beacon is the tagged hash of the previous one and the contribution", () => {
  const expected = sha256(new Uint8Array([12]), utf8("assay/beacon"), input.previous, new Uint8Array([9]));
  assertEquals(nextBeacon(input.previous, new Uint8Array([9])), expected);
});

Deno.test("a beacon seed of another length is refused", () => {
  assertEquals(assertThrows(() => beaconSignerFromSeed(new Uint8Array(31)), BeaconError).code, "bad_secret");
});
