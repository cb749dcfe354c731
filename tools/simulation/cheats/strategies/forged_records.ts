/**
 * Providers that lie about what a step did, once a dispute asks for it: about what a node read, or about how the next state is put
 * together. The ledger finds these from openings alone, without anybody executing anything.
 *
 * @module
 */
import { claimOfFault } from "../../../../executor/run/mod.ts";
import { hash, type TraceLeaf, utf8 } from "../../../../ledger/primitives/mod.ts";
import type { Dice } from "../../random.ts";
import type { Twist } from "../../market/twist.ts";
import type { Cheat, Plan } from "../cheat.ts";
import { CHALLENGER, COLLATERAL, company, FIRST, REQUESTER, REWARD, SECOND } from "../company.ts";
import { recording } from "../edges/traces.ts";
import { forfeit, payment, together } from "../money.ts";
import { drawJob, TRAINING_STEPS } from "../training_job.ts";

function forging(dice: Dice, step: number, twist: Twist): Plan {
  return {
    detail: `at step ${step}`,
    players: company({ [FIRST]: twist }),
    jobs: [{ plan: drawJob(dice) }],
    guilty: [FIRST],
    expected: (params) => ({
      paid: [SECOND],
      disputes: [{ guilty: "provider", reason: "wrong_wiring" }],
      changes: together(
        forfeit(params, { loser: FIRST, winner: CHALLENGER, amount: COLLATERAL, judges: [] }),
        payment(REWARD, REQUESTER, SECOND),
      ),
    }),
  };
}

/** A leaf that says the node read something else, of which nobody knows the tensor. */
function misread(leaf: TraceLeaf): TraceLeaf {
  const elsewhere = hash("assay/simulation/signer", utf8("a tensor of nobody's"));
  return { ...leaf, inputs: leaf.inputs.map(() => elsewhere) };
}

/** See the module. */
export const forgedRecords: readonly Cheat[] = [
  {
    name: "forged-wiring",
    role: "provider",
    tries:
      "It changes the weights, and says that the first node of that step read other tensors than it did.",
    ends:
      "What the node read is not what the program connects it to: it loses as soon as the node is opened.",
    plan(dice) {
      const step = dice.whole(0, TRAINING_STEPS - 1);
      return forging(dice, step, {
        claim: () => claimOfFault({ phase: 0, step, tensor: 0 }),
        executor: (own) =>
          recording(
            own,
            (record, request) =>
              request.step !== step
                ? record
                : { ...record, nodes: record.nodes.map((leaf) => leaf.node === 0 ? misread(leaf) : leaf) },
          ),
      });
    },
  },
  {
    name: "wrong-assembly",
    role: "provider",
    tries:
      "It computes every node of a step as it should, and puts other weights into the next state than came out.",
    ends:
      "All nodes agree, so the challenger descends the state: the changed tensor is not its node's output.",
    plan(dice) {
      const step = dice.whole(0, TRAINING_STEPS - 1);
      return forging(dice, step, {
        claim: () => claimOfFault({ phase: 0, step, tensor: 0 }),
        executor(own, { honest }) {
          const truth = honest();
          return {
            ...recording(
              own,
              async (record, request, options) =>
                request.step !== step
                  ? record
                  : { ...record, nodes: (await truth.trace(request, options)).nodes },
            ),
            async load(files, options) {
              await truth.load(files, options);
              return await own.load(files, options);
            },
          };
        },
      });
    },
  },
];
