/**
 * The state behind every final block: the root that the header names, no money from nowhere, and no honest validator slashed.
 *
 * @module
 */
import { type Genesis, recountSupply } from "../../../ledger/chain/mod.ts";
import { bytesToHex } from "../../../ledger/primitives/mod.ts";
import { supplies } from "../../../ledger/state/mod.ts";
import type { FinalizedNotice } from "../../../ledger/node/mod.ts";
import { PromiseBroken, type Watcher } from "../watcher.ts";
import type { ValidatorSets } from "./validator_sets.ts";

/** Watches states. */
export interface StateChecker extends Watcher {
  /** Addresses (hexadecimal) that were punished for equivocation. */
  readonly punished: ReadonlySet<string>;
}

function requireConserved(genesis: Genesis, { height, result: { state } }: FinalizedNotice): void {
  const { issued, burned } = supplies.get(state);
  const { balances, stakes, escrows, bonds, pending } = recountSupply(state);
  const held = balances + stakes + escrows + bonds + pending;
  const first = [
    ...genesis.accounts.map(({ balance }) => balance),
    ...genesis.stakes.map(({ amount }) => amount),
  ]
    .reduce((sum, amount) => sum + amount, 0n);
  if (held !== first + issued - burned) {
    throw new PromiseBroken(
      "supply",
      `after block ${height} there are ${held} units: ${first} at genesis, ${issued} issued, ${burned} burned`,
    );
  }
}

/** A checker of states. PERF: counts the whole state once for each height. */
export function checkStates(
  genesis: Genesis,
  sets: ValidatorSets,
  byzantine: ReadonlySet<string>,
): StateChecker {
  const roots = new Map<bigint, string>();
  const punished = new Set<string>();
  const learn = (notice: FinalizedNotice) => {
    const { height, result } = notice;
    requireConserved(genesis, notice);
    sets.learn(result.state, notice.block.header.epoch + 1n);
    for (const event of result.events) {
      if (event.kind !== "slashed" && event.kind !== "equivocation") continue;
      const address = event.account === undefined ? "nobody" : bytesToHex(event.account);
      if (!byzantine.has(address)) {
        throw new PromiseBroken(
          "honest stake",
          `block ${height} punishes ${address.slice(0, 8)}, which is honest`,
        );
      }
      if (event.kind === "equivocation") punished.add(address);
    }
  };
  return {
    punished,
    finalized({ name }, notice) {
      const { height, block, result } = notice;
      const root = bytesToHex(result.state.root);
      const agreed = roots.get(height) ?? root;
      if (root !== agreed || root !== bytesToHex(block.header.stateRoot)) {
        throw new PromiseBroken(
          "state roots",
          `${name} has another state after block ${height} than the header or a peer`,
        );
      }
      if (roots.has(height)) return;
      roots.set(height, root);
      learn(notice);
    },
  };
}
