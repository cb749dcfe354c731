/**
 * Drawing arbiters: by stake, without replacement, with a beacon that nobody knew when the pool was fixed.
 *
 * @module
 */
import type { Address, Hash } from "../primitives/mod.ts";
import {
  type BlockContext,
  type Candidate,
  CandidatePool,
  candidatesOf,
  drawByStake,
  type StateReader,
  table,
  taskOf,
} from "../state/mod.ts";
import type { Dispute } from "./records.ts";

/** Pools by dispute id, from the end of the opening to the draw: stake added once the beacon can be guessed must not count. */
export const arbiterPools = table(43, "arbiterPools", (id: Uint8Array) => id, CandidatePool);

/** The arbiters that may judge a dispute: those in good standing who are not a party to it. PERF: walks all arbiters. */
export function arbiterPool(
  state: StateReader,
  context: BlockContext,
  { task, requester, provider, challenger }: Pick<Dispute, "task" | "requester" | "provider" | "challenger">,
): readonly Candidate[] {
  const { engine } = taskOf(state, task).program;
  return candidatesOf(state, context, "arbiter", [requester, provider, challenger], engine);
}

/**
 * Draws `count` arbiters from a pool, or the whole pool if it is smaller. An empty pool draws nobody, which closes the dispute without
 * a verdict: a chain that wants its disputes decided must have arbiters.
 */
export function drawArbiters(
  pool: readonly Candidate[],
  dispute: Hash,
  beacon: Hash,
  count: number,
): readonly Address[] {
  return drawByStake(pool, { tag: "assay/arbiters", id: dispute, beacon }, count);
}
