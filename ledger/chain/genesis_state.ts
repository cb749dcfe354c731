/**
 * The state that a genesis describes: height 0, before the first block.
 *
 * @module
 */
import { bytesToHex, CodedError } from "../primitives/mod.ts";
import { paramsFault } from "../governance/mod.ts";
import {
  accounts,
  activeTasks,
  beaconKeys,
  chainIds,
  createDraft,
  GENESIS_BEACON,
  heads,
  leaderSeed,
  markets,
  minimumStake,
  offerLists,
  openTasks,
  type Params,
  paramsInForce,
  putStake,
  putValidatorSet,
  rankValidators,
  stakeOf,
  State,
  type StateWriter,
  supplies,
  totals,
  type Validator,
} from "../state/mod.ts";
import { chainIdOf, type Genesis } from "./genesis.ts";

/** A genesis that no chain can start from. */
export class GenesisError extends CodedError<"bad_genesis"> {}

function refuse(field: string, message: string): never {
  throw new GenesisError("bad_genesis", `Genesis field ${field}: ${message}`, { field });
}

/** Largest supply to start with: leaves room for issuance below the 2^64 of an amount. */
export const MAX_GENESIS_SUPPLY = 1n << 62n;

/**
 * Requires parameters within their bounds, and the inequalities between them that keep cheating from paying.
 *
 * @throws {GenesisError} naming the parameter, and the inequality that it breaks.
 */
export function requireParams(params: Params): void {
  const fault = paramsFault(params);
  if (fault !== null) refuse(`params.${fault.name}`, fault.message);
}

function putAccounts(state: StateWriter, genesis: Genesis): bigint {
  let sum = 0n;
  for (const [i, { address, balance }] of genesis.accounts.entries()) {
    if (accounts.get(state, address) !== undefined) {
      refuse(`accounts[${i}].address`, "stands in the list twice.");
    }
    accounts.put(state, address, { balance, nonce: 0n });
    sum += balance;
  }
  return sum;
}

function putStakes(state: StateWriter, genesis: Genesis): bigint {
  let sum = 0n;
  for (const [i, { address, role, amount }] of genesis.stakes.entries()) {
    if (stakeOf(state, role, address).amount > 0n) refuse(`stakes[${i}]`, `is a second stake for ${role}.`);
    const minimum = minimumStake(genesis.params, role);
    if (amount < minimum) {
      refuse(`stakes[${i}].amount`, `is at least ${minimum} for a ${role}: got ${amount}.`);
    }
    putStake(state, role, address, { amount, locked: 0n, unbonding: [], jailedUntil: 0n });
    sum += amount;
  }
  return sum;
}

function putValidators(state: StateWriter, genesis: Genesis): void {
  if (genesis.validators.length === 0) {
    refuse("validators", "must name at least one, or no block is ever made.");
  }
  const seen = new Set<string>();
  const validators = genesis.validators.map(({ address, beaconKey }, i): Validator => {
    const name = bytesToHex(address);
    if (seen.has(name)) refuse(`validators[${i}].address`, "stands in the list twice.");
    seen.add(name);
    if (beaconKey.length !== 0 && beaconKey.length !== 48) {
      refuse(`validators[${i}].beaconKey`, `has 48 bytes or none: got ${beaconKey.length}.`);
    }
    const stake = stakeOf(state, "validator", address).amount;
    if (stake === 0n) {
      refuse(`validators[${i}].address`, "has no stake for the role validator among the stakes.");
    }
    if (beaconKey.length > 0) beaconKeys.put(state, address, beaconKey);
    return { address, stake, beaconKey };
  });
  // Genesis fixes two sets: that of epoch e + 1 is fixed in the first block of epoch e, and nothing comes before epoch 0.
  for (const epoch of [0n, 1n]) {
    putValidatorSet(state, {
      epoch,
      seed: leaderSeed(epoch, chainIdOf(genesis)),
      validators: rankValidators(validators),
    });
  }
}

/**
 * The state at height 0.
 *
 * @throws {GenesisError} naming the field that is wrong.
 */
export function genesisState(genesis: Genesis): State {
  requireParams(genesis.params);
  const draft = createDraft(State.empty);
  const balances = putAccounts(draft, genesis);
  const stakes = putStakes(draft, genesis);
  if (balances + stakes > MAX_GENESIS_SUPPLY) {
    refuse(
      "accounts",
      `balances and stakes sum up to at most ${MAX_GENESIS_SUPPLY}: got ${balances + stakes}.`,
    );
  }
  putValidators(draft, genesis);
  chainIds.put(draft, chainIdOf(genesis));
  paramsInForce.put(draft, genesis.params);
  heads.put(draft, { height: 0n, epoch: 0n, beacon: GENESIS_BEACON });
  totals.put(draft, { balances, stakes, escrows: 0n, bonds: 0n, pending: 0n });
  supplies.put(draft, { genesis: balances + stakes, issued: 0n, burned: 0n });
  markets.put(draft, { posted: 0n, cursor: 0n });
  offerLists.put(draft, []);
  activeTasks.put(draft, []);
  openTasks.put(draft, []);
  return draft.commit();
}
