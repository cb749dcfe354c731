/**
 * Drawing arbiters: by stake, without replacement, with a beacon that nobody knew when the pool was fixed.
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
import {
  type BlockContext,
  canAct,
  MAX_STAKERS,
  stakeOf,
  stakersOf,
  type StateReader,
  table,
} from "../state/mod.ts";
import type { Dispute } from "./records.ts";

/** Who can be drawn, and with what weight. */
export const Candidate = record("Candidate", { address: bytes32, stake: u64 });
/** See {@link Candidate}. */
export type Candidate = Infer<typeof Candidate>;

/** Pools by dispute id, from the end of the opening to the draw: stake added once the beacon can be guessed must not count. */
export const arbiterPools = table(43, "arbiterPools", (id: Uint8Array) => id, list(Candidate, MAX_STAKERS));

/** The arbiters that may judge a dispute: those in good standing who are not a party to it. PERF: walks all arbiters. */
export function arbiterPool(
  state: StateReader,
  context: BlockContext,
  { requester, provider, challenger }: Pick<Dispute, "requester" | "provider" | "challenger">,
): readonly Candidate[] {
  const parties = [requester, provider, challenger];
  return stakersOf(state, "arbiter")
    .filter((address) => canAct(state, context, "arbiter", address))
    .filter((address) => !parties.some((party) => equalBytes(party, address)))
    .map((address) => ({ address, stake: stakeOf(state, "arbiter", address).amount }));
}

/** A number in [0, below) from the beacon, for one seat of one dispute. 256 bits over a u64 range: the bias is below 2^-190. */
function lot(dispute: Hash, beacon: Hash, seat: number, below: bigint): bigint {
  const digest = hash("assay/arbiters", dispute, beacon, new Uint8Array([seat]));
  return digest.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n) % below;
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
  const left = pool.filter(({ stake }) => stake > 0n);
  const drawn: Address[] = [];
  while (drawn.length < count && left.length > 0) {
    const total = left.reduce((sum, { stake }) => sum + stake, 0n);
    let at = lot(dispute, beacon, drawn.length, total);
    const index = left.findIndex(({ stake }) => {
      at -= stake;
      return at < 0n;
    });
    for (const { address } of left.splice(index, 1)) drawn.push(address);
  }
  return drawn;
}
