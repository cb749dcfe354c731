/**
 * Who votes in which epoch, and with what stake: read from the states that nodes finalize, counted by the checkers' own arithmetic.
 *
 * @module
 */
import { type Genesis, genesisState } from "../../../ledger/chain/mod.ts";
import { bytesToHex } from "../../../ledger/primitives/mod.ts";
import { type State, validatorSetOf } from "../../../ledger/state/mod.ts";
import { PromiseBroken } from "../watcher.ts";

/** A validator's hexadecimal address and stake. */
export interface Member {
  readonly address: string;
  readonly stake: bigint;
}

/** See the module. */
export interface ValidatorSets {
  learn(state: State, epoch: bigint): void;
  /** The members of an epoch, in the order that certificates index. */
  members(epoch: bigint): readonly Member[];
  /** Whether those who `signed` hold more than two thirds of an epoch's stake. */
  isQuorum(epoch: bigint, signed: (address: string) => boolean): boolean;
}

/** The sets that a genesis fixes. */
export function watchValidatorSets(genesis: Genesis): ValidatorSets {
  const sets = new Map<bigint, readonly Member[]>();
  const learn = (state: State, epoch: bigint) => {
    const set = sets.has(epoch) ? undefined : validatorSetOf(state, epoch);
    if (set === undefined) return;
    sets.set(epoch, set.validators.map(({ address, stake }) => ({ address: bytesToHex(address), stake })));
  };
  const first = genesisState(genesis);
  learn(first, 0n);
  learn(first, 1n);
  const members = (epoch: bigint) => {
    const known = sets.get(epoch);
    if (known === undefined) {
      throw new PromiseBroken("epochs", `votes in epoch ${epoch}, whose validators nobody has fixed`);
    }
    return known;
  };
  return {
    learn,
    members,
    isQuorum(epoch, signed) {
      let all = 0n, agreeing = 0n;
      for (const { address, stake } of members(epoch)) {
        all += stake;
        if (signed(address)) agreeing += stake;
      }
      return agreeing * 3n > all * 2n;
    },
  };
}
