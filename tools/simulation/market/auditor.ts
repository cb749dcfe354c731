/**
 * What must hold of a market, found out from the finished chain alone: an auditor takes the blocks of one node and executes them
 * again from genesis, with its own eyes on every state.
 *
 * @module
 */
import {
  Block,
  chainIdOf,
  executeBlock,
  type Genesis,
  genesisState,
  plainReader,
  recountSupply,
} from "../../../ledger/chain/mod.ts";
import { bytesToHex, decode } from "../../../ledger/primitives/mod.ts";
import { PPM, stakes, type State, supplies, type Task, tasks } from "../../../ledger/state/mod.ts";
import type { Store } from "../../../ledger/store/mod.ts";
import { PromiseBroken } from "../watcher.ts";

/** What the auditor reports. */
export interface Audit {
  readonly height: bigint;
  /** Hash of the last block (hexadecimal): the digest of a chain. */
  readonly head: string;
  readonly tasks: readonly Task[];
  /** Addresses (hexadecimal) that were slashed or lost a dispute's bond. */
  readonly slashed: ReadonlySet<string>;
  /** Fees paid, by the address (hexadecimal) that paid them, for rejected operations too. */
  readonly fees: ReadonlyMap<string, bigint>;
  /** What validators got for their blocks: the reward, and the share of the fees that is not burned. */
  readonly income: ReadonlyMap<string, bigint>;
  /** The state in the end. */
  readonly state: State;
}

/** Adds up amounts by address. */
function makeLedgerColumn() {
  const sums = new Map<string, bigint>();
  return {
    sums,
    add(address: Uint8Array, amount: bigint) {
      const key = bytesToHex(address);
      sums.set(key, (sums.get(key) ?? 0n) + amount);
    },
  };
}

function requireConserved(genesis: Genesis, state: State, height: bigint): void {
  const first = [
    ...genesis.accounts.map(({ balance }) => balance),
    ...genesis.stakes.map(({ amount }) => amount),
  ]
    .reduce((sum, amount) => sum + amount, 0n);
  const held = Object.values(recountSupply(state)).reduce((sum, amount) => sum + amount, 0n);
  const { issued, burned } = supplies.get(state);
  if (held !== first + issued - burned) {
    throw new PromiseBroken(
      "supply",
      `after block ${height} there are ${held} units, not ${first + issued - burned}`,
    );
  }
}

function tasksOf(state: State): readonly Task[] {
  return [...state.entries()].flatMap(([key, value]) => tasks.read(key, value) ?? []);
}

/** Executes a chain from genesis. */
export function audit(genesis: Genesis, store: Store): Audit {
  let state = genesisState(genesis);
  let parent = bytesToHex(chainIdOf(genesis));
  const slashed = new Set<string>();
  const fees = makeLedgerColumn(), income = makeLedgerColumn();
  const { blockReward, feeBurnPpm } = genesis.params;
  for (let height = 1n; height <= store.finalizedHeight; height++) {
    const final = store.finalizedAt(height);
    if (final === undefined) throw new PromiseBroken("order", `block ${height} is missing`);
    const block = decode(Block, final.block);
    if (bytesToHex(block.header.parent) !== parent) {
      throw new PromiseBroken("ancestry", `block ${height} stands on another`);
    }
    const result = executeBlock(state, block);
    if (bytesToHex(result.stateRoot) !== bytesToHex(block.header.stateRoot)) {
      throw new PromiseBroken("state roots", `block ${height} names another state than executing it gives`);
    }
    requireConserved(genesis, result.state, height);
    for (const { kind, account } of result.events) {
      if (kind === "slashed" && account !== undefined) slashed.add(bytesToHex(account));
    }
    block.transactions.forEach((encoded, i) => {
      fees.add(plainReader.read(encoded).transaction.sender, result.receipts[i]?.fee ?? 0n);
    });
    const paid = result.receipts.reduce((sum, { fee }) => sum + fee, 0n);
    income.add(block.header.proposer, blockReward + paid * (PPM - BigInt(feeBurnPpm)) / PPM);
    state = result.state;
    parent = bytesToHex(final.hash);
  }
  for (const { address, role, amount } of genesis.stakes) {
    if ((stakes.get(state, { role, address })?.amount ?? 0n) < amount) slashed.add(bytesToHex(address));
  }
  const { finalizedHeight: height } = store;
  return {
    height,
    head: parent,
    tasks: tasksOf(state),
    slashed,
    fees: fees.sums,
    income: income.sums,
    state,
  };
}
