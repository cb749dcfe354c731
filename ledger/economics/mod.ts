/**
 * Economics: why nobody gains by cheating, in one place. For every way to cheat the chance of being caught, what is gained by it on
 * average, and what that demands of stakes and parameters.
 *
 * | symbol | what it is |
 * | --- | --- |
 * | n, k, w | segments of a run, how many are sampled, how many in a row are wrong |
 * | L, rho | collateral, share of a slash that goes to the prover: who proves its own fault loses `(1 - rho) L` |
 * | G | what an undetected lie brings, as the requester declares it |
 * | m, beta | drawn auditors, share of the stake they are drawn by that colludes with the provider |
 * | b, q, r | seats of a committee that certifies, chance that more than two thirds of them are bought, that the others are fewer than that |
 * | t | slots at the end before the beacon that draws, held by one party: it has up to `2^t` draws |
 * | s, e | what an empty slot costs its leader (the block's reward and the penalty), slots left empty on average |
 * | c | chance of being caught |
 *
 * **Rule 8**, which admission enforces: `(1 - rho) L >= max(pay, G (n/k - 1))`, else everything is opened (`sampled_segments.ts`). It leaves out the
 * bias of the beacon and collusion, which `detection.ts` puts in: with `d = 2^t` a lie about one segment is caught with the chance
 * `c = (k/n)^d (1 - beta^m) + ((2k/n)^d - (k/n)^d) (1 - (1 - (1 - beta)/k)^m)`, and is deterred if `(1 - rho) L c + e s >= G (1 - c)`. The second term is that of
 * auditors' own segments, about `m/n` for few of them: rule 8 leaves it out as well, and so errs on the safe side. So `k` from rule 8 is enough for
 * `t = 0` and `beta = 0`, and whoever fears more declares a larger gain.
 *
 * **Audit pay** follows the cost of what an auditor does (`audit_pay.ts`). What must hold between parameters whatever task is posted is in
 * `parameters.ts`: a chain whose parameters break one of these inequalities does not start, and no vote leads to such a one.
 *
 * Integers and exact fractions only, and pure. It knows of the parameters' record and of nothing else in the state, so that any rule may
 * ask it.
 *
 * Read `sampled_segments.ts`, `audit_pay.ts`, `answer_cost.ts`, `chance.ts`, `detection.ts`, `strategies.ts`, `parameters.ts`.
 *
 * @module
 */
export { ANSWER_WEIGHT, answerCost } from "./answer_cost.ts";
export { ALWAYS, type Chance, inPpm, NEVER, onAverage } from "./chance.ts";
export {
  allCollude,
  type AuditTerms,
  blockingMembers,
  falselyHeld,
  falselyUnheld,
  found,
  majorityBribed,
  MAX_COMMITTEES,
  missed,
  ownMissed,
  slotsGivenUp,
  withDraws,
} from "./detection.ts";
export { auditPayOf, examinedSegments } from "./audit_pay.ts";
export { brokenCondition, type Condition, conditionsOf, exampleOf } from "./parameters.ts";
export { netLoss, sampledSegments, type SamplingTerms } from "./sampled_segments.ts";
export {
  type Circumstances,
  expectedGain,
  isDeterred,
  strategies,
  type Strategy,
  type Wager,
} from "./strategies.ts";
