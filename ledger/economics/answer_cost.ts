/**
 * What it costs to show a chunk on the ledger: the measure of what demanding one must cost.
 *
 * @module
 */
import type { Params } from "../state/params.ts";

/** Weight of an answer: the ledger hashes 64 KiB. */
export const ANSWER_WEIGHT = 20n;

/** Bytes of an answer: the chunk, and proofs of at most 64 hashes each. */
const ANSWER_BYTES = 70_000n;

/** What the ledger space of an answer costs: an answerer gets it back from the fee of the demand, as far as that goes. */
export function answerCost(
  { feePerByte, feePerWeight, demandFee }: Pick<Params, "feePerByte" | "feePerWeight" | "demandFee">,
): bigint {
  const cost = feePerByte * ANSWER_BYTES + feePerWeight * ANSWER_WEIGHT;
  return cost < demandFee ? cost : demandFee;
}
