/**
 * Matching: part of the state machine, at the end of every block.
 *
 * Open tasks, in the order of posting, each take the best offer that satisfies their hard requirements: the cheapest, then the one
 * of the best reputation band, then one drawn by the beacon. A block looks at a bounded number of tasks; the next block goes on
 * where it stopped, so that tasks nobody can do do not stand in the way of others.
 *
 * @module
 */
import { type Address, compareBytes, equalBytes, type Hash, hash } from "../primitives/mod.ts";
import {
  assignTask,
  type BlockContext,
  canAct,
  freeStake,
  markets,
  type Offer,
  offerLists,
  offerOf,
  openTasks,
  reputationPpm,
  stakeOf,
  type StateReader,
  type StateWriter,
  type Task,
  taskIdOf,
  taskOf,
} from "../state/mod.ts";

/** Tasks that one block looks at. With 512 offers that is some 8,000 comparisons, a few milliseconds. */
export const MATCHES_PER_BLOCK = 16;

/** Width of a reputation band in parts per million: within 5 %, the draw decides, so that newcomers get work. */
export const REPUTATION_BAND_PPM = 50_000;

/** Why an offer does not get a task. */
export type MatchRefusal =
  | "own_task"
  | "excluded"
  | "offer_expired"
  | "engine_missing"
  | "too_little_memory"
  | "reward_too_low"
  | "no_free_slot"
  | "not_staked"
  | "stake_does_not_cover_collateral";

type MatchContext = Pick<BlockContext, "head" | "params">;

/** The first requirement of a task that an offer does not meet; `null` if it meets all. */
export function matchRefusal(
  state: StateReader,
  context: MatchContext,
  task: Task,
  offer: Offer,
): MatchRefusal | null {
  const { provider } = offer;
  if (equalBytes(provider, task.requester)) return "own_task";
  if (task.excluded.some((other) => equalBytes(other, provider))) return "excluded";
  if (offer.validUntil < context.head.height) return "offer_expired";
  if (!offer.engines.includes(task.program.engine)) return "engine_missing";
  if (offer.memoryMiB < task.memoryMiB) return "too_little_memory";
  if (offer.minReward > task.reward) return "reward_too_low";
  if (offer.used >= offer.slots) return "no_free_slot";
  if (!canAct(state, context, "provider", provider)) return "not_staked";
  if (freeStake(stakeOf(state, "provider", provider)) < task.collateral) {
    return "stake_does_not_cover_collateral";
  }
  return null;
}

interface Bid {
  readonly provider: Address;
  readonly price: bigint;
  readonly band: number;
  readonly draw: Hash;
}

function bidOf(offer: Offer, task: Task, beacon: Hash): Bid {
  return {
    provider: offer.provider,
    price: offer.minReward,
    band: Math.floor(reputationPpm(offer) / REPUTATION_BAND_PPM),
    draw: hash("assay/match", beacon, task.id, offer.provider),
  };
}

/** Order of preference: negative if `a` goes first. */
function compareBids(a: Bid, b: Bid): number {
  if (a.price !== b.price) return a.price < b.price ? -1 : 1;
  return b.band - a.band || compareBytes(a.draw, b.draw);
}

/** The provider that an open task would be assigned to now, or `undefined` if no offer fits. */
export function bestMatch(
  state: StateReader,
  context: MatchContext,
  task: Task,
  beacon: Hash,
): Address | undefined {
  const bids = offerLists.get(state)
    .map((provider) => offerOf(state, provider))
    .filter((offer) => matchRefusal(state, context, task, offer) === null)
    .map((offer) => bidOf(offer, task, beacon));
  return bids.toSorted(compareBids)[0]?.provider;
}

/** The tasks whose turn it is: from the cursor on, then from the beginning. */
function turn(open: readonly bigint[], cursor: bigint): readonly bigint[] {
  const from = open.findIndex((number) => number >= cursor);
  const start = from < 0 ? 0 : from;
  return [...open.slice(start), ...open.slice(0, start)].slice(0, MATCHES_PER_BLOCK);
}

/**
 * Assigns open tasks.
 *
 * PERF: tasks looked at times offers; nothing if no task is open.
 *
 * @param beacon The beacon after the block, which draws within equals.
 */
export function matchTasks(state: StateWriter, context: BlockContext, beacon: Hash): void {
  const open = openTasks.get(state);
  if (open.length === 0) return;
  const market = markets.get(state);
  const numbers = turn(open, open.length <= MATCHES_PER_BLOCK ? 0n : market.cursor);
  for (const number of numbers) {
    const task = taskOf(state, taskIdOf(state, number));
    const provider = bestMatch(state, context, task, beacon);
    if (provider !== undefined) assignTask(state, context, task.id, provider);
  }
  const last = numbers.at(-1);
  if (open.length > MATCHES_PER_BLOCK && last !== undefined) {
    markets.put(state, { ...markets.get(state), cursor: last + 1n });
  }
}

/** What matching says about one offer. */
export interface MatchExplanation {
  readonly provider: Address;
  readonly price: bigint;
  readonly reputationPpm: number;
  /** `null`: the offer fits. */
  readonly refusal: MatchRefusal | null;
}

/** What matching says about every offer on the market, for a task. */
export function explainMatch(
  state: StateReader,
  context: MatchContext,
  task: Task,
): readonly MatchExplanation[] {
  return offerLists.get(state).map((provider) => {
    const offer = offerOf(state, provider);
    return {
      provider,
      price: offer.minReward,
      reputationPpm: reputationPpm(offer),
      refusal: matchRefusal(state, context, task, offer),
    };
  });
}
