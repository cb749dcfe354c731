/**
 * Who led lately. Deadlines count final blocks; but a leader whose blocks follow one another could leave an honest answer out of all of
 * them. So a deadline also waits for blocks of several leaders, for a bounded number of blocks.
 *
 * @module
 */
import { type Address, bytes32, equalBytes, list, record, u64 } from "../primitives/mod.ts";
import type { Params } from "./params.ts";
import { type StateReader, type StateWriter, table } from "./table.ts";

/** Leaders remembered, the latest: as many as a deadline may wait for. */
export const MAX_RECENT_LEADERS = 16;

const RecentLeader = record("RecentLeader", { address: bytes32, height: u64 });

const recentLeaders = table(
  26,
  "recent leaders",
  (_: null) => new Uint8Array(),
  list(RecentLeader, MAX_RECENT_LEADERS),
);

/** Notes who made a block. A chain whose deadlines wait for nobody in particular keeps no such list. */
export function noteLeader(
  state: StateWriter,
  { leastLeaders }: Pick<Params, "leastLeaders">,
  height: bigint,
  address: Address,
): void {
  if (leastLeaders <= 1) return;
  const others = (recentLeaders.get(state, null) ?? []).filter((each) => !equalBytes(each.address, address));
  recentLeaders.put(state, null, [...others, { address, height }].slice(-MAX_RECENT_LEADERS));
}

/** How many different leaders made the blocks after a height. */
export function leadersSince(state: StateReader, height: bigint): number {
  return (recentLeaders.get(state, null) ?? []).filter((each) => each.height > height).length;
}
