/**
 * Who takes part in a market under a seed, and who of them lies.
 *
 * @module
 */
import type { NodeRoles } from "../../../actors/mod.ts";
import { type Role, UNITS_PER_TOKEN } from "../../../ledger/mod.ts";
import type { Dice } from "../random.ts";
import { JOB_STEPS } from "./small_job.ts";
import type { Twist } from "./twist.ts";

/** One who takes part. */
export interface Player {
  readonly name: string;
  readonly stakes: readonly Role[];
  readonly roles: NodeRoles;
  /** The step after which it claims something else than it computed; undefined: it is honest. */
  readonly liesAtStep?: number;
  /** How else it departs from what is honest. */
  readonly twist?: Twist;
}

/** Everybody, and what the network is like. */
export interface Cast {
  readonly players: readonly Player[];
  readonly tasks: number;
  /** Largest one-way delay, in milliseconds. */
  readonly farthestMs: number;
}

/** What one unit of work is worth. */
export const REWARD = 20n * UNITS_PER_TOKEN;

/** Locked by a provider for a task. */
export const COLLATERAL = 100n * UNITS_PER_TOKEN;

/** The liars of a run: at most one, so that the honest are always the majority of those who judge. */
type Liar = "provider" | "challenger" | "arbiter" | "nobody";

/** The cast of a seed. */
export function drawCast(dice: Dice): Cast {
  const liar: Liar = dice.pick(["provider", "provider", "challenger", "arbiter", "nobody"]);
  const lie = { liesAtStep: dice.whole(0, JOB_STEPS - 1) };
  // The cheaper provider is matched first: a liar underbids.
  const provider = (name: string, price: bigint, lies: boolean): Player => ({
    name,
    stakes: ["provider"],
    roles: { provider: { memoryMiB: 64, minReward: price * UNITS_PER_TOKEN, slots: 1 } },
    ...lies ? lie : {},
  });
  // An arbiter is only asked in a dispute: a provider gives cause for one.
  const cheats = liar === "provider" || liar === "arbiter";
  const arbiters = Array.from({ length: 3 }, (_, i): Player => ({
    name: `arbiter ${i}`,
    stakes: ["validator", "arbiter"],
    roles: { arbiter: {} },
    ...liar === "arbiter" && i === 0 ? lie : {},
  }));
  return {
    players: [
      ...arbiters,
      { name: "requester", stakes: [], roles: { requester: { collects: false } } },
      provider("provider 0", 1n, cheats),
      provider("provider 1", 2n, false),
      {
        name: "challenger",
        stakes: ["challenger"],
        roles: { challenger: {} },
        ...liar === "challenger" ? lie : {},
      },
    ],
    tasks: dice.whole(1, 2),
    farthestMs: dice.between(1, 40),
  };
}

/** Who lies, in a few words. */
export function describeCast({ players, tasks, farthestMs }: Cast): string {
  const liars = players.filter(({ liesAtStep }) => liesAtStep !== undefined)
    .map(({ name, liesAtStep }) => `${name} lies at step ${liesAtStep}`);
  return [
    `${tasks} tasks`,
    ...liars.length === 0 ? ["nobody lies"] : liars,
    `delays to ${farthestMs.toFixed(0)} ms`,
  ].join(", ");
}
