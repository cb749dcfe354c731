/** The verifiable random function against the vectors of RFC 9381, appendix B.3, and against whoever would have another output. */
import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import {
  bytesToHex,
  concatBytes,
  hexToBytes,
  proveVrf,
  signerFromSeed,
  utf8,
  VRF_PROOF_BYTES,
  vrfOutput,
} from "../../../ledger/primitives/mod.ts";

/** RFC 9381, appendix B.3: examples 16, 17 and 18. */
const VECTORS = [
  {
    secret: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    key: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    input: "",
    proof: "8657106690b5526245a92b003bb079ccd1a92130477671f6fc01ad16f26f723f" +
      "26f8a57ccaed74ee1b190bed1f479d9727d2d0f9b005a6e456a35d4fb0daab1268a1b0db10836d9826a528ca76567805",
    output: "90cf1df3b703cce59e2a35b925d411164068269d7b2d29f3301c03dd757876ff" +
      "66b71dda49d2de59d03450451af026798e8f81cd2e333de5cdf4f3e140fdd8ae",
  },
  {
    secret: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    key: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    input: "72",
    proof: "f3141cd382dc42909d19ec5110469e4feae18300e94f304590abdced48aed593" +
      "3bf0864a62558b3ed7f2fea45c92a465301b3bbf5e3e54ddf2d935be3b67926da3ef39226bbc355bdc9850112c8f4b02",
    output: "eb4440665d3891d668e7e0fcaf587f1b4bd7fbfe99d0eb2211ccec90496310eb" +
      "5e33821bc613efb94db5e5b54c70a848a0bef4553a41befc57663b56373a5031",
  },
  {
    secret: "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    key: "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    input: "af82",
    proof: "9bc0f79119cc5604bf02d23b4caede71393cedfbb191434dd016d30177ccbf80" +
      "96bb474e53895c362d8628ee9f9ea3c0e52c7a5c691b6c18c9979866568add7a2d41b00b05081ed0f58ee5e31b3a970e",
    output: "645427e5d00c62a23fb703732fa5d892940935942101e456ecca7bb217c61c45" +
      "2118fec1219202a0edcf038bb6373241578be7217ba85a2687f7a0310b2df19f",
  },
] as const;

Deno.test("proofs and outputs are those of RFC 9381, and keys those of accounts", () => {
  for (const { secret, key, input, proof, output } of VECTORS) {
    const made = proveVrf(hexToBytes(secret), hexToBytes(input));
    assertEquals(bytesToHex(made), proof);
    assertEquals(bytesToHex(signerFromSeed(hexToBytes(secret)).address), key);
    assertEquals(bytesToHex(vrfOutput(hexToBytes(key), hexToBytes(input), made) ?? made), output);
  }
});

Deno.test("a signer proves with the key that it signs with", () => {
  const [{ secret, proof }] = VECTORS;
  assertEquals(bytesToHex(signerFromSeed(hexToBytes(secret)).prove(new Uint8Array())), proof);
});

Deno.test("a proof of another key, another input, or with any byte changed shows nothing", () => {
  const [first, second] = VECTORS;
  const key = hexToBytes(first.key), input = new Uint8Array(), proof = hexToBytes(first.proof);
  assertEquals(vrfOutput(hexToBytes(second.key), input, proof), undefined);
  assertEquals(vrfOutput(key, Uint8Array.of(0), proof), undefined);
  for (let at = 0; at < VRF_PROOF_BYTES; at += 3) {
    const changed = proof.map((byte, i) => i === at ? byte ^ 1 : byte);
    assertEquals(vrfOutput(key, input, changed), undefined, `byte ${at}`);
  }
  for (const length of [0, 79, 81]) assertEquals(vrfOutput(key, input, new Uint8Array(length)), undefined);
});

/** RFC 9381, 5.4.1.1, written down once more. */
function hashedToCurve(key: Uint8Array, input: Uint8Array): Uint8Array {
  for (let tries = 0;; tries++) {
    const hashed = sha512(concatBytes(Uint8Array.of(3, 1), key, input, Uint8Array.of(tries, 0)));
    try {
      return ed25519.Point.fromBytes(hashed.subarray(0, 32)).clearCofactor().toBytes();
    } catch {
      continue;
    }
  }
}

Deno.test("a second form of the same proof, and keys of small order, show nothing", () => {
  const [{ key, proof }] = VECTORS;
  const bytes = hexToBytes(proof), { ORDER } = ed25519.Point.Fn;
  const answer = [...bytes.subarray(48)].reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n) + ORDER;
  const longer = Uint8Array.from(
    bytes,
    (byte, i) => i < 48 ? byte : Number(answer >> BigInt(8 * (i - 48)) & 255n),
  );
  assertEquals(vrfOutput(hexToBytes(key), new Uint8Array(), longer), undefined);
  // Under the identity as key everybody could prove: with the identity as gamma and the answer 0, U and V are the identity too.
  const identity = ed25519.Point.ZERO.toBytes(), input = utf8("any");
  const gamma = identity,
    challenge = sha512(
      concatBytes(
        Uint8Array.of(3, 2),
        identity,
        hashedToCurve(identity, input),
        gamma,
        identity,
        identity,
        Uint8Array.of(0),
      ),
    );
  const forged = concatBytes(gamma, challenge.subarray(0, 16), new Uint8Array(32));
  assertEquals(vrfOutput(identity, input, forged), undefined);
});

Deno.test("outputs of many inputs spread evenly", () => {
  const seed = hexToBytes(VECTORS[0].secret), { address, prove } = signerFromSeed(seed);
  const counts = [0, 0, 0, 0], inputs = 120;
  for (let i = 0; i < inputs; i++) {
    const input = utf8(`input ${i}`), output = vrfOutput(address, input, prove(input));
    const which = (output?.[63] ?? 0) % counts.length;
    counts[which] = (counts[which] ?? 0) + 1;
  }
  // Five standard deviations of a binomial of 120 tries with the chance 1/4.
  for (const count of counts) assert(Math.abs(count - inputs / 4) < 24, `${counts}`);
});
