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
import { buildJob, drawJob, type JobPlan } from "../training_job.ts";

/** How the ledger finds it. */
type Reason = "provider_silent" | "wrong_wiring" | "wrong_output";

function computing(dice: Dice, change: (plan: JobPlan) => JobPlan, reason: Reason): Plan {
  const plan = drawJob(dice);
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
      "The first node that reads the data has an input whose root is not the program's: it cannot open it, and loses by silence.",
    plan: (dice) => computing(dice, (plan) => ({ ...plan, dataSeed: plan.dataSeed + 1 }), "provider_silent"),
  },
  {
    name: "wrong-batches",
    role: "provider",
    tries: "It takes the rows in another order than the task's schedule.",
    ends: "The first node that reads a batch has other indices than the ledger computes.",
    plan: (dice) =>
      computing(dice, (plan) => ({ ...plan, shuffleSeed: plan.shuffleSeed + 1n }), "provider_silent"),
  },
  {
    name: "wrong-initial-state",
    role: "provider",
    tries: "It starts from other weights than the task's, already trained ones perhaps.",
    ends: "The first node that reads the weights has an input that is not in the initial state.",
    plan: (dice) =>
      computing(dice, (plan) => ({ ...plan, weightSeed: plan.weightSeed + 1 }), "provider_silent"),
  },
  {
    name: "forged-operator",
    role: "provider",
    tries: "It computes the same graph with another constant in one operator: a learning rate of its own.",
    ends: "The ledger opens the node as the program describes it; arbiters execute that one.",
    plan: (dice) =>
      computing(dice, (plan) => ({ ...plan, learningRate: plan.learningRate * 2 }), "wrong_output"),
  },
];
