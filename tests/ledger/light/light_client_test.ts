import { assertEquals } from "@std/assert/equals.js";
import { assertThrows } from "@std/assert/throws.js";
import {
  follow,
  learnValidators,
  type LightClient,
  LightError,
  proven,
  startLightClient,
  trustPeriodMs,
} from "../../../ledger/light/mod.ts";
import { encode, hash } from "../../../ledger/primitives/mod.ts";
import { Account, accounts, State, validatorSetKey } from "../../../ledger/state/mod.ts";
import { alice, firstCheckpoint, ONE_SHORT, setOf, stateOf, updateAt } from "./light_chain.ts";

const PERIOD = 10_000n;
const start = () => startLightClient(firstCheckpoint(0n), PERIOD, 0n);
const codeOf = (action: () => unknown) => assertThrows(action, LightError).code;

/** Learns the validators after those of the client's epoch from an honest peer. */
function learn(client: LightClient): LightClient {
  const { epoch } = client.present.validators;
  return learnValidators(client, setOf(epoch + 1n), stateOf(epoch).prove(validatorSetKey(epoch + 1n)));
}

Deno.test("a client follows 10,000 blocks through three changes of validators, and never holds more than two sets", () => {
  const states = [0n, 1n, 2n, 3n].map(stateOf);
  let client = start();
  for (let height = 1n; height <= 10_000n; height++) {
    const epoch = (height - 1n) / 2_500n;
    const state = states[Number(epoch)];
    if (state === undefined) throw new RangeError(`There is no epoch ${epoch}`);
    client = follow(client, updateAt(height, epoch, { state }), height);
    if (height % 2_500n === 0n) client = learn(client);
  }
  assertEquals([client.height, client.present.validators.epoch], [10_000n, 3n]);
  const key = accounts.key(alice);
  const value = encode(Account, { balance: 10n, nonce: 0n });
  assertEquals(proven(client, key, value, stateOf(3n).prove(key)), value);
});

Deno.test("heights may be skipped, epochs may not", () => {
  const client = follow(start(), updateAt(2_000n, 0n), 1n);
  assertEquals(client.height, 2_000n);
  assertEquals(codeOf(() => follow(client, updateAt(2_501n, 1n), 2n)), "unknown_validators");
  const second = follow(learn(client), updateAt(2_501n, 1n), 2n);
  assertEquals(second.present.validators.epoch, 1n);
  assertEquals(codeOf(() => follow(second, updateAt(5_001n, 2n), 3n)), "unknown_validators");
  assertEquals(codeOf(() => follow(second, updateAt(2_502n, 0n), 3n)), "unknown_validators");
});

Deno.test("forged validators are refused, with a proof of a foreign state or none, and for another epoch", () => {
  const client = follow(start(), updateAt(1n, 0n), 1n);
  const forged = { ...setOf(9n), epoch: 1n };
  const key = validatorSetKey(1n);
  assertEquals(codeOf(() => learnValidators(client, forged, stateOf(0n).prove(key))), "bad_proof");
  const foreign = State.from([[key, encode(Account, { balance: 1n, nonce: 1n })]]);
  assertEquals(codeOf(() => learnValidators(client, forged, foreign.prove(key))), "bad_proof");
  assertEquals(
    codeOf(() => learnValidators(client, setOf(2n), stateOf(1n).prove(validatorSetKey(2n)))),
    "bad_proof",
  );
});

Deno.test("certificates of other validators, one short of a quorum, or of another block are refused", () => {
  const client = start();
  assertEquals(codeOf(() => follow(client, updateAt(1n, 0n, { by: 9n }), 1n)), "bad_header");
  assertEquals(codeOf(() => follow(client, updateAt(1n, 0n, { signers: ONE_SHORT }), 1n)), "bad_certificate");
  const good = updateAt(1n, 0n);
  const other = updateAt(2n, 0n);
  assertEquals(
    codeOf(() => follow(client, { ...good, certificate: other.certificate }, 1n)),
    "bad_certificate",
  );
  const { vote } = good.certificate;
  if (vote.kind === "nullify") throw new TypeError("A finalization was expected");
  const notarization = { ...good.certificate, vote: { kind: "notarize", proposal: vote.proposal } } as const;
  assertEquals(codeOf(() => follow(client, { ...good, certificate: notarization }, 1n)), "bad_certificate");
  const [first, second] = good.certificate.signatures;
  if (first === undefined || second === undefined) throw new TypeError("Two signatures were expected");
  const swapped = { ...good.certificate, signatures: [second, first] };
  assertEquals(codeOf(() => follow(client, { ...good, certificate: swapped }, 1n)), "bad_certificate");
  const header = { ...good.header, stateRoot: hash("assay/test/other") };
  assertEquals(codeOf(() => follow(client, { ...good, header }, 1n)), "bad_certificate");
  assertEquals(follow(client, good, 1n).height, 1n);
});

Deno.test("old heights and headers of another chain are refused", () => {
  const client = follow(start(), updateAt(5n, 0n), 1n);
  assertEquals(codeOf(() => follow(client, updateAt(5n, 0n), 2n)), "bad_header");
  assertEquals(codeOf(() => follow(client, updateAt(4n, 0n), 2n)), "bad_header");
  const { header, certificate } = updateAt(6n, 0n);
  const foreign = { ...header, chainId: hash("assay/test/other") };
  assertEquals(codeOf(() => follow(client, { header: foreign, certificate }, 2n)), "bad_header");
});

Deno.test("a checkpoint older than the trust period is refused, and so is a client that slept longer", () => {
  assertEquals(codeOf(() => startLightClient(firstCheckpoint(0n), PERIOD, PERIOD + 1n)), "trust_expired");
  const client = follow(startLightClient(firstCheckpoint(0n), PERIOD, PERIOD), updateAt(1n, 0n), PERIOD);
  const awake = follow(client, updateAt(2n, 0n), 2n * PERIOD);
  assertEquals(codeOf(() => follow(awake, updateAt(3n, 0n), 3n * PERIOD + 1n)), "trust_expired");
  assertEquals(trustPeriodMs(400, 500), 133_333n);
});

Deno.test("what the state holds and lacks is proven, and nothing else", () => {
  const client = follow(start(), updateAt(1n, 0n), 1n);
  const state = stateOf(0n);
  const key = accounts.key(alice), absent = accounts.key(hash("assay/test/nobody"));
  const value = encode(Account, { balance: 7n, nonce: 0n });
  assertEquals(proven(client, key, value, state.prove(key)), value);
  assertEquals(proven(client, absent, undefined, state.prove(absent)), undefined);
  assertEquals(codeOf(() => proven(client, key, undefined, state.prove(key))), "bad_proof");
  const richer = encode(Account, { balance: 8n, nonce: 0n });
  assertEquals(codeOf(() => proven(client, key, richer, state.prove(key))), "bad_proof");
});
