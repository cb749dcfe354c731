/**
 * How fast a light client follows: headers with certificates of a quorum, and changes of validators.
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
import { follow, learnValidators, type LightUpdate, startLightClient } from "../../../ledger/light/mod.ts";
import { encode, hash, type Signer, utf8, ZERO_HASH } from "../../../ledger/primitives/mod.ts";
import {
  State,
  type StateProof,
  ValidatorSet,
  validatorSetKey,
  validatorsHash,
} from "../../../ledger/state/mod.ts";
import { inProcess, type OpenContender } from "../bench.ts";
import { processorSeconds } from "../repeat.ts";
import { signerOf } from "./chain.ts";

/** Blocks of an epoch, and epochs: three changes of validators. */
const EPOCH_BLOCKS = 2_500n, EPOCHS = 4n;

/** Validators of each epoch, of equal stake, and how many of them sign: the fewest that decide. */
const MEMBERS = 4, SIGNING = 3;

const CHAIN = hash("assay/bench/light");

interface Epoch {
  readonly set: ValidatorSet;
  readonly signers: readonly Signer[];
  /** The state after each of its blocks: it holds the next epoch's validators. */
  readonly state: State;
  readonly next: ValidatorSet;
  readonly proof: StateProof;
}

function signersOf(epoch: bigint): readonly Signer[] {
  return Array.from({ length: MEMBERS }, (_, i) => signerOf(`light ${epoch} ${i}`));
}

function setOf(epoch: bigint): ValidatorSet {
  const validators = signersOf(epoch).map(({ address }) => ({
    address,
    stake: 1n,
    beaconKey: new Uint8Array(),
  }));
  return { epoch, seed: hash("assay/bench/seed", utf8(`${epoch}`)), validators };
}

function epochOf(epoch: bigint): Epoch {
  const next = setOf(epoch + 1n), key = validatorSetKey(epoch + 1n);
  const state = State.from([[key, encode(ValidatorSet, next)]]);
  return { set: setOf(epoch), signers: signersOf(epoch), state, next, proof: state.prove(key) };
}

function updateAt(height: bigint, { set, signers, state }: Epoch): LightUpdate {
  const { epoch } = set;
  const header: BlockHeader = {
    chainId: CHAIN,
    epoch,
    view: height,
    height,
    parent: ZERO_HASH,
    parentView: height - 1n,
    proposer: signers[0]?.address ?? ZERO_HASH,
    transactionsRoot: ZERO_HASH,
    stateRoot: state.root,
    validatorsHash: validatorsHash(set),
    beaconSignature: new Uint8Array(),
  };
  const vote: Vote = {
    kind: "finalize",
    proposal: { epoch, view: height, parentView: height - 1n, height, block: blockHash(header) },
  };
  const votes = signers.slice(0, SIGNING).map((signer, i) => signVote(signer, CHAIN, i, vote));
  return { header, certificate: assembleCertificate(prepareValidators(set), vote, votes) };
}

/** Seconds to follow 10,000 certified headers of four validators one by one, over three changes of all of them. */
export const lightFollowing: OpenContender = () => {
  const epochs = Array.from({ length: Number(EPOCHS) }, (_, i) => epochOf(BigInt(i)));
  const updates = epochs.flatMap((epoch, i) =>
    Array.from(
      { length: Number(EPOCH_BLOCKS) },
      (_, at) => updateAt(BigInt(i) * EPOCH_BLOCKS + BigInt(at) + 1n, epoch),
    )
  );
  const checkpoint = {
    chainId: CHAIN,
    height: 0n,
    block: CHAIN,
    stateRoot: ZERO_HASH,
    validators: setOf(0n),
    takenAtMs: 0n,
  };
  return inProcess(() => {
    const start = processorSeconds();
    let client = startLightClient(checkpoint, 1n, 0n);
    for (const update of updates) {
      client = follow(client, update, 0n);
      const epoch = update.header.height % EPOCH_BLOCKS === 0n
        ? epochs[Number(update.header.epoch)]
        : undefined;
      if (epoch !== undefined) client = learnValidators(client, epoch.next, epoch.proof);
    }
    return processorSeconds() - start;
  })(AbortSignal.timeout(0));
};
