/**
 * Providers that compute something else than the program: with other data, in another order, from another state, with another operator. What
 * differs first is a node that reads what the program fixes; the ledger knows its roots.
 *
 * @module
 */
import type { Dice } from "../../random.ts";
import type { Cheat, Plan } from "../cheat.ts";
import { CHALLENGER, COLLATERAL, company, FIRST, JUDGES, REQUESTER, REWARD, SECOND } from "../company.ts";
import { computingAnother } from "../edges/other_program.ts";
import { forfeit, payment, together } from "../money.ts";
import { buildJob, drawJob, type JobPlan, MANY_EXAM_ROWS } from "../training_job.ts";

/** How it is found: by the ledger from openings, or by arbiters who recompute a node. */
type Reason = "provider_silent" | "wrong_wiring" | "wrong_output";

function computing(
  dice: Dice,
  change: (plan: JobPlan) => JobPlan,
  reason: Reason,
  plan: JobPlan = drawJob(dice),
): Plan {
  const changed = change(plan);
  const judges = reason === "wrong_output" ? JUDGES : [];
  return {
    detail: "",
    players: company({
      [FIRST]: { executor: (own) => computingAnother(own, (engine) => buildJob(changed, engine)) },
    }),
    jobs: [{ plan }],
    guilty: [FIRST],
    expected: (params) => ({
      paid: [SECOND],
      disputes: [{ guilty: "provider", reason }],
      changes: together(
        forfeit(params, { loser: FIRST, winner: CHALLENGER, amount: COLLATERAL, judges }),
        payment(REWARD, REQUESTER, SECOND),
      ),
    }),
  };
}

/** See the module. */
export const otherPrograms: readonly Cheat[] = [
  {
    name: "other-data",
    role: "provider",
    tries: "It trains on other data than the task names.",
    ends:
      "The first node that reads the data has an input whose root is not the program's: it loses as soon as that is opened.",
    plan: (dice) => computing(dice, (plan) => ({ ...plan, dataSeed: plan.dataSeed + 1 }), "wrong_wiring"),
  },
  {
    name: "wrong-batches",
    role: "provider",
    tries: "It takes the rows in another order than the task's schedule.",
    ends: "The first node that reads a batch has other indices than the ledger computes.",
    plan: (dice) =>
      computing(dice, (plan) => ({ ...plan, shuffleSeed: plan.shuffleSeed + 1n }), "wrong_wiring"),
  },
  {
    name: "wrong-initial-state",
    role: "provider",
    tries: "It starts from other weights than the task's, already trained ones perhaps.",
    ends:
      "It cannot show its weights in the initial state when it must bind the first step, and loses by silence.",
    plan: (dice) =>
      computing(dice, (plan) => ({ ...plan, weightSeed: plan.weightSeed + 1 }), "provider_silent"),
  },
  {
    name: "forged-operator",
    role: "provider",
    tries: "It computes the same graph with another constant in one operator: a learning rate of its own.",
    ends: "The node as the program describes it has that constant for an input: opened, it is another.",
    plan: (dice) =>
      computing(dice, (plan) => ({ ...plan, learningRate: plan.learningRate * 2 }), "wrong_wiring"),
  },
  {
    name: "wrong-dropout-mask",
    role: "provider",
    tries: "It drops other elements in training than the task's seed says.",
    ends:
      "Which elements are dropped depends on seed, step and place alone: arbiters recompute the one node that drops them.",
    plan(dice) {
      const dropoutSeed = BigInt(dice.whole(1, 1_000_000));
      const plan = { ...drawJob(dice), dropoutSeed };
      return computing(dice, () => ({ ...plan, dropoutSeed: dropoutSeed + 1n }), "wrong_output", plan);
    },
  },
  {
    name: "other-exam",
    role: "provider",
    tries: "It trains as it should, and examines the model by answers of its own.",
    ends:
      "An examination is a run like any other: the first node that reads those answers is wired to other data.",
    plan(dice) {
      const plan = { ...drawJob(dice), examRows: MANY_EXAM_ROWS };
      return computing(dice, () => ({ ...plan, examFlipped: true }), "wrong_wiring", plan);
    },
  },
];
