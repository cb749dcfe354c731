/**
 * Making blocks: when to propose, and what.
 *
 * @module
 */
import { type Block, selectTransactions, transactionsRootOf } from "../chain/mod.ts";
import type { Hash } from "../primitives/mod.ts";
import { heads, validatorSetOf, validatorsHash } from "../state/mod.ts";
import { addBlock, type KnownBlock, knownFromBlock, stateAfter } from "./block_tree.ts";
import { NodeError } from "./errors.ts";
import { candidatesOn, dropTransaction } from "./mempool.ts";
import type { PendingBuild, Replica } from "./replica_state.ts";

/** Takes on a build, and says when it is due: soon if transactions wait, else after the interval of idle blocks. */
export function scheduleBuild(
  replica: Replica,
  wanted: Omit<PendingBuild, "isHastened" | "isGathered">,
): void {
  const build = { ...wanted, isHastened: hasCandidates(replica, wanted.parent), isGathered: false };
  replica.building = build;
  const { options: { timing: { blockIntervalMs, gatherMs } }, epoch, effects } = replica;
  setBuildTimer(replica, build, build.isHastened ? gatherMs : blockIntervalMs);
  if (build.isHastened) return;
  effects.push({
    kind: "set_timer",
    timer: { name: "gathered", epoch, view: build.view },
    afterMs: gatherMs,
  });
}

/** Called when a transaction came in: an idle leader need not wait any longer, and one that has waited proposes at once. */
export function hastenBuild(replica: Replica): void {
  const { building } = replica;
  if (building === undefined || building.isHastened || !hasCandidates(replica, building.parent)) return;
  replica.building = { ...building, isHastened: true };
  setBuildTimer(replica, building, building.isGathered ? 0 : replica.options.timing.gatherMs);
}

/** The `gathered` timer has fired. */
export function buildGathered(replica: Replica, view: bigint): void {
  const { building } = replica;
  if (building?.view === view) replica.building = { ...building, isGathered: true };
}

function hasCandidates(replica: Replica, parent: Hash): boolean {
  const state = stateAfter(replica.tree, replica.head, parent);
  return state !== undefined && !candidatesOn(replica.pool, state).next().done;
}

function setBuildTimer(replica: Replica, { view }: PendingBuild, afterMs: number): void {
  replica.effects.push({ kind: "set_timer", timer: { name: "build", epoch: replica.epoch, view }, afterMs });
}

/**
 * Builds the block that was asked for and holds it.
 *
 * @returns The block, or `undefined` if the parent has been overtaken meanwhile.
 */
export function buildBlock(replica: Replica, build: PendingBuild): KnownBlock | undefined {
  const { signer, beacon } = replica.options;
  const state = stateAfter(replica.tree, replica.head, build.parent);
  const set = state === undefined ? undefined : validatorSetOf(state, replica.epoch);
  if (state === undefined || set === undefined || signer === undefined) return undefined;
  const { chainId, epoch, pool } = replica;
  const { view, parentView, parent, height } = build;
  const input = { chainId, epoch, view, previous: heads.get(state).beacon };
  const known = {
    chainId,
    epoch,
    view,
    height,
    parentView,
    proposer: signer.address,
    validatorsHash: validatorsHash(set),
    beaconSignature: contributes(replica) ? beacon?.contribute(input) ?? new Uint8Array() : new Uint8Array(),
  };
  const candidates = candidatesOn(pool, state);
  const { reader } = replica.options;
  const { transactions, leftOut, result } = selectTransactions(state, known, candidates, { reader });
  for (const { transaction, code } of leftOut) {
    // A nonce may fit after another transaction, space comes with the next block; anything else will not mend itself soon.
    if (code !== "no_space" && code !== "bad_nonce") dropTransaction(pool, transaction);
  }
  const block: Block = {
    header: {
      ...known,
      parent,
      transactionsRoot: transactionsRootOf(transactions),
      stateRoot: result.stateRoot,
    },
    transactions,
  };
  return addBlock(replica.tree, knownFromBlock(block, result));
}

function contributes({ core, validators, options }: Replica): boolean {
  const registered = core?.own === undefined ? undefined : validators.members[core.own.index]?.beaconKey;
  if (registered === undefined || registered.length === 0) return false;
  if (options.beacon !== undefined) return true;
  throw new NodeError(
    "halted",
    "This validator has a registered beacon key, but was started without it. Start it with its beacon key.",
  );
}
