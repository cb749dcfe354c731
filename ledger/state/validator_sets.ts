/**
 * Validator sets: frozen for an epoch, fixed one epoch before it.
 *
 * Heights 1 to `epochBlocks` are epoch 0, and so on. The first block of epoch e fixes the set of epoch e + 1; genesis fixes 0 and 1.
 *
 * @module
 */
import {
  type Address,
  bytes,
  bytesToHex,
  compareBytes,
  encode,
  type Hash,
  hash,
  ZERO_HASH,
} from "../primitives/mod.ts";
import type { BlockContext } from "./context.ts";
import { invariant } from "./errors.ts";
import type { Params } from "./params.ts";
import { type Validator, ValidatorSet } from "./records.ts";
import { canAct, stakeOf, stakersOf } from "./stakes.ts";
import { type StateReader, type StateWriter, table, u64Key } from "./table.ts";

/** Most validators of an epoch: a certificate carries a signature of each. */
export const MAX_VALIDATORS = 256;

const validatorSets = table(10, "validator sets", u64Key, ValidatorSet);

/** BLS public keys (48 bytes) that validators sign beacons with. */
export const beaconKeys = table(11, "beacon keys", (address: Address) => address, bytes(48));

/** Epoch of a height; genesis, height 0, counts to epoch 0. */
export function epochOf(params: Params, height: bigint): bigint {
  return height === 0n ? 0n : (height - 1n) / BigInt(params.epochBlocks);
}

/** Last height of an epoch: its boundary block. */
export function lastHeightOf(params: Params, epoch: bigint): bigint {
  return (epoch + 1n) * BigInt(params.epochBlocks);
}

/** The set of an epoch; `undefined` if it is not fixed yet, or so old that no evidence about it counts any more. */
export function validatorSetOf(state: StateReader, epoch: bigint): ValidatorSet | undefined {
  return validatorSets.get(state, epoch);
}

/** State key of an epoch's set, for proofs. */
export function validatorSetKey(epoch: bigint): Uint8Array {
  return validatorSets.key(epoch);
}

/** Identity of a validator set: the header of every block of its epoch carries it. */
export function validatorsHash(set: ValidatorSet): Hash {
  return hash("assay/validators", encode(ValidatorSet, set));
}

/** Writes the set of an epoch. */
export function putValidatorSet(state: StateWriter, set: ValidatorSet): void {
  validatorSets.put(state, set.epoch, set);
}

/** Seed of an epoch's leader schedule, from the beacon at the time its set was fixed. */
export function leaderSeed(epoch: bigint, beacon: Hash): Hash {
  return hash("assay/leader-seed", u64Key(epoch), beacon);
}

/**
 * Position of the leader of a view: drawn in proportion to stake from (seed, epoch, view) alone, so that all honest nodes
 * agree whatever else they have seen. The draw is 256 bits modulo the total stake: its bias is below 2^-192.
 */
export function leaderAt({ epoch, seed, validators }: ValidatorSet, view: bigint): number {
  const total = validators.reduce((sum, { stake }) => sum + stake, 0n);
  const draw = BigInt(`0x${bytesToHex(hash("assay/leader", seed, u64Key(epoch), u64Key(view)))}`);
  let rest = draw % total;
  const leader = validators.findIndex(({ stake }) => {
    if (rest < stake) return true;
    rest -= stake;
    return false;
  });
  invariant(leader >= 0, "No leader was drawn.", { epoch, view });
  return leader;
}

/** Validators by stake, the largest first, then by address. */
export function rankValidators(validators: readonly Validator[]): readonly Validator[] {
  return validators.toSorted((a, b) =>
    a.stake === b.stake ? compareBytes(a.address, b.address) : a.stake > b.stake ? -1 : 1
  );
}

function candidates(state: StateReader, context: BlockContext): readonly Validator[] {
  return stakersOf(state, "validator")
    .filter((address) => canAct(state, context, "validator", address))
    .map((address) => ({
      address,
      stake: stakeOf(state, "validator", address).amount,
      beaconKey: beaconKeys.get(state, address) ?? new Uint8Array(),
    }));
}

/** How many past epochs' sets stay, so that evidence about them can be checked until the stake is released. */
function epochsKept(params: Params): bigint {
  return BigInt(Math.ceil(params.unbondingBlocks / params.epochBlocks)) + 1n;
}

/**
 * Fixes the next epoch's set in the first block of an epoch. If nobody qualifies, the present validators stay: a chain without
 * validators could never elect new ones.
 */
export function fixNextValidatorSet(state: StateWriter, context: BlockContext): void {
  const { head, params } = context;
  const epoch = head.epoch + 1n;
  const ranked = rankValidators(candidates(state, context)).slice(0, MAX_VALIDATORS);
  const present = validatorSetOf(state, head.epoch);
  invariant(present !== undefined, "The epoch has no validator set.", { epoch: head.epoch });
  putValidatorSet(state, {
    epoch,
    seed: leaderSeed(epoch, head.beacon),
    validators: ranked.length > 0 ? ranked : present.validators,
  });
  const expired = head.epoch - epochsKept(params);
  if (expired >= 0n) validatorSets.delete(state, expired);
  context.emit({ kind: "epoch_started", detail: head.epoch.toString() });
}

/** Beacon of a chain before its first block. */
export const GENESIS_BEACON: Hash = ZERO_HASH;
