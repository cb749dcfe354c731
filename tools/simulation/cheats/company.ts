/**
 * The company that plays every strategy: three who validate and judge, a requester, two providers of whom the first asks less and is
 * matched first, and a challenger. A strategy replaces some of them by others of the same name who are not honest.
 *
 * @module
 */
import { UNITS_PER_TOKEN } from "../../../ledger/mod.ts";
import type { Player } from "../market/cast.ts";
import type { Twist } from "../market/twist.ts";

/** Names of the company. */
export const JUDGES = ["arbiter 0", "arbiter 1", "arbiter 2"] as const;
export const REQUESTER = "requester", FIRST = "provider 0", SECOND = "provider 1", CHALLENGER = "challenger";

/** What one job is worth, and what its provider locks. */
export const REWARD = 20n * UNITS_PER_TOKEN, COLLATERAL = 100n * UNITS_PER_TOKEN;

function provider(name: string, price: bigint): Player {
  const policy = { memoryMiB: 64, minReward: price * UNITS_PER_TOKEN, slots: 1 };
  return { name, stakes: ["provider"], roles: { provider: policy } };
}

/** One who checks results. */
export function challenger(name: string): Player {
  return { name, stakes: ["challenger"], roles: { challenger: {} } };
}

const HONEST: readonly Player[] = [
  ...JUDGES.map((name): Player => ({ name, stakes: ["validator", "arbiter"], roles: { arbiter: {} } })),
  { name: REQUESTER, stakes: [], roles: { requester: { collects: false } } },
  provider(FIRST, 1n),
  provider(SECOND, 2n),
  challenger(CHALLENGER),
];

/**
 * The company, with some who are not honest.
 *
 * @param twists By name: how those who cheat depart from honesty.
 * @param more Others who take part.
 */
export function company(
  twists: Readonly<Record<string, Twist>>,
  more: readonly Player[] = [],
): readonly Player[] {
  return [...HONEST, ...more].map((player) => {
    const twist = twists[player.name];
    return twist === undefined ? player : { ...player, twist };
  });
}

/** The company with a challenger that checks nothing which it is not drawn for. */
export function withoutVolunteers(players: readonly Player[]): readonly Player[] {
  return players.map((player) =>
    player.name === CHALLENGER ? { ...player, roles: { challenger: { checks: () => false } } } : player
  );
}
