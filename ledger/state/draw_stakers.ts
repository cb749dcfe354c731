/**
 * Drawing accounts by stake, without replacement, with a beacon that nobody knew when the pool was fixed.
 *
 * @module
 */
import {
  type Address,
  bytes32,
  equalBytes,
  type Hash,
  hash,
  type Infer,
  list,
  record,
  u64,
} from "../primitives/mod.ts";
import type { BlockContext } from "./context.ts";
import { mayExecute } from "./engines.ts";
import type { Role } from "./records.ts";
import { canAct, MAX_STAKERS, stakeOf, stakersOf } from "./stakes.ts";
import type { StateReader } from "./table.ts";

/** Who can be drawn, and with what weight. */
export const Candidate = record("Candidate", { address: bytes32, stake: u64 });
/** See {@link Candidate}. */
export type Candidate = Infer<typeof Candidate>;

/** A pool as it stands in the state until its draw: stake added once the beacon can be guessed must not count. */
export const CandidatePool = list(Candidate, MAX_STAKERS);

/**
 * Accounts in good standing in a role that may execute programs of an engine, without those who are parties to the matter. PERF: walks all
 * stakers of the role.
 */
export function candidatesOf(
  state: StateReader,
  context: Pick<BlockContext, "head" | "params">,
  role: Role,
  parties: readonly Address[],
  engine: string,
): readonly Candidate[] {
  return stakersOf(state, role)
    .filter((address) => canAct(state, context, role, address) && mayExecute(state, address, engine))
    .filter((address) => !parties.some((party) => equalBytes(party, address)))
    .map((address) => ({ address, stake: stakeOf(state, role, address).amount }));
}

/** What a draw is made from: a tag for its use, the id of what it is for, and the beacon. */
export interface Draw {
  readonly tag: string;
  readonly id: Hash;
  readonly beacon: Hash;
}

/** A number in [0, below), for one seat of a draw. 256 bits over a u64 range: the bias is below 2^-190. */
export function lot({ tag, id, beacon }: Draw, seat: number, below: bigint): bigint {
  const digest = hash(tag, id, beacon, new Uint8Array([seat]));
  return digest.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n) % below;
}

/** Draws `count` accounts (at most 256) from a pool, or the whole pool if it is smaller. */
export function drawByStake(pool: readonly Candidate[], draw: Draw, count: number): readonly Address[] {
  const left = pool.filter(({ stake }) => stake > 0n);
  const drawn: Address[] = [];
  while (drawn.length < count && left.length > 0) {
    const total = left.reduce((sum, { stake }) => sum + stake, 0n);
    let at = lot(draw, drawn.length, total);
    const index = left.findIndex(({ stake }) => {
      at -= stake;
      return at < 0n;
    });
    for (const { address } of left.splice(index, 1)) drawn.push(address);
  }
  return drawn;
}
