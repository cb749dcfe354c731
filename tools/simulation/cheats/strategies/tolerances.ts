/**
 * Lies about programs that are judged within a bound: of these a challenger names a node directly, and arbiters recompute it from what the provider
 * committed to.
 *
 * @module
 */
import type { Executor, Tensor } from "../../../../executor/mod.ts";
import type { Claim } from "../../../../executor/run/mod.ts";
import type { Player } from "../../market/cast.ts";
import type { Twist } from "../../market/twist.ts";
import type { Cheat, Plan } from "../cheat.ts";
import { CHALLENGER, COLLATERAL, company, FIRST, JUDGES, REQUESTER, REWARD, SECOND } from "../company.ts";
import { deviceOn } from "../edges/device.ts";
import { forfeit, payment, together } from "../money.ts";
import { drawJob, INFERENCE_STEPS } from "../training_job.ts";

/** One more than it was, in the middle: far more than any device is off at numbers of about that size. */
function oneMore(tensor: Tensor): Tensor {
  const data = Float32Array.from(tensor.data, Number), middle = Math.floor(data.length / 2);
  return { ...tensor, data: data.with(middle, (data[middle] ?? 0) + 1) };
}

/** Claims other scores of a step. They are the first of its outputs. */
function otherScores(step: number): Claim {
  return (place, outputs) =>
    place.step === step ? outputs.map((each, i) => i === 0 ? oneMore(each) : each) : outputs;
}

/** An executor that recomputes every product wrongly, and finds by it that others lie. */
function misjudging(own: Executor): Executor {
  return {
    ...own,
    async executeNode(request, options) {
      const outputs = await own.executeNode(request, options);
      return outputs.map((each) => each.dtype === "float32" ? oneMore(each) : each);
    },
  };
}

/** A challenger that takes a verdict as it is: an appeal would cost it another bond. */
function withoutAppeals(player: Player): Player {
  return player.name === CHALLENGER ? { ...player, roles: { challenger: { appeals: "never" } } } : player;
}

function inferring(
  cheater: string,
  twist: Twist,
  rest: Pick<Plan, "detail" | "expected">,
  job: Plan["jobs"],
): Plan {
  return { ...rest, players: company({ [cheater]: twist }), device: deviceOn, jobs: job, guilty: [cheater] };
}

/** See the module. */
export const tolerances: readonly Cheat[] = [
  {
    name: "beyond-the-bound",
    role: "provider",
    tries: "It infers on a device of its own bits, and passes off as its noise what no device is off.",
    ends:
      "A challenger names the node in one operation, arbiters recompute it from what was committed to, the collateral is slashed, and an honest provider does the task.",
    plan(dice) {
      const step = dice.whole(0, INFERENCE_STEPS - 1), claim = () => otherScores(step);
      const expected: Plan["expected"] = (params) => ({
        paid: [SECOND],
        disputes: [{ guilty: "provider", reason: "wrong_output" }],
        changes: together(
          forfeit(params, { loser: FIRST, winner: CHALLENGER, amount: COLLATERAL, judges: JUDGES }),
          payment(REWARD, REQUESTER, SECOND),
        ),
      });
      const job = [{ plan: { ...drawJob(dice), infers: true } }];
      return inferring(FIRST, { claim }, { detail: `at step ${step}`, expected }, job);
    },
  },
  {
    name: "named-falsely",
    role: "challenger",
    tries: "It names a node of an honest run, with a recomputation of its own that is wrong.",
    ends:
      "Arbiters recompute what the provider committed to: the bond pays them and the provider, who is also paid for the task.",
    plan(dice) {
      const expected: Plan["expected"] = (params) => ({
        paid: [FIRST],
        disputes: [{ guilty: "challenger", reason: "output_confirmed" }],
        changes: together(
          forfeit(params, {
            loser: CHALLENGER,
            winner: FIRST,
            amount: params.challengerBond,
            judges: JUDGES,
          }),
          payment(REWARD, REQUESTER, FIRST),
        ),
      });
      const job = [{ plan: { ...drawJob(dice), infers: true } }];
      const plan = inferring(CHALLENGER, { executor: misjudging }, { detail: "", expected }, job);
      return { ...plan, players: plan.players.map(withoutAppeals) };
    },
  },
];
