/**
 * In a real browser: what the project promises of a tab.
 */
import { assertEquals } from "@std/assert/equals.js";
import { encodeManifest } from "../../executor/mod.ts";
import { createRepopsEngine } from "../../executor/repops/mod.ts";
import { blockHash, BlockHeader } from "../../ledger/chain/mod.ts";
import { Certificate } from "../../ledger/consensus/mod.ts";
import { Checkpoint, type LightUpdate } from "../../ledger/light/mod.ts";
import { bytesToHex, encode, hash, type Schema } from "../../ledger/primitives/mod.ts";
import { Account, accounts, StateProof, ValidatorSet, validatorSetKey } from "../../ledger/state/mod.ts";
import { trainingProgram } from "../../tools/demo/demo_programs.ts";
import { alice, firstCheckpoint, ONE_SHORT, setOf, stateOf, updateAt } from "../ledger/light/light_chain.ts";
import { testInBrowser } from "./chromium.ts";
import type { LightInput, LightMessage } from "./light_client_page.ts";
import { runPage } from "./run_page.ts";
import { runProgram } from "./training_page.ts";

const page = (name: string) => new URL(`./${name}_page.ts`, import.meta.url);

testInBrowser(
  "a tab trains the demo's model to the same bits as a node, and so can check a data centre",
  async () => {
    const engine = await createRepopsEngine();
    const { manifest, blobs } = trainingProgram(engine);
    await engine.close();
    const input = {
      manifest: encodeManifest(manifest).toBase64(),
      blobs: blobs.map(({ bytes }) => bytes.toBase64()),
    };
    assertEquals(await runPage(page("training"), input), await runProgram(input));
  },
);

const hexOf = <T>(schema: Schema<T>, value: T) => bytesToHex(encode(schema, value));

const update = ({ header, certificate }: LightUpdate): LightMessage => ({
  kind: "update",
  header: hexOf(BlockHeader, header),
  certificate: hexOf(Certificate, certificate),
});

/** The validators of the epoch after `epoch`, with a proof in the state of `epoch`. */
const validatorsAfter = (epoch: bigint, set = setOf(epoch + 1n)): LightMessage => ({
  kind: "validators",
  set: hexOf(ValidatorSet, set),
  proof: hexOf(StateProof, stateOf(epoch).prove(validatorSetKey(epoch + 1n))),
});

const balance = (epoch: bigint, amount: bigint | null, owner = alice): LightMessage => ({
  kind: "value",
  key: bytesToHex(accounts.key(owner)),
  value: amount === null ? null : hexOf(Account, { balance: amount, nonce: 0n }),
  proof: hexOf(StateProof, stateOf(epoch).prove(accounts.key(owner))),
});

testInBrowser(
  "a tab follows certificates through two changes of validators, proves what the state holds, and refuses lies",
  async () => {
    const last = updateAt(7n, 2n);
    const nobody = hash("assay/test/nobody");
    const script: readonly (readonly [LightMessage, answer: string])[] = [
      [update(updateAt(1n, 0n, { signers: ONE_SHORT })), "bad_certificate"],
      [update(updateAt(1n, 0n)), "ok"],
      [update(updateAt(4n, 1n)), "unknown_validators"],
      [validatorsAfter(0n, { ...setOf(9n), epoch: 1n }), "bad_proof"],
      [validatorsAfter(0n), "ok"],
      [update(updateAt(4n, 1n, { by: 0n })), "bad_header"],
      [update(updateAt(4n, 1n)), "ok"],
      [validatorsAfter(1n), "ok"],
      [update(last), "ok"],
      // The account holds 7 and the epoch: see `stateOf`.
      [balance(2n, 9n), "ok"],
      [balance(2n, 10n), "bad_proof"],
      [balance(1n, 8n), "bad_proof"],
      [balance(2n, null), "bad_proof"],
      [balance(2n, null, nobody), "ok"],
    ];
    const input: LightInput = {
      checkpoint: hexOf(Checkpoint, firstCheckpoint(0n)),
      periodMs: 10_000,
      messages: script.map(([message]) => message),
    };
    assertEquals(await runPage(page("light_client"), input), {
      height: 7,
      epoch: 2,
      block: bytesToHex(blockHash(last.header)),
      answers: script.map(([, answer]) => answer),
    });
  },
);
