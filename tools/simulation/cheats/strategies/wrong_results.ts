/**
 * Providers that claim another result of a step than the program gives. Each is found by re-execution, narrowed down to one node, and
 * judged by arbiters who execute that node.
 *
 * @module
 */
import type { LedgerClient } from "../../../../actors/mod.ts";
import { type Claim, claimOfFault } from "../../../../executor/run/mod.ts";
import type { Dice } from "../../random.ts";
import type { Cheat, Plan } from "../cheat.ts";
import { CHALLENGER, COLLATERAL, company, FIRST, JUDGES, REQUESTER, REWARD, SECOND } from "../company.ts";
import { boastAt, claimAt, claimEarlier, inFewerBits, withTensor } from "../edges/claims.ts";
import { changing } from "../edges/operations.ts";
import { absence, forfeit, payment, together } from "../money.ts";
import { drawJob, EXAM_PHASE, EXAM_STEPS, TRAINING_STEPS } from "../training_job.ts";

/** Positions in the state. */
const WEIGHTS = 0, MOMENTUM = 3;

/** The plan of a provider that lies about outputs: arbiters recompute another one. */
function lying(dice: Dice, detail: string, claim: () => Claim): Plan {
  return {
    detail,
    players: company({ [FIRST]: { claim } }),
    jobs: [{ plan: drawJob(dice) }],
    guilty: [FIRST],
    expected: (params) => ({
      paid: [SECOND],
      disputes: [{ guilty: "provider", reason: "wrong_output" }],
      changes: together(
        forfeit(params, { loser: FIRST, winner: CHALLENGER, amount: COLLATERAL, judges: JUDGES }),
        payment(REWARD, REQUESTER, SECOND),
      ),
    }),
  };
}

const ENDS =
  "A challenger finds it, arbiters recompute the one node, its collateral is slashed, and an honest provider does the task.";

/** A provider's lie about outputs. */
function lie(
  name: string,
  tries: string,
  draw: (dice: Dice) => readonly [detail: string, claim: () => Claim],
): Cheat {
  return {
    name,
    role: "provider",
    tries,
    ends: ENDS,
    plan(dice) {
      const [detail, claim] = draw(dice);
      return lying(dice, detail, claim);
    },
  };
}

const anyStep = (dice: Dice, first = 0) => dice.whole(first, TRAINING_STEPS - 1);

/** See the module. */
export const wrongResults: readonly Cheat[] = [
  lie("swapped-weights", "It goes on with other weights after one step of the training.", (dice) => {
    const step = anyStep(dice);
    return [`at step ${step}`, () => claimOfFault({ phase: 0, step, tensor: WEIGHTS })];
  }),
  lie("skipped-steps", "It leaves out some steps and says that they changed nothing.", (dice) => {
    const first = anyStep(dice, 1), last = dice.whole(first, TRAINING_STEPS - 1);
    const skipped = (step: number) => step >= first && step <= last ? step - 1 : null;
    return [`steps ${first} to ${last}`, () => claimEarlier(0, skipped)];
  }),
  lie("stale-weights", "Each few steps it goes back to weights that it had before.", (dice) => {
    const back = dice.whole(2, 3);
    const stale = (step: number) => step >= back && step % back === 0 ? step - back : null;
    return [`${back} steps back`, () => claimEarlier(0, stale)];
  }),
  lie("early-stop", "It stops in the middle and hands in the state it has as the last one.", (dice) => {
    const last = dice.whole(0, TRAINING_STEPS - 2);
    return [`after step ${last}`, () => claimEarlier(0, (step) => step > last ? step - 1 : null)];
  }),
  lie("fewer-bits", "It computes in half the bits, which is twice as fast.", (dice) => {
    const from = anyStep(dice);
    const where = ({ phase, step }: { readonly phase: number; readonly step: number }) =>
      phase === 0 && step >= from;
    return [`from step ${from} on`, () => claimAt(where, (outputs) => outputs.map(inFewerBits))];
  }),
  lie("wrong-optimizer-state", "It drops the optimizer's momentum at one step.", (dice) => {
    const at = anyStep(dice);
    const forget = claimAt(
      ({ phase, step }) => phase === 0 && step === at,
      (outputs) =>
        withTensor(
          outputs,
          MOMENTUM,
          (tensor) => ({ ...tensor, data: new Float32Array(tensor.data.length) }),
        ),
    );
    return [`at step ${at}`, () => forget];
  }),
  lie(
    "wrong-metric",
    "It trains as it should, and claims more right answers in the exam than were given.",
    (dice) => {
      const at = dice.whole(0, EXAM_STEPS - 1), more = BigInt(dice.whole(1, 3));
      return [`${more} more in step ${at}`, () => boastAt({ phase: EXAM_PHASE, step: at }, more)];
    },
  ),
  {
    name: "forged-metric",
    role: "provider",
    tries: "It trains and examines as it should, and submits a better metric than the examination's.",
    ends:
      "The metric is opened from the last state, so the ledger takes no other; what it takes nothing for is late, and costs a share of the collateral.",
    plan: (dice) => ({
      detail: "",
      players: company({ [FIRST]: { ledger: boasting } }),
      jobs: [{ plan: drawJob(dice) }],
      guilty: [FIRST],
      expected: (params) => ({
        paid: [SECOND],
        disputes: [],
        changes: together(absence(params, FIRST, COLLATERAL), payment(REWARD, REQUESTER, SECOND)),
      }),
    }),
  },
];

/** Submits one more right answer than the last state has. */
function boasting(own: LedgerClient): LedgerClient {
  return changing(own, (operation) => {
    if (operation.kind !== "submit_result" || operation.metric === null) return operation;
    return { ...operation, metric: { ...operation.metric, value: operation.metric.value + 1n } };
  });
}
