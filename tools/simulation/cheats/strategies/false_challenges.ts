/**
 * Challengers that do not keep to the rules: they accuse the honest, fall silent, or play both sides.
 *
 * @module
 */
import { claimOfFault } from "../../../../executor/run/mod.ts";
import type { Params } from "../../../../ledger/mod.ts";
import type { Player } from "../../market/cast.ts";
import type { Changes, Cheat } from "../cheat.ts";
import {
  CHALLENGER,
  challenger,
  COLLATERAL,
  company,
  FIRST,
  JUDGES,
  REQUESTER,
  REWARD,
  SECOND,
} from "../company.ts";
import { silentOn } from "../edges/operations.ts";
import { afterAnother, challengeBlindly, openAndLeave } from "../edges/rogues.ts";
import { forfeit, payment, together } from "../money.ts";
import { drawJob, TRAINING_STEPS } from "../training_job.ts";

/** A challenger that is no actor of ours: it does what its strategy says. */
const ROGUE = "rogue challenger";
const rogue: Player = { name: ROGUE, stakes: ["challenger"], roles: {} };

function lostBond(
  params: Params,
  judges: readonly string[],
  loser: string = CHALLENGER,
  winner: string = FIRST,
): Changes {
  return forfeit(params, { loser, winner, amount: params.challengerBond, judges });
}

/** See the module. */
export const falseChallenges: readonly Cheat[] = [
  {
    name: "false-challenge",
    role: "challenger",
    tries: "It disputes an honest result with a computation of its own that is wrong.",
    ends:
      "Arbiters confirm the provider: the bond pays them and the provider, who is also paid for the task.",
    plan(dice) {
      const step = dice.whole(0, TRAINING_STEPS - 1);
      return {
        detail: `wrong at step ${step}`,
        players: company({ [CHALLENGER]: { claim: () => claimOfFault({ phase: 0, step, tensor: 0 }) } }),
        jobs: [{ plan: drawJob(dice) }],
        guilty: [CHALLENGER],
        expected: (params) => ({
          paid: [FIRST],
          disputes: [{ guilty: "challenger", reason: "output_confirmed" }],
          changes: together(lostBond(params, JUDGES), payment(REWARD, REQUESTER, FIRST)),
        }),
      };
    },
  },
  {
    name: "random-choices",
    role: "challenger",
    tries: "It computes nothing, disputes an honest result, and names any part as the one that differs.",
    ends:
      "Wherever that leads, the provider can open what is there and arbiters confirm it: the bond is lost.",
    plan(dice) {
      const own = dice.fork();
      return {
        detail: "",
        players: company({ [ROGUE]: { act: (...powers) => challengeBlindly(own, ...powers) } }, [rogue]),
        jobs: [{ plan: drawJob(dice) }],
        guilty: [ROGUE],
        expected: (params) => ({
          paid: [FIRST],
          disputes: [{ guilty: "challenger", reason: "output_confirmed" }],
          changes: together(lostBond(params, JUDGES, ROGUE), payment(REWARD, REQUESTER, FIRST)),
        }),
      };
    },
  },
  {
    name: "silent-challenger",
    role: "challenger",
    tries: "It disputes an honest result and says nothing more, to keep the provider from being paid.",
    ends: "Its window ends, the provider gets its share of the bond, and the task's clock goes on.",
    plan(dice) {
      const step = dice.whole(0, TRAINING_STEPS - 1);
      return {
        detail: "",
        players: company({
          [CHALLENGER]: {
            claim: () => claimOfFault({ phase: 0, step, tensor: 0 }),
            ledger: silentOn("dispute_choose"),
          },
        }),
        jobs: [{ plan: drawJob(dice) }],
        guilty: [CHALLENGER],
        expected: (params) => ({
          paid: [FIRST],
          disputes: [{ guilty: "challenger", reason: "challenger_silent" }],
          changes: together(lostBond(params, []), payment(REWARD, REQUESTER, FIRST)),
        }),
      };
    },
  },
  {
    name: "griefing-challenger",
    role: "challenger",
    tries: "It disputes the same honest result again and again and never answers.",
    ends: "Each dispute costs it a bond, of which the provider gets a share; the result stands in the end.",
    plan(dice) {
      const times = dice.whole(2, 3);
      return {
        detail: `${times} times`,
        players: company({ [ROGUE]: { act: (...powers) => openAndLeave(times, ...powers) } }, [rogue]),
        jobs: [{ plan: drawJob(dice) }],
        guilty: [ROGUE],
        expected: (params) => ({
          paid: [FIRST],
          disputes: Array.from(
            { length: times },
            () => ({ guilty: "challenger", reason: "challenger_silent" } as const),
          ),
          changes: together(
            payment(REWARD, REQUESTER, FIRST),
            ...Array.from({ length: times }, () => lostBond(params, [], ROGUE)),
          ),
        }),
      };
    },
  },
  {
    name: "challenges-at-once",
    role: "challenger",
    tries: "Two accounts dispute an honest result at the same time, each about another step.",
    ends: "Both disputes run at once, and in both the provider is confirmed: each pays with its bond.",
    plan(dice) {
      const late = dice.whole(1, TRAINING_STEPS - 1), early = dice.whole(0, late - 1);
      const other = "other challenger";
      return {
        detail: `steps ${early} and ${late}`,
        players: company({
          [CHALLENGER]: { claim: () => claimOfFault({ phase: 0, step: early, tensor: 0 }) },
          [other]: { claim: () => claimOfFault({ phase: 0, step: late, tensor: 0 }) },
        }, [challenger(other)]),
        rules: { runningDisputes: 2 },
        jobs: [{ plan: drawJob(dice) }],
        guilty: [CHALLENGER, other],
        expected: (params) => ({
          paid: [FIRST],
          disputes: [
            { guilty: "challenger", reason: "output_confirmed" },
            { guilty: "challenger", reason: "output_confirmed" },
          ],
          changes: together(
            lostBond(params, JUDGES),
            lostBond(params, JUDGES, other),
            payment(REWARD, REQUESTER, FIRST),
          ),
        }),
      };
    },
  },
  {
    name: "self-challenge",
    role: "challenger",
    tries: "A provider lies and proves it through a second account, to win its own collateral back.",
    ends: "At least half of the collateral is burned, so the two together have lost.",
    plan(dice) {
      const step = dice.whole(0, TRAINING_STEPS - 1);
      return {
        detail: `lies at step ${step}`,
        // The accomplice is the only challenger, so that it is the first.
        players: company({ [FIRST]: { claim: () => claimOfFault({ phase: 0, step, tensor: 0 }) } }),
        jobs: [{ plan: drawJob(dice) }],
        guilty: [FIRST, CHALLENGER],
        expected: (params) => ({
          paid: [SECOND],
          disputes: [{ guilty: "provider", reason: "wrong_output" }],
          changes: together(
            forfeit(params, { loser: FIRST, winner: CHALLENGER, amount: COLLATERAL, judges: JUDGES }),
            payment(REWARD, REQUESTER, SECOND),
          ),
        }),
      };
    },
  },
  {
    name: "both-wrong",
    role: "challenger",
    tries:
      "A provider lies at a late step, and the first to challenge it is wrong itself about an earlier one.",
    ends:
      "The challenger loses its bond over the step it was wrong about; another, honest, finds the lie, and the provider is slashed too. The second result it disputes in vain as well.",
    plan(dice) {
      const late = dice.whole(TRAINING_STEPS / 2, TRAINING_STEPS - 1), early = dice.whole(0, late - 1);
      const wrong = "wrong challenger";
      return {
        detail: `step ${late}, and step ${early}`,
        players: company({
          [FIRST]: { claim: () => claimOfFault({ phase: 0, step: late, tensor: 0 }) },
          [wrong]: { claim: () => claimOfFault({ phase: 0, step: early, tensor: 0 }) },
          // The honest one comes second.
          [CHALLENGER]: { ledger: afterAnother },
        }, [challenger(wrong)]),
        jobs: [{ plan: drawJob(dice) }],
        guilty: [FIRST, wrong],
        expected: (params) => ({
          paid: [SECOND],
          disputes: [
            { guilty: "challenger", reason: "output_confirmed" },
            { guilty: "provider", reason: "wrong_output" },
            { guilty: "challenger", reason: "output_confirmed" },
          ],
          changes: together(
            lostBond(params, JUDGES, wrong),
            // The node is judged already.
            lostBond(params, [], wrong, SECOND),
            forfeit(params, { loser: FIRST, winner: CHALLENGER, amount: COLLATERAL, judges: JUDGES }),
            payment(REWARD, REQUESTER, SECOND),
          ),
        }),
      };
    },
  },
];
