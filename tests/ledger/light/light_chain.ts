/**
 * A chain of certified headers without consensus behind it: each epoch has validators of its own, and a state that holds the next ones
 * and one account.
 *
 * @module
 */
import { blockHash, type BlockHeader } from "../../../ledger/chain/mod.ts";
import {
  assembleCertificate,
  prepareValidators,
  signVote,
  type Vote,
} from "../../../ledger/consensus/mod.ts";
import type { Checkpoint, LightUpdate } from "../../../ledger/light/mod.ts";
import { encode, hash, type Signer, signerFromSeed, utf8 } from "../../../ledger/primitives/mod.ts";
import {
  Account,
  accounts,
  State,
  ValidatorSet,
  validatorSetKey,
  validatorsHash,
} from "../../../ledger/state/mod.ts";

/** Stakes of each epoch's validators: 12 in all, so that 9 are a quorum, which the first two hold. */
const STAKES = [5n, 4n, 1n, 1n, 1n];

/** The first two: exactly a quorum. */
export const QUORUM = [0, 1] as const;

/** One unit of stake less than a quorum. */
export const ONE_SHORT = [0, 2, 3, 4] as const;

export const chainId = hash("assay/test/light-chain");

export const alice = hash("assay/test/alice");

const signers = new Map<bigint, readonly Signer[]>();

function signersOf(epoch: bigint): readonly Signer[] {
  const made = signers.get(epoch) ??
    STAKES.map((_, i) => signerFromSeed(hash("assay/test/light", utf8(`${epoch} ${i}`))));
  signers.set(epoch, made);
  return made;
}

/** The validators of an epoch. */
export function setOf(epoch: bigint): ValidatorSet {
  const validators = signersOf(epoch).map(({ address }, i) => ({
    address,
    stake: STAKES[i] ?? 0n,
    beaconKey: new Uint8Array(),
  }));
  return { epoch, seed: hash("assay/test/seed"), validators };
}

/** The state after every block of an epoch. */
export function stateOf(epoch: bigint): State {
  return State.from([
    [validatorSetKey(epoch + 1n), encode(ValidatorSet, setOf(epoch + 1n))],
    [accounts.key(alice), encode(Account, { balance: 7n + epoch, nonce: 0n })],
  ]);
}

/** A certified header; `by` signs in place of the epoch's own validators. */
export function updateAt(
  height: bigint,
  epoch: bigint,
  { signers: positions = QUORUM, by = epoch, state = stateOf(epoch) }: {
    readonly signers?: readonly number[];
    readonly by?: bigint;
    readonly state?: State;
  } = {},
): LightUpdate {
  const header: BlockHeader = {
    chainId,
    epoch,
    view: height,
    height,
    parent: hash("assay/test/parent"),
    parentView: height - 1n,
    proposer: alice,
    transactionsRoot: chainId,
    stateRoot: state.root,
    validatorsHash: validatorsHash(setOf(by)),
    beaconSignature: new Uint8Array(),
  };
  const proposal = { epoch, view: height, parentView: height - 1n, height, block: blockHash(header) };
  const vote: Vote = { kind: "finalize", proposal };
  const keys = signersOf(by);
  const votes = positions.flatMap((index) => {
    const signer = keys[index];
    return signer === undefined ? [] : [signVote(signer, chainId, index, vote)];
  });
  return { header, certificate: assembleCertificate(prepareValidators(setOf(by)), vote, votes) };
}

/** Trust in epoch 0 before its first block. */
export function firstCheckpoint(takenAtMs: bigint): Checkpoint {
  return {
    chainId,
    height: 0n,
    block: chainId,
    stateRoot: stateOf(0n).root,
    validators: setOf(0n),
    takenAtMs,
  };
}
