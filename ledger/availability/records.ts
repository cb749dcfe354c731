/**
 * What the ledger remembers of a result's availability. There is one record for each result, by the task's id; a later attempt's replaces
 * it. Chunks themselves are never kept: they stand in the blocks that answered.
 *
 * @module
 */
import { bool, bytes32, type Infer, list, oneOf, record, u32, u64 } from "../primitives/mod.ts";
import { MAX_COMMITTEES } from "../economics/mod.ts";
import { MAX_SAMPLED } from "../ops/mod.ts";
import { CandidatePool, table } from "../state/mod.ts";
import { DemandedBlob } from "./places.ts";

/** Most members of a committee: with them, records of demands stay small. */
export const MAX_CERTIFIERS = 8;

/** Most demands that those who are not of the committee have open about one result, and make of it at all: bounds what they can delay. */
export const MAX_OPEN_DEMANDS = 4;
export const MAX_DEMANDS = 16;

/** Most demands of one member about one result, one at a time: who misses more than that says by them that it cannot certify. */
export const MAX_DEMANDS_OF_MEMBER = 2;

/**
 * Places for demands that are open at once: a member's stays while others are drawn, as what the requester owes may go unanswered while a dispute lasts.
 */
const MAX_OPEN = MAX_OPEN_DEMANDS + MAX_CERTIFIERS * MAX_COMMITTEES;

/** Places of a record for demands: those of strangers, and of every member that any committee of the result can have. */
const MAX_RECORDED = MAX_DEMANDS + MAX_CERTIFIERS * MAX_COMMITTEES * MAX_DEMANDS_OF_MEMBER;

/** One chunk that somebody demands. `id`: hash of the transaction that did. */
export const Demand = record("Demand", {
  id: bytes32,
  by: bytes32,
  what: DemandedBlob,
  chunk: u32,
  /** Height at whose block it counts as unanswered. */
  deadline: u64,
});
/** See {@link Demand}. */
export type Demand = Infer<typeof Demand>;

/** A demand that was answered: the chunk stands in the block of that height. */
export const AnsweredDemand = record("AnsweredDemand", {
  id: bytes32,
  by: bytes32,
  what: DemandedBlob,
  chunk: u32,
  answerer: bytes32,
  height: u64,
});
/** See {@link AnsweredDemand}. */
export type AnsweredDemand = Infer<typeof AnsweredDemand>;

/** A member of the committee. */
export const CertifierSeat = record("CertifierSeat", { member: bytes32, certified: bool });
/** See {@link CertifierSeat}. */
export type CertifierSeat = Infer<typeof CertifierSeat>;

/**
 * Where a result stands. `sealed`: its audit goes on behind closed doors; `draw`: a committee is to be drawn; `certify`: it fetches; `held`: it has
 * certified; `unheld`: no committee did; `unasked`: there is nobody who could.
 */
export const AvailabilityStage = oneOf("sealed", "draw", "certify", "held", "unheld", "unasked");
/** See {@link AvailabilityStage}. */
export type AvailabilityStage = Infer<typeof AvailabilityStage>;

/** The availability of one result. */
export const Availability = record("Availability", {
  task: bytes32,
  attempt: u32,
  provider: bytes32,
  requester: bytes32,
  stage: AvailabilityStage,
  /** Height at whose block the default of the stage fires; 0 for none. */
  deadline: u64,
  /** Height until which clocks wait for demanded chunks. */
  holdUntil: u64,
  /** Blocks that the provider took for the run: a result that took long may be large. */
  taken: u32,
  /** Segments whose states were opened for the audit, and can be demanded before everything is. */
  opened: list(u32, MAX_SAMPLED),
  draws: u32,
  seats: list(CertifierSeat, MAX_CERTIFIERS),
  /** Who has certified in any committee: paid and answerable for it also when not drawn again. */
  certified: list(bytes32, MAX_CERTIFIERS * MAX_COMMITTEES),
  /** Held for each demand, open or answered, until the result's end; 0 afterwards. */
  fee: u64,
  demands: list(Demand, MAX_OPEN),
  answered: list(AnsweredDemand, MAX_RECORDED),
});
/** See {@link Availability}. */
export type Availability = Infer<typeof Availability>;

/** Records by task. */
export const availabilities = table(90, "availabilities", (task: Uint8Array) => task, Availability);

/** Who may be drawn, by task, as it was when the result was opened, without those who were silent. Deleted when no more are drawn. */
export const certifierPools = table(91, "certifier pools", (task: Uint8Array) => task, CandidatePool);

/** What is held for demands. */
export function feesHeldBy({ fee, demands, answered }: Availability): bigint {
  return fee * BigInt(demands.length + answered.length);
}
