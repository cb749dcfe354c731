/**
 * The operations of availability and their rules.
 *
 * @module
 */
import { answerChunkRule } from "./answer.ts";
import { certifyResultRule } from "./certify.ts";
import { demandChunkRule } from "./demand.ts";

/** Rules by the name of their operation. */
export const availabilityRules = {
  certify_result: certifyResultRule,
  demand_chunk: demandChunkRule,
  answer_chunk: answerChunkRule,
};
