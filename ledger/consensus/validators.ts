/**
 * The validators of one epoch as consensus sees them: stake, quorum and whose turn it is.
 *
 * @module
 */
import { type Address, bytesToHex, equalBytes, type Hash } from "../primitives/mod.ts";
import { leaderAt, type Validator, type ValidatorSet } from "../state/mod.ts";
import { ConsensusError } from "./errors.ts";

/** Most validators of an epoch: the bound of `ValidatorSet`, and 16 KiB of signatures in a certificate. */
export const MAX_VALIDATORS = 256;

/** A validator set prepared for counting. */
export interface Validators {
  readonly epoch: bigint;
  readonly seed: Hash;
  /** In the order that certificates index. */
  readonly members: readonly Validator[];
  readonly totalStake: bigint;
  /** Least stake that decides: floor(2W/3) + 1. Two quorums share more than a third of the stake. */
  readonly quorum: bigint;
}

/** The stake that decides among `totalStake`. */
export function quorumOf(totalStake: bigint): bigint {
  return totalStake * 2n / 3n + 1n;
}

/**
 * Prepares the validator set of an epoch.
 *
 * @throws {ConsensusError} `bad_validator_set` if it is empty, somebody has no stake, or an address stands twice.
 */
export function prepareValidators(set: ValidatorSet): Validators {
  const refuse = (reason: string): never => {
    throw new ConsensusError(
      "bad_validator_set",
      `The validator set of epoch ${set.epoch} cannot decide anything: ${reason}. Check the genesis or the state.`,
      { epoch: set.epoch },
    );
  };
  const members = set.validators;
  if (members.length === 0 || members.length > MAX_VALIDATORS) {
    refuse(`it has ${members.length} validators, 1 to ${MAX_VALIDATORS} are allowed`);
  }
  if (new Set(members.map((member) => bytesToHex(member.address))).size !== members.length) {
    refuse("an address stands in it twice");
  }
  if (members.some((member) => member.stake === 0n)) refuse("a validator has no stake");
  const totalStake = members.reduce((sum, member) => sum + member.stake, 0n);
  return { epoch: set.epoch, seed: set.seed, members, totalStake, quorum: quorumOf(totalStake) };
}

/** Position of an address in the set, or `undefined`. */
export function indexOfValidator(validators: Validators, address: Address): number | undefined {
  const index = validators.members.findIndex((member) => equalBytes(member.address, address));
  return index < 0 ? undefined : index;
}

/** Sum of the stakes of some positions; each counts once. */
export function stakeOf(validators: Validators, signers: Iterable<number>): bigint {
  let sum = 0n;
  for (const index of new Set(signers)) sum += validators.members[index]?.stake ?? 0n;
  return sum;
}

/** Leaders drawn and kept for each set: every message of a view asks for its leader. Those of a stalled epoch are drawn again. */
const KEPT_LEADERS = 1024;

const leaders = new WeakMap<Validators, Map<bigint, number>>();

/** Position of the leader of a view: see {@link leaderAt}. */
export function leaderOf(validators: Validators, view: bigint): number {
  const kept = leaders.get(validators) ?? new Map<bigint, number>();
  const known = kept.get(view);
  if (known !== undefined) return known;
  const { epoch, seed, members } = validators;
  const leader = leaderAt({ epoch, seed, validators: members }, view);
  if (kept.size >= KEPT_LEADERS) kept.clear();
  leaders.set(validators, kept.set(view, leader));
  return leader;
}
