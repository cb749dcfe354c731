/**
 * Every way to cheat as a wager: with what chance it is caught, what it brings if it is not, what it costs if it is. A strategy is deterred
 * if the wager loses on average.
 *
 * Common assumptions: of the drawn auditors one does not collude, but for the chance `beta^m`; more than two thirds of validator stake is honest,
 * so that an appeal finds the truth; a party that was wronged appeals, as its bond returns; who is slashed may be its own prover, so of a
 * collateral only `(1 - rho) L` counts as lost. Voluntary challengers are left out: they only add to the chance of being caught.
 *
 * @module
 */
import { ALWAYS, type Chance, NEVER, not, onAverage } from "./chance.ts";
import {
  allCollude,
  type AuditTerms,
  blockingMembers,
  falselyHeld,
  falselyUnheld,
  found,
  majorityBribed,
  missed,
  slotsGivenUp,
} from "./detection.ts";
import { netLoss } from "./sampled_segments.ts";

/** The circumstances that a strategy is weighed in. Amounts are in the smallest unit. */
export interface Circumstances extends AuditTerms {
  /** Locked by the provider; share of a slash that goes to the prover. */
  readonly collateral: bigint;
  readonly proverSharePpm: number;
  /** Paid for the task; what computing it honestly costs the provider; what an undetected lie brings (declared by the requester). */
  readonly pay: bigint;
  readonly cost: bigint;
  readonly gain: bigint;
  /** Burned, of the collateral, when nothing is submitted. */
  readonly absenceSlashPpm: number;
  /** A challenger's bond. */
  readonly bond: bigint;
  /** Paid to an auditor for a result; what executing its sample costs; what a fault costs it. */
  readonly auditPay: bigint;
  readonly auditCost: bigint;
  readonly auditPenalty: bigint;
  /** Seats of a committee that certifies a result; what it pays each; what certifying costs it that nobody can have. */
  readonly certifiers: number;
  readonly certifierPay: bigint;
  readonly certifierPenalty: bigint;
  /** Held for the demand of a chunk. */
  readonly demandFee: bigint;
  /** Arbiters of a dispute; share of arbiter stake that can be bribed; stake of each, and what of it a contradicted verdict costs. */
  readonly arbiters: number;
  readonly bribedPpm: number;
  readonly arbiterStake: bigint;
  readonly wrongVerdictSlashPpm: number;
  /** What a slot that it leaves empty costs a leader: the reward of its block, and the penalty of a missed slot. */
  readonly emptySlot: bigint;
  /** Fees of posting a task. */
  readonly fees: bigint;
}

/** A strategy under circumstances. */
export interface Wager {
  readonly caught: Chance;
  /** If it is not caught, and what is lost if it is; both compared with being honest. */
  readonly wins: bigint;
  readonly loses: bigint;
}

/** One way to cheat. */
export interface Strategy {
  readonly name: string;
  /** The chance of being caught, and the condition, as formulas. */
  readonly chance: string;
  readonly condition: string;
  /** What it rests on besides the common assumptions. */
  readonly assumes: string;
  wager(circumstances: Circumstances): Wager;
}

const MILLION = 1_000_000n;

/** What a strategy brings on average; at most 0 where it is deterred. */
export function expectedGain({ caught, wins, loses }: Wager): bigint {
  return onAverage(wins, not(caught)) - onAverage(loses, caught);
}

/** Whether a wager does not pay: exactly, nothing rounded. */
export function isDeterred({ caught, wins, loses }: Wager): boolean {
  return not(caught).numerator * wins <= caught.numerator * loses;
}

/** A lie about so many segments in a row. Who is caught is not paid, and has spent `spent` of the honest cost. */
function lie(circumstances: Circumstances, wrong: number): Wager {
  const { collateral, proverSharePpm, gain, segments, sampled, slots, emptySlot } = circumstances;
  // What the draws cost is spent before it is known whether anybody finds the lie. To avoid own segments as well costs it more.
  const spent = onAverage(emptySlot, slotsGivenUp(missed(segments, sampled, wrong), slots));
  return {
    caught: found(circumstances, wrong),
    wins: gain - spent,
    loses: netLoss(collateral, proverSharePpm) + spent,
  };
}

const RULE_8 = "(1 - rho) L c + e s >= G (1 - c)";
const ONE = "c = (k/n)^d (1 - beta^m) + ((2k/n)^d - (k/n)^d) (1 - (1 - (1-beta)/k)^m), d = 2^t";

/** See the module. */
export const strategies: readonly Strategy[] = [
  {
    name: "skip steps",
    chance: ONE,
    condition: RULE_8,
    assumes: "one segment is wrong, the least that a lie needs",
    wager: (given) => lie(given, 1),
  },
  {
    name: "stale weights",
    chance: ONE,
    condition: RULE_8,
    assumes: "the segments after it are honest work on a wrong state, so one segment is wrong",
    wager: (given) => lie(given, 1),
  },
  {
    name: "fewer bits",
    chance: "c = 1 - beta^m",
    condition: RULE_8,
    assumes: "every segment is wrong: any sample finds it",
    wager: (given) => lie(given, given.segments),
  },
  {
    name: "other data",
    chance: "c = 1 - beta^m",
    condition: RULE_8,
    assumes: "every segment is wrong",
    wager: (given) => lie(given, given.segments),
  },
  {
    name: "early stop",
    chance:
      "c = p(w)^d (1 - beta^m) + (p(w+1)^d - p(w)^d) (1 - (1 - (1-beta)/k)^m), p(w) = 1 - C(n-w-k+1, k) (n-k) / (n C(n-k, k)), d = 2^t",
    condition: RULE_8,
    assumes: "the last half of the segments is wrong: w = n/2, rounded up",
    wager: (given) => lie(given, Math.ceil(given.segments / 2)),
  },
  {
    name: "copied result",
    chance: "c = 1",
    condition: "(1 - rho) L >= 0",
    assumes: "leaves are salted and named: who copied a root cannot open it",
    wager: (given) => ({ ...lie(given, given.segments), caught: ALWAYS, wins: given.cost }),
  },
  {
    name: "wrong metric",
    chance: ONE,
    condition: RULE_8,
    assumes: "the metric is the output of one segment, sampled like any other",
    wager: (given) => lie(given, 1),
  },
  {
    name: "withheld openings",
    chance: "c = 1",
    condition: "L >= 0",
    assumes:
      "who does not open, or show a chunk that is demanded, loses all its collateral, as for fraud, and nobody proves it; " +
      "who serves nobody and shows what it is forced to is not certified, so not paid, and has spent the cost of the run",
    wager: ({ collateral, gain }) => ({ caught: ALWAYS, wins: gain, loses: collateral }),
  },
  {
    name: "bribed committee",
    chance: "c = (1 - q)^3, q = P(more than two thirds of b are bought)",
    condition: "pay c >= G (1 - c)",
    assumes:
      "a provider serves its outputs to nobody and shows but the chunks that it is forced to; a share beta of challenger stake can be bought to certify " +
      "them. A result that is not held is not paid, and nobody is slashed for it, as withholding and false complaints look alike",
    wager: ({ certifiers, colludingPpm, pay, gain }) => ({
      caught: not(falselyHeld(certifiers, colludingPpm)),
      wins: gain,
      loses: pay,
    }),
  },
  {
    name: "false complaints",
    chance: "c = 1 - r^2, r = P(of b seats so many are bought that the rest is no quorum)",
    condition: "fees of their demands x c >= pay (1 - c)",
    assumes:
      "a requester has the outputs, and buys members to say that they cannot fetch them, so that it is refunded; they try it when the first committee has enough " +
      "of them, and each demands a chunk, or it would be fined; fees of demands are spent if the result stands; committees are drawn from many more " +
      "than they seat, and a share beta of challenger stake can be bought",
    wager: ({ certifiers, colludingPpm, pay, demandFee }) => ({
      caught: not(falselyUnheld(certifiers, colludingPpm)),
      wins: pay,
      loses: demandFee * BigInt(blockingMembers(certifiers)),
    }),
  },
  {
    name: "unread certificate",
    chance: "c = 1",
    condition: "penalty of a fault >= 0",
    assumes:
      "somebody demands a chunk of what it certified, and the provider does not show it; where the provider does, the certificate has harmed nobody; " +
      "fetching costs at most what certifying pays",
    wager: ({ certifierPay, certifierPenalty }) => ({
      caught: ALWAYS,
      wins: certifierPay,
      loses: certifierPenalty,
    }),
  },
  {
    name: "lazy audit",
    chance: "c = 1",
    condition: "audit pay + penalty >= cost of auditing",
    assumes:
      "a commitment is to roots that only execution gives, that of its own segment too; guessing one has the chance 2^-256",
    wager: ({ auditPay, auditCost, auditPenalty }) => ({
      caught: ALWAYS,
      wins: auditCost,
      loses: auditPay + auditPenalty - auditCost,
    }),
  },
  {
    name: "copied audit",
    chance: "c = 1",
    condition: "audit pay + penalty >= cost of auditing",
    assumes: "a commitment names its author, so a copied one cannot be revealed",
    wager: ({ auditPay, auditCost, auditPenalty }) => ({
      caught: ALWAYS,
      wins: auditCost,
      loses: auditPay + auditPenalty - auditCost,
    }),
  },
  {
    name: "false challenge",
    chance: "c = 1",
    condition: "bond > 0",
    assumes: "arbiters, or validators on appeal, confirm what is right",
    wager: ({ bond }) => ({ caught: ALWAYS, wins: 0n, loses: bond }),
  },
  {
    name: "colluding auditors",
    chance: "c = 1 - beta^m",
    condition: "((1 - rho) L + penalties) (1 - beta^m) >= G beta^m",
    assumes:
      "everything is sampled; those who are drawn and collude vouch for the lie, and one who is honest disputes it",
    wager: (given) => ({
      caught: not(allCollude(given)),
      wins: given.gain,
      loses: netLoss(given.collateral, given.proverSharePpm),
    }),
  },
  {
    name: "bribed arbiter",
    chance: "c = 1 - 0: the appeal",
    condition: "majority x stake x slash > 0",
    assumes:
      "the party that the verdict wronged appeals; the bribe is paid for a verdict that does not stand",
    wager: ({ arbiters, arbiterStake, wrongVerdictSlashPpm, collateral }) => ({
      caught: ALWAYS,
      wins: collateral,
      loses: BigInt(Math.floor(arbiters / 2) + 1) * arbiterStake * BigInt(wrongVerdictSlashPpm) / MILLION,
    }),
  },
  {
    name: "bribed arbiter, no appeal",
    chance: "c = 1 - P(majority of the drawn is bribed)",
    condition: "(1 - rho) L c >= L (1 - c)",
    assumes: "nobody appeals: what the appeal is there for",
    wager: ({ arbiters, bribedPpm, collateral, proverSharePpm }) => ({
      caught: not(majorityBribed(arbiters, bribedPpm)),
      wins: collateral,
      loses: netLoss(collateral, proverSharePpm),
    }),
  },
  {
    name: "silent party",
    chance: "c = 1",
    condition: "absence share x L > 0, bond > 0",
    assumes:
      "the cheapest silence: to accept a task and submit nothing, which keeps others from it for a window",
    wager: ({ collateral, absenceSlashPpm }) => ({
      caught: ALWAYS,
      wins: 0n,
      loses: collateral * BigInt(absenceSlashPpm) / MILLION,
    }),
  },
  {
    name: "griefing requester",
    chance: "c = 0",
    condition: "fees > 0",
    assumes:
      "nothing of a slash ever goes to a requester, so there is nothing to win, and fees are lost; that the honest lose nothing either " +
      "is the provider's own care: it rehearses a program before it accepts, and declines a window that is too short",
    wager: ({ fees }) => ({ caught: NEVER, wins: -fees, loses: 0n }),
  },
];
