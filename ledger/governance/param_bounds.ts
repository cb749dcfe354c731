/**
 * What each parameter of a chain may be. Genesis and governance keep to the same bounds and inequalities, so that no majority can vote the
 * chain into a state from which it does not come back, or in which cheating pays.
 *
 * @module
 */
import { MAX_AUDITORS } from "../audits/mod.ts";
import { MAX_CERTIFIERS } from "../availability/mod.ts";
import { MAX_ARBITERS } from "../disputes/mod.ts";
import { brokenCondition } from "../economics/mod.ts";
import { MAX_SAMPLED } from "../ops/mod.ts";
import {
  MAX_OPEN_DISPUTES,
  MAX_PROVER_SHARE_PPM,
  MAX_RECENT_LEADERS,
  type Params,
  PPM,
} from "../state/mod.ts";

/** Name of a parameter. */
export type ParamName = keyof Params;

/** Bounds of one parameter, both included. */
export interface ParamBound {
  readonly least: bigint;
  readonly most: bigint;
  /** Why it is bounded so, as half a sentence. */
  readonly why: string;
  /** Whether genesis alone decides it. */
  readonly isFixed?: boolean;
}

/** Most assignments of a task that parameters may allow: each excludes a provider, and a task remembers 16. */
export const MAX_ATTEMPTS = 16;

/** Longest window in blocks: some months, within which people still know what they waited for. */
const LONGEST_WINDOW = 10_000_000n;

/** Largest fee, bond or stake: a thousandth of the largest genesis supply, so that no role can be priced out of existence. */
const LARGEST_AMOUNT = 1n << 52n;

/** Largest reward of a block: issuance stays below the 2^64 of an amount for more than 10^8 blocks. */
const LARGEST_BLOCK_REWARD = 100_000_000_000n;

const window = (why: string): ParamBound => ({ least: 1n, most: LONGEST_WINDOW, why });
const minimumStake: ParamBound = {
  least: 1n,
  most: LARGEST_AMOUNT,
  why: "with 0, sybils are free",
};
const amount = (why: string): ParamBound => ({ least: 0n, most: LARGEST_AMOUNT, why });
const share: ParamBound = { least: 0n, most: PPM, why: "it is a share of a whole" };

/** The bounds. */
export const PARAM_BOUNDS: Readonly<Record<ParamName, ParamBound>> = {
  epochBlocks: { ...window("the epoch of a height is counted with it"), isFixed: true },
  unbondingBlocks: { ...window("evidence, light clients and the timelock rest on it"), isFixed: true },
  feePerByte: amount("a transaction must stay affordable"),
  feePerWeight: amount("a transaction must stay affordable"),
  feeBurnPpm: share,
  blockReward: { least: 0n, most: LARGEST_BLOCK_REWARD, why: "amounts stay below 2^64" },
  minValidatorStake: minimumStake,
  minProviderStake: minimumStake,
  minChallengerStake: minimumStake,
  minArbiterStake: minimumStake,
  acceptBlocks: window("a window of no blocks cannot be met"),
  challengeBlocks: window("a window of no blocks cannot be met"),
  maxAttempts: { least: 1n, most: BigInt(MAX_ATTEMPTS), why: "a task remembers whom it excludes" },
  challengerBond: amount("a challenge must stay affordable"),
  roundBlocks: window("a window of no blocks cannot be met"),
  arbiterCount: { least: 1n, most: BigInt(MAX_ARBITERS), why: "a dispute has so many seats" },
  drawDelayBlocks: window("arbiters are drawn by a beacon not yet known"),
  arbiterCommitBlocks: window("a window of no blocks cannot be met"),
  arbiterRevealBlocks: window("a window of no blocks cannot be met"),
  arbiterFee: amount("a verdict must stay affordable"),
  arbiterAbsencePenalty: amount("an absence must stay bearable"),
  proverSharePpm: {
    least: 0n,
    most: BigInt(MAX_PROVER_SHARE_PPM),
    why: "proving one's own fault would pay",
  },
  equivocationSlashPpm: share,
  openBlocks: window("a window of no blocks cannot be met"),
  offerBlocks: window("a window of no blocks cannot be met"),
  absenceSlashPpm: share,
  appealBlocks: window("a window of no blocks cannot be met"),
  appealBond: amount("an appeal must stay affordable"),
  wrongVerdictSlashPpm: share,
  runningDisputes: {
    least: 1n,
    most: BigInt(MAX_OPEN_DISPUTES),
    why: "a result has so many places for disputes",
  },
  recordDeposit: amount("a task must stay affordable"),
  recordBlocks: window("what became of a task must be seen"),
  leastLeaders: { least: 1n, most: BigInt(MAX_RECENT_LEADERS), why: "so many leaders are remembered" },
  auditSegments: { least: 1n, most: BigInt(MAX_SAMPLED), why: "an audit opens so many segments" },
  auditorCount: { least: 0n, most: BigInt(MAX_AUDITORS), why: "an audit has so many seats" },
  auditPay: amount("a task must stay affordable"),
  auditCommitBlocks: window("a window of no blocks cannot be met"),
  auditRevealBlocks: window("a window of no blocks cannot be met"),
  auditAbsencePenalty: amount("an absence must stay bearable"),
  auditFaultPenalty: amount("a fault must stay bearable"),
  missedSlotPenalty: { least: 0n, most: LARGEST_BLOCK_REWARD, why: "bad luck must stay bearable" },
  certifierCount: { least: 0n, most: BigInt(MAX_CERTIFIERS), why: "a committee has so many seats" },
  certifyBlocks: window("a window of no blocks cannot be met"),
  certifierPay: amount("a task must stay affordable"),
  certifierAbsencePenalty: amount("an absence must stay bearable"),
  demandFee: amount("a demand must stay affordable"),
  demandBlocks: { least: 1n, most: 100_000n, why: "demands delay a result by it, one after another" },
  auditSharePpm: share,
  unitCostCap: { least: 1n << 20n, most: 1n << 40n, why: "a unit is judged within a window" },
};

/** Names of the parameters, in the order of their record. */
export const PARAM_NAMES: readonly ParamName[] = namesOf(PARAM_BOUNDS);

function namesOf<K extends string>(table: Readonly<Record<K, unknown>>): readonly K[] {
  const isName = (name: string): name is K => Object.hasOwn(table, name);
  return Object.keys(table).filter(isName);
}

/** Why a parameter may not have a value, as a sentence; `null` if it may. */
export function boundFault(name: ParamName, value: bigint): string | null {
  const { least, most, why } = PARAM_BOUNDS[name];
  if (value >= least && value <= most) return null;
  return `${name} must be in [${least}, ${most}], for ${why}: got ${value}.`;
}

/**
 * The first parameter out of its bounds, or else the first whose inequality with the others (`../economics/`) is broken, and why; `null` if all
 * may be so.
 */
export function paramsFault(params: Params): { readonly name: ParamName; readonly message: string } | null {
  for (const name of PARAM_NAMES) {
    const message = boundFault(name, BigInt(params[name]));
    if (message !== null) return { name, message };
  }
  const broken = brokenCondition(params);
  if (broken === undefined) return null;
  const { parameter: name, says, left, right } = broken;
  return { name, message: `${says} This needs ${left} >= ${right}, which does not hold: change ${name}.` };
}
