/**
 * Lies that only a drawn auditor looks at, by a provider that is silent at one of all the points at which it must speak: opening for the audit, and
 * each move of the dispute that the auditor then opens. Nobody checks of his own accord.
 *
 * @module
 */
import type { LedgerClient } from "../../../../actors/mod.ts";
import { claimOfFault } from "../../../../executor/run/mod.ts";
import type { Dispute, Operation, Params } from "../../../../ledger/mod.ts";
import type { Changes, Cheat, Expected } from "../cheat.ts";
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
  withoutVolunteers,
} from "../company.ts";
import { forever, silentOn } from "../edges/operations.ts";
import { afterAnother } from "../edges/rogues.ts";
import { audited, forfeit, payment, unopened } from "../money.ts";
import { drawJob, type JobPlan, MANY_CLASSES, TRAINING_STEPS } from "../training_job.ts";

/** Stays silent in disputes once they have come to some stage. */
function silentInStage(is: (stage: Dispute["stage"]) => boolean): (own: LedgerClient) => LedgerClient {
  return (own) => ({
    ...own,
    async submit(operation, call) {
      const dispute = "dispute" in operation
        ? await own.query("dispute", operation.dispute, call)
        : undefined;
      return dispute !== undefined && is(dispute.stage)
        ? await forever(call.signal)
        : await own.submit(operation, call);
    },
  });
}

interface Silence {
  readonly name: string;
  /** Where it is silent, as the end of a sentence. */
  readonly when: string;
  readonly ledger: (own: LedgerClient) => LedgerClient;
  /** What the job has that others have not. */
  readonly job?: Partial<JobPlan>;
  /** What the lie costs whom, and who is paid for auditing it. */
  found(params: Params): {
    readonly disputes: Expected["disputes"];
    readonly changes: Changes;
    readonly auditors: readonly string[];
  };
}

/** Its collateral is burned: nobody has proved anything. */
const inAudit = (auditors: readonly string[]) => () => ({
  disputes: [],
  changes: unopened(FIRST, COLLATERAL),
  auditors,
});

/** The auditor that disputed wins by the provider's silence, before arbiters. */
function inDispute(params: Params) {
  const amount = COLLATERAL;
  return {
    disputes: [{ guilty: "provider", reason: "provider_silent" } as const],
    changes: forfeit(params, { loser: FIRST, winner: CHALLENGER, amount, judges: [] }),
    auditors: [CHALLENGER],
  };
}

function silentLiar({ name, when, ledger, job = {}, found }: Silence): Cheat {
  return {
    name,
    role: "provider",
    tries: `It has lied where only an auditor looks, and says nothing ${when}.`,
    ends:
      "Silence loses as fraud does: its collateral is slashed when its window ends, the auditor is paid for what it did, and an " +
      "honest provider does the task.",
    plan(dice) {
      const step = dice.whole(0, TRAINING_STEPS - 1);
      return {
        detail: `lies at step ${step}`,
        players: withoutVolunteers(
          company({ [FIRST]: { claim: () => claimOfFault({ phase: 0, step, tensor: 0 }), ledger } }),
        ),
        rules: { auditorCount: 1 },
        jobs: [{ plan: { ...drawJob(dice), ...job } }],
        guilty: [FIRST],
        expected(params) {
          const { disputes, changes, auditors } = found(params);
          return {
            paid: [SECOND],
            disputes,
            ...audited(
              params,
              [...auditors, CHALLENGER],
              changes,
              payment(REWARD, REQUESTER, SECOND),
            ),
          };
        },
      };
    },
  };
}

const silentAt = (what: string, when: string, kind: Operation["kind"]) =>
  silentLiar({ name: `audited-silent-at-${what}`, when, ledger: silentOn(kind), found: inDispute });

/** The second auditor; the first is the company's challenger. */
const AUDITOR = "auditor";

/** See the module. */
export const silencesUnderAudit: readonly Cheat[] = [
  silentLiar({
    name: "audited-silent-at-inputs",
    when: "when it must open what the drawn segments start from",
    ledger: silentOn("audit_open_inputs"),
    found: inAudit([]),
  }),
  silentLiar({
    name: "audited-silent-at-outputs",
    when: "when it must open what came out of them",
    ledger: silentOn("audit_open_outputs"),
    found: inAudit([CHALLENGER]),
  }),
  silentAt("split", "when it must open a range into its parts", "dispute_split"),
  silentAt("segment", "when it must open the disputed segment", "dispute_bind_segment"),
  silentAt("step", "when it must open the disputed step", "dispute_bind_step"),
  silentAt("node", "when it must open the disputed node", "dispute_open_node"),
  silentAt("tensor", "when it must open the disputed tensor", "dispute_open_tensor"),
  silentLiar({
    name: "audited-silent-at-chunks",
    when: "when it must open that tensor into its chunks",
    ledger: silentInStage((stage) => stage.kind === "descend" && stage.tree.kind === "chunks"),
    job: { classes: MANY_CLASSES },
    found: inDispute,
  }),
  {
    name: "audited-silent-at-choose",
    role: "challenger",
    tries: "It is drawn, finds a lie, disputes it for the look of it, and chooses nothing when it must.",
    ends: "It loses its bond to silence; the other auditor's dispute, which had to wait, finds the lie.",
    plan(dice) {
      const step = dice.whole(0, TRAINING_STEPS - 1);
      return {
        detail: `the provider lies at step ${step}`,
        players: company({
          [FIRST]: { claim: () => claimOfFault({ phase: 0, step, tensor: 0 }) },
          [AUDITOR]: { ledger: silentOn("dispute_choose") },
          // The honest one comes second.
          [CHALLENGER]: { ledger: afterAnother },
        }, [challenger(AUDITOR)]),
        rules: { auditorCount: 2 },
        jobs: [{ plan: drawJob(dice) }],
        guilty: [FIRST, AUDITOR],
        expected: (params) => ({
          paid: [SECOND],
          disputes: [
            { guilty: "challenger", reason: "challenger_silent" },
            { guilty: "provider", reason: "wrong_output" },
          ],
          ...audited(
            params,
            [CHALLENGER, AUDITOR, CHALLENGER, AUDITOR],
            forfeit(params, { loser: AUDITOR, winner: FIRST, amount: params.challengerBond, judges: [] }),
            forfeit(params, { loser: FIRST, winner: CHALLENGER, amount: COLLATERAL, judges: JUDGES }),
            payment(REWARD, REQUESTER, SECOND),
          ),
        }),
      };
    },
  },
];
