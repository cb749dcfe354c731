/**
 * Checkpoints: what somebody trusts to begin with, from a release, a friend or the genesis.
 *
 * @module
 */
import { chainIdOf, type Genesis, genesisState } from "../chain/mod.ts";
import { bytes32, type Infer, record, u64 } from "../primitives/mod.ts";
import { ValidatorSet, validatorSetOf } from "../state/mod.ts";
import { LightError } from "./errors.ts";

/** A final block, the state after it, and the validators of its epoch, at a moment when that block was the latest. */
export const Checkpoint = record("Checkpoint", {
  chainId: bytes32,
  height: u64,
  block: bytes32,
  stateRoot: bytes32,
  validators: ValidatorSet,
  /** Milliseconds since 1970. */
  takenAtMs: u64,
});
/** See {@link Checkpoint}. */
export type Checkpoint = Infer<typeof Checkpoint>;

/** The checkpoint of a genesis. `startedAtMs`: when the chain began. */
export function genesisCheckpoint(genesis: Genesis, startedAtMs: bigint): Checkpoint {
  const state = genesisState(genesis);
  const chainId = chainIdOf(genesis);
  const validators = validatorSetOf(state, 0n);
  if (validators === undefined) {
    throw new LightError("bad_checkpoint", "The genesis has no validators. Check the genesis file.");
  }
  return { chainId, height: 0n, block: chainId, stateRoot: state.root, validators, takenAtMs: startedAtMs };
}
