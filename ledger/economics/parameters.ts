/**
 * What the parameters of a chain must satisfy for the wagers to lose, whatever task is posted; and an example of a task to weigh strategies
 * with.
 *
 * @module
 */
import { type Params, PPM } from "../state/params.ts";
import { sampledSegments } from "./sampled_segments.ts";
import { answerCost } from "./answer_cost.ts";
import type { Circumstances } from "./strategies.ts";

/** An inequality between parameters. */
export interface Condition {
  /** In plain words. */
  readonly says: string;
  /** With the numbers of the chain, in the smallest unit. */
  readonly left: bigint;
  readonly right: bigint;
  readonly holds: boolean;
}

function atLeast(says: string, left: bigint, right: bigint): Condition {
  return { says, left, right, holds: left >= right };
}

/** The inequalities, with the numbers of a chain. */
export function conditionsOf(params: Params): readonly Condition[] {
  const { proverSharePpm, challengerBond, arbiterFee, arbiterCount, appealBond } = params;
  const judges = arbiterFee * BigInt(arbiterCount);
  return [
    atLeast(
      "At least half of a slash is burned, so nobody wins by proving its own fault.",
      PPM - BigInt(proverSharePpm),
      PPM / 2n,
    ),
    atLeast(
      "Half of a challenger's bond pays all arbiters of a dispute, so judging a false challenge is paid.",
      challengerBond / 2n,
      judges,
    ),
    atLeast("A false challenge costs something.", challengerBond, 1n),
    atLeast(
      "Half of an appeal's bond pays as many validators as arbiters, so an appeal in vain is paid for.",
      appealBond / 2n,
      judges,
    ),
    atLeast(
      "An arbiter's stake covers the fine for its absence.",
      params.minArbiterStake,
      params.arbiterAbsencePenalty,
    ),
    atLeast(
      "Being absent costs an arbiter at least what judging pays.",
      params.arbiterAbsencePenalty,
      arbiterFee,
    ),
    atLeast(
      "A verdict that an appeal contradicts costs at least a fee.",
      params.minArbiterStake * BigInt(params.wrongVerdictSlashPpm) / PPM,
      arbiterFee,
    ),
    atLeast(
      "An auditor's stake covers what a reveal costs that a dispute overturns.",
      params.minChallengerStake,
      params.auditFaultPenalty,
    ),
    atLeast(
      "Vouching for what is wrong costs an auditor at least what silence does.",
      params.auditFaultPenalty,
      params.auditAbsencePenalty,
    ),
    atLeast(
      "Leaving a slot empty costs its leader more than the block's reward, so another draw of the beacon has a price.",
      params.missedSlotPenalty,
      1n,
    ),
    atLeast(
      "What is held for a demand is at least twice what the ledger space of its answer costs, so making others answer costs more than answering.",
      params.demandFee,
      2n * answerCost(params),
    ),
    atLeast(
      "A demand in vain costs a member of a committee at least what silence does, so nobody demands in order to be spared.",
      params.demandFee - answerCost(params),
      params.certifierAbsencePenalty,
    ),
    atLeast(
      "Being absent costs a member of a committee at least what certifying pays.",
      params.certifierAbsencePenalty,
      params.certifierPay,
    ),
    atLeast("Accepting a task and submitting nothing costs something.", BigInt(params.absenceSlashPpm), 1n),
    atLeast(
      "A committee is odd or larger than two: one arbiter alone decides nothing.",
      BigInt(arbiterCount),
      3n,
    ),
  ];
}

/** Of the example: segments of its run, and its collateral as a multiple of the reward. */
const SEGMENTS = 100, COLLATERAL_OF_PAY = 5n;

/** How many times what a lie brings the example's requester declares, for what rule 8 leaves out: collusion. */
const DECLARED = 2n;

/** A task of a usual kind, under the parameters of a chain: an undetected lie brings what the task pays. */
export function exampleOf(params: Params, pay: bigint): Circumstances {
  const collateral = pay * COLLATERAL_OF_PAY, gain = pay;
  const { proverSharePpm } = params;
  return {
    segments: SEGMENTS,
    sampled: sampledSegments({
      segments: SEGMENTS,
      collateral,
      proverSharePpm,
      pay,
      gain: gain * DECLARED,
      asked: 1,
    }),
    auditors: 2,
    colludingPpm: 100_000,
    slots: 0,
    collateral,
    proverSharePpm,
    pay,
    cost: pay / 2n,
    gain,
    absenceSlashPpm: params.absenceSlashPpm,
    bond: params.challengerBond,
    auditPay: pay / 20n,
    auditCost: pay / 40n,
    auditPenalty: params.auditAbsencePenalty,
    arbiters: params.arbiterCount,
    bribedPpm: 100_000,
    arbiterStake: params.minArbiterStake,
    wrongVerdictSlashPpm: params.wrongVerdictSlashPpm,
    emptySlot: params.blockReward + params.missedSlotPenalty,
    fees: params.feePerByte * 1_000n,
  };
}
