/**
 * Providers that say nothing where they must speak: after accepting a task, or at each stage of a dispute that they would lose.
 *
 * @module
 */
import { claimOfFault } from "../../../../executor/run/mod.ts";
import type { Operation } from "../../../../ledger/mod.ts";
import type { Cheat } from "../cheat.ts";
import { CHALLENGER, COLLATERAL, company, FIRST, REQUESTER, REWARD, SECOND } from "../company.ts";
import { silentOn } from "../edges/operations.ts";
import { absence, forfeit, payment, together } from "../money.ts";
import { drawJob, TRAINING_STEPS } from "../training_job.ts";

/** A provider that lied and does not answer with one of these operations. */
function silentLiar(name: string, when: string, ...kinds: readonly Operation["kind"][]): Cheat {
  return {
    name,
    role: "provider",
    tries: `It has lied, is disputed, and says nothing ${when}.`,
    ends:
      "Silence loses: its collateral is slashed when its window ends, and an honest provider does the task.",
    plan(dice) {
      const step = dice.whole(0, TRAINING_STEPS - 1);
      return {
        detail: `lies at step ${step}`,
        players: company({
          [FIRST]: { claim: () => claimOfFault({ phase: 0, step, tensor: 0 }), ledger: silentOn(...kinds) },
        }),
        jobs: [{ plan: drawJob(dice) }],
        guilty: [FIRST],
        expected: (params) => ({
          paid: [SECOND],
          disputes: [{ guilty: "provider", reason: "provider_silent" }],
          changes: together(
            forfeit(params, { loser: FIRST, winner: CHALLENGER, amount: COLLATERAL, judges: [] }),
            payment(REWARD, REQUESTER, SECOND),
          ),
        }),
      };
    },
  };
}

/** See the module. */
export const silences: readonly Cheat[] = [
  {
    name: "silent-after-accepting",
    role: "provider",
    tries: "It accepts a task and never hands anything in, to keep others from doing it.",
    ends: "When its window ends a share of its collateral is burned, and an honest provider does the task.",
    plan: (dice) => ({
      detail: "",
      players: company({ [FIRST]: { ledger: silentOn("submit_result") } }),
      jobs: [{ plan: drawJob(dice) }],
      guilty: [FIRST],
      expected: (params) => ({
        paid: [SECOND],
        disputes: [],
        changes: together(absence(params, FIRST, COLLATERAL), payment(REWARD, REQUESTER, SECOND)),
      }),
    }),
  },
  silentLiar("silent-at-split", "when it must open a range into its parts", "dispute_split"),
  silentLiar("silent-at-segment", "when it must open the disputed segment", "dispute_bind_segment"),
  silentLiar("silent-at-step", "when it must open the disputed step", "dispute_bind_step"),
  silentLiar("silent-at-node", "when it must open the disputed node", "dispute_open_node"),
];
