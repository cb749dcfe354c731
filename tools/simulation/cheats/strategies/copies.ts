/**
 * Providers that hand in what somebody else has computed.
 *
 * @module
 */
import { CHALLENGER, COLLATERAL, company, FIRST, REQUESTER, REWARD, SECOND } from "../company.ts";
import type { Cheat } from "../cheat.ts";
import { handingInAnothers } from "../edges/copies.ts";
import { forfeit, payment, together } from "../money.ts";
import { drawJob } from "../training_job.ts";

/** See the module. */
export const copies: readonly Cheat[] = [
  {
    name: "copied-result",
    role: "provider",
    tries:
      "It computes nothing, and hands in the result of another provider for another task of the same shape.",
    ends:
      "The result is another than its task's: it is disputed, cannot open what it never had, and loses by silence.",
    plan: (dice) => ({
      detail: "",
      players: company({ [SECOND]: { ledger: handingInAnothers } }),
      // The first provider is busy with the first job when the second is matched.
      jobs: [{ plan: drawJob(dice) }, { plan: drawJob(dice) }],
      guilty: [SECOND],
      expected: (params) => ({
        paid: [FIRST, FIRST],
        disputes: [{ guilty: "provider", reason: "provider_silent" }],
        changes: together(
          forfeit(params, { loser: SECOND, winner: CHALLENGER, amount: COLLATERAL, judges: [] }),
          payment(REWARD * 2n, REQUESTER, FIRST),
        ),
      }),
    }),
  },
];
