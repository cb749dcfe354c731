/**
 * What one block and one proof cost, by the number of accounts.
 *
 * @module
 */
import {
  chainIdOf,
  createTransactionReader,
  decodeTransaction,
  executeBlock,
  hasValidSignature,
} from "../../../ledger/chain/mod.ts";
import { auditRules } from "../../../ledger/audits/mod.ts";
import { registerBeaconKeyRule } from "../../../ledger/ops/mod.ts";
import {
  beaconSignerFromSeed,
  encode,
  sha256,
  signerFromSeed,
  utf8,
  verifyPossession,
  verifySignature,
  vrfOutput,
} from "../../../ledger/primitives/mod.ts";
import {
  accounts,
  heads,
  type State,
  StateProof,
  validatorSetOf,
  validatorsHash,
} from "../../../ledger/state/mod.ts";
import { inProcess, type OpenContender } from "../bench.ts";
import { secondsOf } from "../repeat.ts";
import { addressAt, benchGenesis, crowdedState, signerOf, VALIDATORS } from "./chain.ts";
import { transfer } from "./replicas.ts";

/** Transfers in a block. */
const TRANSFERS = 200;

/** Between two recipients, so that they lie anywhere in the state; a prime is coprime to every count. */
const STRIDE = 7_919;

function headerOn(state: State, chainId: Uint8Array) {
  const set = validatorSetOf(state, 0n);
  return {
    chainId,
    epoch: 0n,
    view: heads.get(state).height + 1n,
    height: heads.get(state).height + 1n,
    parentView: heads.get(state).height,
    proposer: signerOf("v0").address,
    validatorsHash: set === undefined ? new Uint8Array(32) : validatorsHash(set),
    beaconSignature: new Uint8Array(),
  };
}

/** Milliseconds to execute a block of 200 transfers between strangers and hash the new state, the transactions being known. */
export function blockCost(accountCount: number): OpenContender {
  return () => {
    const senders = Array.from({ length: TRANSFERS }, (_, i) => signerOf(`sender ${i}`));
    const genesis = benchGenesis(senders.map(({ address }) => address)), chainId = chainIdOf(genesis);
    const state = crowdedState(genesis, accountCount - TRANSFERS - VALIDATORS.length);
    const transactions = senders.map((sender, i) =>
      transfer(chainId, sender, 0n, addressAt(i * STRIDE % (accountCount - TRANSFERS - VALIDATORS.length)))
    );
    const block = { header: headerOn(state, chainId), transactions };
    const known = { reader: createTransactionReader() };
    executeBlock(state, block, known); // reads the transactions and hashes the whole state, once
    return inProcess(async () => 1000 * await secondsOf(() => executeBlock(state, block, known)))(
      AbortSignal.timeout(0),
    );
  };
}

/** Bytes of the proof of one account's balance: the median over a hundred accounts. */
export function proofBytes(accountCount: number): number {
  const state = crowdedState(benchGenesis([]), accountCount - VALIDATORS.length);
  const sizes = Array.from({ length: 100 }, (_, i) => {
    const key = accounts.key(addressAt(i * STRIDE % (accountCount - VALIDATORS.length)));
    return encode(StateProof, state.prove(key)).length;
  });
  return sizes.toSorted((a, b) => a - b)[50] ?? NaN;
}

/** Signatures checked a second. */
export const signatureChecks: OpenContender = inProcess(async () => {
  const signer = signerFromSeed(sha256(utf8("bench"))), message = sha256(utf8("message"));
  const signature = signer.sign(message);
  return 1 / await secondsOf(() => verifySignature(signature, message, signer.address));
});

/** Proofs of an auditor's own segment that are checked a second, by the weight that their operation pays for. */
export const ownSegmentChecks: OpenContender = inProcess(async () => {
  const signer = signerFromSeed(sha256(utf8("bench"))), input = sha256(utf8("input"));
  const proof = signer.prove(input);
  return Number(auditRules.audit_commit.weight) /
    await secondsOf(() => vrfOutput(signer.address, input, proof));
});

/** The same of beacon keys: the other proof on the ledger for which the host has no help. */
export const beaconKeyChecks: OpenContender = inProcess(async () => {
  const { address } = signerFromSeed(sha256(utf8("bench"))), key = beaconSignerFromSeed(sha256(utf8("key")));
  const proof = key.provePossession(address);
  return Number(registerBeaconKeyRule.weight) /
    await secondsOf(() => verifyPossession(proof, key.publicKey, address));
});

/** Transfers read and checked a second: decoding, hashing, signature. */
export const transferChecks: OpenContender = inProcess(async () => {
  const sender = signerOf("sender 0"), encoded = transfer(sha256(utf8("chain")), sender, 0n, sender.address);
  return 1 / await secondsOf(() => hasValidSignature(decodeTransaction(encoded)));
});
