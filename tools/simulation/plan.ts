/**
 * What a seed decides: who takes part, who misbehaves, what the weather is like and what breaks when. Every kind of trouble is left out
 * of some seeds, so that rare combinations come up (swarm testing: Groce et al., ISSTA 2012).
 *
 * @module
 */
import type { Timing } from "../../ledger/node/mod.ts";
import { type Misdeed, MISDEEDS } from "./byzantine/mod.ts";
import type { Weather } from "./links.ts";
import { type Dice, makeDice } from "./random.ts";

/** A validator to be. */
export interface PlannedValidator {
  readonly name: string;
  /** In units of the least stake. */
  readonly stake: bigint;
  readonly misdeed: Misdeed | undefined;
  readonly clockRate: number;
}

/** Something that goes wrong at a moment and is over after a while. Times in milliseconds. */
export type Fault =
  & { readonly atMs: number; readonly forMs: number }
  & (
    | { readonly kind: "crash" | "pause"; readonly node: string }
    | { readonly kind: "partition"; readonly groups: ReadonlyMap<string, number> }
    | { readonly kind: "storm"; readonly weather: Pick<Weather, "delayMs" | "loss" | "duplication"> }
  );

/** Everything about one run. */
export interface Plan {
  readonly seed: number;
  readonly validators: readonly PlannedValidator[];
  readonly followers: readonly string[];
  /** Followers that stake and become validators, and when. */
  readonly joiners: readonly { readonly name: string; readonly atMs: number }[];
  readonly epochBlocks: number;
  readonly snapshotEvery: bigint;
  /** Blocks that nodes keep below their snapshots, by name; who is not named keeps all. */
  readonly keepBlocks: ReadonlyMap<string, bigint>;
  readonly timing: Timing;
  readonly weather: Pick<Weather, "delayMs" | "loss" | "duplication">;
  readonly faults: readonly Fault[];
  /** Probability that a disk refuses a write, or dies after it. */
  readonly diskTrouble: number;
  readonly safetyMs: number;
  readonly clients: number;
  /** Time between a client's transfers. */
  readonly transferMs: number;
  /** Time between pieces of spam; undefined: none. */
  readonly spamMs: number | undefined;
}

/** What a mutation, or a strategy of a validator, wants of a plan, so that what it is about comes up. */
export interface PlanWish {
  readonly validators?: number;
  readonly equalStakes?: boolean;
  /** Those of them who misbehave, as far as a third of the stake allows. */
  readonly misdeeds?: readonly Misdeed[];
  /** Probability of disk trouble at each write. */
  readonly diskTrouble?: number;
  /** Messages lost and late, leaders given up on. */
  readonly isStormy?: boolean;
  readonly crashes?: number;
  readonly epochBlocks?: number;
}

/** Time in which things go wrong. Long enough for two epochs of the shortest kind, short enough for many seeds. */
const SAFETY_MS = 30_000;

function withMisdeeds(
  validators: readonly PlannedValidator[],
  dice: Dice,
  { misdeeds }: PlanWish,
): readonly PlannedValidator[] {
  const total = validators.reduce((sum, { stake }) => sum + stake, 0n);
  const guilty = new Map<string, Misdeed>();
  let stake = 0n;
  const wanted = dice.chance(0.7) ? dice.between(0.1, 1) : 0;
  const kinds = dice.shuffled(MISDEEDS).slice(0, dice.whole(1, 3));
  for (const validator of dice.shuffled(validators)) {
    if ((stake + validator.stake) * 3n >= total || !dice.chance(misdeeds === undefined ? wanted : 1)) {
      continue;
    }
    const misdeed = dice.any(misdeeds ?? kinds);
    if (misdeed === undefined) continue;
    stake += validator.stake;
    guilty.set(validator.name, misdeed);
  }
  return validators.map((validator) => ({ ...validator, misdeed: guilty.get(validator.name) }));
}

function drawValidators(dice: Dice, wish: PlanWish): readonly PlannedValidator[] {
  const count = wish.validators ?? dice.whole(1, 10);
  const isEqual = wish.equalStakes ?? dice.chance(0.4);
  const skew = dice.chance(0.5) ? dice.between(0, 0.2) : 0;
  const validators = Array.from({ length: count }, (_, i): PlannedValidator => ({
    name: `v${i}`,
    stake: isEqual ? 1n : BigInt(dice.whole(1, 8)),
    misdeed: undefined,
    clockRate: 1 + dice.between(-skew, skew),
  }));
  return withMisdeeds(validators, dice, wish);
}

function drawPartition(dice: Dice, names: readonly string[]): ReadonlyMap<string, number> {
  const groups = dice.whole(2, 3);
  return new Map(names.map((name) => [name, dice.whole(1, groups)]));
}

function drawFaults(dice: Dice, names: readonly string[], { crashes, isStormy }: PlanWish): readonly Fault[] {
  const faults: Fault[] = [];
  const moment = () => ({ atMs: dice.between(1_000, SAFETY_MS * 0.9), forMs: dice.between(200, 8_000) });
  const some = (likely: number, most: number) => dice.chance(likely) ? dice.whole(1, most) : 0;
  const each = (count: number, draw: () => Fault) => {
    for (let i = 0; i < count; i++) faults.push(draw());
  };
  const one = () => dice.any(names) ?? "v0";
  each(crashes ?? some(0.5, 8), () => ({ kind: "crash", node: one(), ...moment() }));
  each(some(0.3, 6), () => ({ kind: "pause", node: one(), ...moment() }));
  each(some(0.4, 4), () => ({ kind: "partition", groups: drawPartition(dice, names), ...moment() }));
  each(isStormy ? 4 : some(0.4, 3), () => ({
    kind: "storm",
    weather: {
      delayMs: [1, dice.between(50, 1_000)],
      loss: dice.between(0, 0.3),
      duplication: dice.between(0, 0.3),
    },
    ...moment(),
  }));
  return faults.sort((a, b) => a.atMs - b.atMs);
}

/** Some nodes forget old blocks; one honest validator is an archive, so that who is far behind can follow without a checkpoint. */
function drawHorizons(
  dice: Dice,
  validators: readonly PlannedValidator[],
  followers: readonly string[],
): ReadonlyMap<string, bigint> {
  const archive = validators.find(({ misdeed }) => misdeed === undefined)?.name;
  const forgetful = dice.chance(0.5) ? dice.fraction() : 0;
  return new Map(
    [...validators.map(({ name }) => name), ...followers]
      .filter((name) => name !== archive && dice.chance(forgetful))
      .map((name) => [name, BigInt(dice.pick([0, 5, 30]))]),
  );
}

/** The plan of a seed. */
export function drawPlan(seed: number, wish: PlanWish = {}): Plan {
  const dice = makeDice(seed);
  const validators = drawValidators(dice.fork(), wish);
  const followers = Array.from({ length: dice.whole(0, 2) }, (_, i) => `f${i}`);
  const canJoin = dice.chance(0.3) ? followers.slice(0, 1) : [];
  const names = [...validators.map(({ name }) => name), ...followers];
  const blockIntervalMs = dice.pick([200, 500, 1_000]);
  const farthest = dice.pick([5, 40, 150]);
  return {
    seed,
    validators,
    followers,
    joiners: canJoin.map((name) => ({ name, atMs: dice.between(500, SAFETY_MS / 2) })),
    epochBlocks: wish.epochBlocks ?? dice.pick([8, 20, 60, 200]),
    snapshotEvery: BigInt(dice.pick([3, 10, 500])),
    timing: {
      blockIntervalMs,
      gatherMs: dice.pick([0, 20]),
      pollMs: 3_000,
      timeouts: {
        leaderMs: blockIntervalMs + 800,
        advanceMs: blockIntervalMs + 1_600,
        retryMs: 1_500,
        maxMs: 10_000,
      },
    },
    weather: {
      delayMs: [1, 1 + farthest],
      loss: wish.isStormy || dice.chance(0.4) ? dice.between(0, 0.3) : 0,
      duplication: dice.chance(0.3) ? dice.between(0, 0.3) : 0,
    },
    faults: drawFaults(dice.fork(), names, wish),
    diskTrouble: wish.diskTrouble ?? (dice.chance(0.3) ? dice.between(0, 0.02) : 0),
    safetyMs: SAFETY_MS,
    clients: dice.whole(1, 3),
    transferMs: dice.between(500, 3_000),
    spamMs: dice.chance(0.4) ? dice.between(100, 1_000) : undefined,
    keepBlocks: drawHorizons(dice.fork(), validators, followers),
  };
}

/** A plan in a few words. */
export function describePlan(
  { validators, followers, weather, faults, epochBlocks, spamMs, diskTrouble, keepBlocks }: Plan,
): string {
  const misdeeds = validators.flatMap(({ misdeed }) => misdeed ?? []);
  const counted = (kind: Fault["kind"], word: string) => {
    const count = faults.filter((fault) => fault.kind === kind).length;
    return count === 0 ? [] : [`${count} ${word}${count === 1 ? "" : kind === "crash" ? "es" : "s"}`];
  };
  return [
    `${validators.length} validators`,
    ...followers.length === 0 ? [] : [`${followers.length} followers`],
    `epochs of ${epochBlocks}`,
    ...misdeeds.length === 0 ? [] : [misdeeds.join("+")],
    ...weather.loss === 0 ? [] : [`loss ${Math.round(weather.loss * 100)} %`],
    ...counted("crash", "crash"),
    ...counted("pause", "pause"),
    ...counted("partition", "partition"),
    ...counted("storm", "storm"),
    ...keepBlocks.size === 0 ? [] : [`${keepBlocks.size} forgetful`],
    ...diskTrouble === 0 ? [] : ["bad disks"],
    ...spamMs === undefined ? [] : ["spam"],
  ].join(", ");
}
