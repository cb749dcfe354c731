/**
 * What the parameters of a chain must satisfy for the wagers to lose, whatever task is posted; and an example of a task to weigh strategies
 * with.
 *
 * @module
 */
import { type Params, PPM } from "../state/params.ts";
import { auditPayOf, examinedSegments } from "./audit_pay.ts";
import { sampledSegments } from "./sampled_segments.ts";
import { answerCost } from "./answer_cost.ts";
import type { Circumstances } from "./strategies.ts";

/** An inequality between parameters. */
export interface Condition {
  /** The parameter to change if it does not hold: the one whose value is on the left. */
  readonly parameter: keyof Params;
  /** In plain words. */
  readonly says: string;
  /** With the numbers of the chain, in the smallest unit. */
  readonly left: bigint;
  readonly right: bigint;
  readonly holds: boolean;
}

function atLeast(parameter: keyof Params, says: string, left: bigint, right: bigint): Condition {
  return { parameter, says, left, right, holds: left >= right };
}

/** What computing costs at most, as a share of what it pays, where providers keep something of what they earn. */
const COST_OF_PAY_PPM = 500_000;

/** The inequalities, with the numbers of a chain. */
export function conditionsOf(params: Params): readonly Condition[] {
  const { proverSharePpm, challengerBond, arbiterFee, arbiterCount, appealBond } = params;
  const judges = arbiterFee * BigInt(arbiterCount);
  return [
    atLeast(
      "proverSharePpm",
      "At least half of a slash is burned, so nobody wins by proving its own fault.",
      PPM - BigInt(proverSharePpm),
      PPM / 2n,
    ),
    atLeast(
      "challengerBond",
      "Half of a challenger's bond pays all arbiters of a dispute, so judging a false challenge is paid.",
      challengerBond / 2n,
      judges,
    ),
    atLeast("challengerBond", "A false challenge costs something.", challengerBond, 1n),
    atLeast(
      "appealBond",
      "Half of an appeal's bond pays as many validators as arbiters, so an appeal in vain is paid for.",
      appealBond / 2n,
      judges,
    ),
    atLeast(
      "minArbiterStake",
      "An arbiter's stake covers the fine for its absence.",
      params.minArbiterStake,
      params.arbiterAbsencePenalty,
    ),
    atLeast(
      "arbiterAbsencePenalty",
      "Being absent costs an arbiter at least what judging pays.",
      params.arbiterAbsencePenalty,
      arbiterFee,
    ),
    atLeast(
      "wrongVerdictSlashPpm",
      "A verdict that an appeal contradicts costs at least a fee.",
      params.minArbiterStake * BigInt(params.wrongVerdictSlashPpm) / PPM,
      arbiterFee,
    ),
    atLeast(
      "minChallengerStake",
      "An auditor's stake covers what a reveal costs that a dispute overturns.",
      params.minChallengerStake,
      params.auditFaultPenalty,
    ),
    atLeast(
      "auditFaultPenalty",
      "Vouching for what is wrong costs an auditor at least what silence does.",
      params.auditFaultPenalty,
      params.auditAbsencePenalty,
    ),
    atLeast(
      "missedSlotPenalty",
      "Leaving a slot empty costs its leader more than the block's reward, so another draw of the beacon has a price.",
      params.missedSlotPenalty,
      1n,
    ),
    atLeast(
      "demandFee",
      "What is held for a demand is at least twice what the ledger space of its answer costs, so making others answer costs more than answering.",
      params.demandFee,
      2n * answerCost(params),
    ),
    atLeast(
      "demandFee",
      "A demand in vain costs a member of a committee at least what silence does, so nobody demands in order to be spared.",
      params.demandFee - answerCost(params),
      params.certifierAbsencePenalty,
    ),
    atLeast(
      "certifierAbsencePenalty",
      "Being absent costs a member of a committee at least what certifying pays.",
      params.certifierAbsencePenalty,
      params.certifierPay,
    ),
    atLeast(
      "auditFaultPenalty",
      "Certifying what it does not hold costs a member of a committee at least what silence does.",
      params.auditFaultPenalty,
      params.certifierAbsencePenalty,
    ),
    atLeast(
      "absenceSlashPpm",
      "Accepting a task and submitting nothing costs something.",
      BigInt(params.absenceSlashPpm),
      1n,
    ),
    atLeast(
      "arbiterCount",
      "A committee is odd or larger than two: one arbiter alone decides nothing.",
      BigInt(arbiterCount),
      3n,
    ),
    atLeast(
      "auditSharePpm",
      "Auditing a segment pays what computing it costs a provider that keeps half of what it earns.",
      params.auditorCount === 0 ? PPM : BigInt(params.auditSharePpm),
      BigInt(COST_OF_PAY_PPM),
    ),
  ];
}

/** The first inequality that parameters break, or `undefined`: nobody may start a chain with them, or vote for them. */
export function brokenCondition(params: Params): Condition | undefined {
  return conditionsOf(params).find(({ holds }) => !holds);
}

/** Of the example: segments of its run, and its collateral as a multiple of the reward. */
const SEGMENTS = 100, COLLATERAL_OF_PAY = 5n;

/** How many times what a lie brings the example's requester declares, for what rule 8 leaves out: collusion. */
const DECLARED = 2n;

/** A task of a usual kind, under the parameters of a chain: an undetected lie brings what the task pays. */
export function exampleOf(params: Params, pay: bigint): Circumstances {
  const collateral = pay * COLLATERAL_OF_PAY, gain = pay;
  const { proverSharePpm } = params;
  const cost = pay * BigInt(COST_OF_PAY_PPM) / PPM;
  const sampled = sampledSegments({
    segments: SEGMENTS,
    collateral,
    proverSharePpm,
    pay,
    gain: gain * DECLARED,
    asked: params.auditSegments,
  });
  const executed = examinedSegments({ segments: SEGMENTS, sampled });
  return {
    segments: SEGMENTS,
    sampled,
    auditors: params.auditorCount,
    colludingPpm: 100_000,
    slots: 0,
    collateral,
    proverSharePpm,
    pay,
    cost,
    gain,
    absenceSlashPpm: params.absenceSlashPpm,
    bond: params.challengerBond,
    auditPay: auditPayOf({ pay, segments: SEGMENTS }, params) * BigInt(executed),
    auditCost: cost * BigInt(executed) / BigInt(SEGMENTS),
    auditPenalty: params.auditAbsencePenalty,
    certifiers: params.certifierCount,
    certifierPay: params.certifierPay,
    certifierPenalty: params.auditFaultPenalty,
    demandFee: params.demandFee,
    arbiters: params.arbiterCount,
    bribedPpm: 100_000,
    arbiterStake: params.minArbiterStake,
    wrongVerdictSlashPpm: params.wrongVerdictSlashPpm,
    emptySlot: params.blockReward + params.missedSlotPenalty,
    fees: params.feePerByte * 1_000n,
  };
}
