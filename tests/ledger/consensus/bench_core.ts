/**
 * One consensus core on the bench: validators whose votes the test signs itself, and blocks that are nothing but their place.
 *
 * @module
 */
import {
  assembleCertificate,
  type Candidate,
  type Certificate,
  type ConsensusEffect,
  type ConsensusInput,
  type Core,
  createCore,
  leaderOf,
  prepareValidators,
  type Proposal,
  type SignedVote,
  signVote,
  step,
  type Validators,
  type Vote,
} from "../../../ledger/consensus/mod.ts";
import { hash, type Signer, signerFromSeed, utf8 } from "../../../ledger/primitives/mod.ts";

export const chainId = hash("assay/test/chain");
export const base = { view: 0n, block: hash("assay/test/base"), height: 0n };
export const timeouts = { leaderMs: 100, advanceMs: 200, retryMs: 150, maxMs: 1_000 };

/** What a bench is made of; by default four equal validators, of which the core is the first. */
export interface BenchOptions {
  /** Position of the core's validator. */
  readonly own?: number;
  readonly lastHeight?: bigint;
  /** Seed of the leader schedule. */
  readonly seed?: number;
}

/** A bench. */
export function createBench({ own = 0, lastHeight = 100n, seed = 0 }: BenchOptions = {}) {
  const stakes = [1n, 1n, 1n, 1n];
  const signers: readonly Signer[] = stakes.map((_, i) => signerFromSeed(new Uint8Array(32).fill(i + 1)));
  const validatorSet = {
    epoch: 0n,
    seed: new Uint8Array(32).fill(seed),
    validators: signers.map(({ address }, i) => ({
      address,
      stake: stakes[i] ?? 0n,
      beaconKey: new Uint8Array(),
    })),
  };
  const validators: Validators = prepareValidators(validatorSet);
  const signer = signers[own];
  const fresh = (): Core => createCore({ chainId, validators, signer, base, lastHeight, timeouts });
  let core = fresh();
  const signed = (index: number, vote: Vote): SignedVote => {
    const key = signers[index];
    if (key === undefined) throw new RangeError(`There is no validator ${index}`);
    return signVote(key, chainId, index, vote);
  };
  /** A block of a view on another; `label` tells blocks of one view apart. */
  const candidate = (view: bigint, parent?: Candidate, label = ""): Candidate => ({
    block: hash("assay/test/block", utf8(`${view} ${label}`)),
    parent: parent?.block ?? base.block,
    epoch: 0n,
    height: (parent?.height ?? 0n) + 1n,
    view,
    parentView: parent?.view ?? 0n,
    proposer: validators.members[leaderOf(validators, view)]?.address ?? new Uint8Array(32),
  });
  return {
    validators,
    validatorSet,
    signed,
    candidate,
    get core() {
      return core;
    },
    leader: (view: bigint) => leaderOf(validators, view),
    /** A core that has forgotten everything. */
    forget(): Core {
      core = fresh();
      return core;
    },
    give: (input: ConsensusInput): readonly ConsensusEffect[] => step(core, input),
    /** The leader's proposal of a block. */
    propose: (block: Candidate): ConsensusInput => ({
      kind: "proposal",
      vote: signed(leaderOf(validators, block.view), { kind: "notarize", proposal: proposalOf(block) }),
      candidate: block,
    }),
    vote: (index: number, vote: Vote): ConsensusInput => ({ kind: "vote", vote: signed(index, vote) }),
    certificate: (vote: Vote, signersOfIt: readonly number[] = [0, 1, 2]): Certificate =>
      assembleCertificate(validators, vote, signersOfIt.map((index) => signed(index, vote))),
  };
}

/** The statement that puts a block forward in its own view. */
export function proposalOf({ epoch, view, parentView, height, block }: Candidate): Proposal {
  return { epoch, view, parentView, height, block };
}

/** The own votes among effects, as "notarize 3". */
export function votesCast(effects: readonly ConsensusEffect[]): readonly string[] {
  return effects.flatMap((effect) => {
    if (effect.kind !== "broadcast_vote" && effect.kind !== "broadcast_proposal") return [];
    const { vote } = effect.vote;
    return [`${vote.kind} ${vote.kind === "nullify" ? vote.view : vote.proposal.view}`];
  });
}

/** The kinds of effects, in order. */
export function kindsOf(effects: readonly ConsensusEffect[]): readonly string[] {
  return effects.map(({ kind }) => kind);
}
