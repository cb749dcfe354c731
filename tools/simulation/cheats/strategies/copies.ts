/**
 * Providers that hand in what somebody else has computed.
 *
 * @module
 */
import { COLLATERAL, company, FIRST, REQUESTER, REWARD, SECOND } from "../company.ts";
import type { Cheat } from "../cheat.ts";
import { handingInAnothers } from "../edges/copies.ts";
import { payment, together } from "../money.ts";
import { drawJob } from "../training_job.ts";

/** See the module. */
export const copies: readonly Cheat[] = [
  {
    name: "copied-result",
    role: "provider",
    tries:
      "It computes nothing, and hands in the result of another provider for another task of the same shape.",
    ends:
      "It cannot open what it never had: the salts of the run are another's secret. It loses by silence, and all of it burns.",
    plan: (dice) => ({
      detail: "",
      players: company({ [SECOND]: { ledger: handingInAnothers } }),
      // The first provider is busy with the first job when the second is matched.
      jobs: [{ plan: drawJob(dice) }, { plan: drawJob(dice) }],
      guilty: [SECOND],
      expected: () => ({
        paid: [FIRST, FIRST],
        disputes: [],
        changes: together(
          { [SECOND]: -COLLATERAL },
          payment(REWARD * 2n, REQUESTER, FIRST),
        ),
      }),
    }),
  },
];
