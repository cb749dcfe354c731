/**
 * Cheats at audits: auditors that want the pay without the work, or vouch for what they know is wrong, and providers that do not open what they
 * committed to. All segments are sampled, or what is not is an auditor's own, and whoever checks results is drawn, so that how a play ends does not hang
 * on the draw.
 *
 * @module
 */
import { claimOfFault } from "../../../../executor/run/mod.ts";
import type { Operation, Params } from "../../../../ledger/mod.ts";
import type { Twist } from "../../market/twist.ts";
import type { Cheat, Expected, Plan } from "../cheat.ts";
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
import { copyingAudits, guessingFindings, stakeDuringAudit, unexecutedOwn } from "../edges/auditors.ts";
import { boastAt } from "../edges/claims.ts";
import { silentOn } from "../edges/operations.ts";
import type { Dice } from "../../random.ts";
import {
  auditAbsence,
  audited,
  auditedInPart,
  auditFault,
  forfeit,
  payment,
  together,
  unopened,
} from "../money.ts";
import { drawJob, EXAM_PHASE, EXAM_STEPS, SEGMENTS, TRAINING_STEPS } from "../training_job.ts";

/** The second auditor; the first is the company's challenger. */
const AUDITOR = "auditor";

interface Play {
  readonly detail?: string;
  readonly twists: Readonly<Record<string, Twist>>;
  readonly rules?: Partial<Params>;
  expected(params: Params): Expected;
}

/** A job whose result two auditors look at. */
function twoAuditors(dice: Dice, { detail = "", twists, rules = {}, expected }: Play): Plan {
  return {
    detail,
    players: company(twists, [challenger(AUDITOR)]),
    rules: { auditorCount: 2, ...rules },
    jobs: [{ plan: drawJob(dice) }],
    guilty: Object.keys(twists),
    expected,
  };
}

/** An auditor of an honest result that loses nothing but the fine, and its pay. */
function fined(name: string, tries: string, ends: string, twist: Twist): Cheat {
  return {
    name,
    role: "challenger",
    tries,
    ends,
    plan: (dice) =>
      twoAuditors(dice, {
        twists: { [AUDITOR]: twist },
        expected: (params) => ({
          paid: [FIRST],
          disputes: [],
          ...audited(
            params,
            [CHALLENGER],
            auditAbsence(params, AUDITOR),
            payment(REWARD, REQUESTER, FIRST),
          ),
        }),
      }),
  };
}

/** A provider that does not open. */
function unopening(name: string, what: string, kind: Operation["kind"], unpaid: readonly string[]): Cheat {
  return {
    name,
    role: "provider",
    tries: `It has committed to a result and does not open ${what} for its audit.`,
    ends:
      "Silence loses as fraud does: all its collateral is burned, auditors who have done their part are paid, and an honest provider does the task.",
    plan: (dice) =>
      twoAuditors(dice, {
        twists: { [FIRST]: { ledger: silentOn(kind) } },
        expected: (params) => ({
          paid: [SECOND],
          disputes: [],
          ...audited(
            params,
            [...unpaid, CHALLENGER, AUDITOR],
            unopened(FIRST, COLLATERAL),
            payment(REWARD, REQUESTER, SECOND),
          ),
        }),
      }),
  };
}

/** A lie that an audit finds. */
const provenLie = (params: Params) =>
  forfeit(params, { loser: FIRST, winner: CHALLENGER, amount: COLLATERAL, judges: JUDGES });

const PROVEN = { guilty: "provider", reason: "wrong_output" } as const;

/** See the module. */
export const audits: readonly Cheat[] = [
  fined(
    "lazy-auditor",
    "It is drawn, computes nothing, and commits to a guess, for the pay.",
    "Its reveal contradicts a right result, which it cannot dispute: it is fined and not paid.",
    { ledger: guessingFindings },
  ),
  fined(
    "copied-audit",
    "It computes nothing and commits to what another auditor has committed to.",
    "A commitment names its author, so it cannot reveal what it copied: it is fined and not paid.",
    { ledger: copyingAudits },
  ),
  fined(
    "absent-auditor",
    "It is drawn and does not commit, so that the result is not looked at.",
    "When its window ends it is fined, and the audit goes on with the other.",
    { ledger: silentOn("audit_commit") },
  ),
  fined(
    "missing-audit-reveal",
    "It commits to findings and does not reveal them, so that nobody can hold it to them.",
    "It is fined like one who is absent, and not paid.",
    { ledger: silentOn("audit_reveal") },
  ),
  {
    ...fined("contradictory-audit", "", "", {}),
    tries: "It says that a right result is wrong, and puts no bond on it.",
    ends: "Who contradicts must dispute: it is fined and not paid, and the result stands.",
    plan(dice) {
      const step = dice.whole(0, TRAINING_STEPS - 1);
      const twist: Twist = {
        claim: () => claimOfFault({ phase: 0, step, tensor: 0 }),
        ledger: silentOn("open_dispute"),
      };
      return { ...fined("", "", "", twist).plan(dice), detail: `wrong at step ${step}` };
    },
  },
  {
    name: "false-audit",
    role: "challenger",
    tries: "It is drawn, says that a right result is wrong, and disputes it.",
    ends:
      "Arbiters confirm the provider: it loses its bond, and stake for what it revealed, and is not paid.",
    plan(dice) {
      const step = dice.whole(0, TRAINING_STEPS - 1);
      return twoAuditors(dice, {
        detail: `wrong at step ${step}`,
        twists: { [AUDITOR]: { claim: () => claimOfFault({ phase: 0, step, tensor: 0 }) } },
        expected: (params) => ({
          paid: [FIRST],
          disputes: [{ guilty: "challenger", reason: "output_confirmed" }],
          ...audited(
            params,
            [CHALLENGER],
            forfeit(params, { loser: AUDITOR, winner: FIRST, amount: params.challengerBond, judges: JUDGES }),
            auditFault(params, AUDITOR),
            payment(REWARD, REQUESTER, FIRST),
          ),
        }),
      });
    },
  },
  {
    name: "lazy-agreement",
    role: "challenger",
    tries:
      "It computes nothing, and agrees with the one root that everybody knows: that of the last segment. There the provider has lied.",
    ends:
      "The other auditor proves the lie: who agreed with it loses stake. Of the next result it guesses again, and is fined.",
    plan(dice) {
      const step = dice.whole(0, EXAM_STEPS - 1);
      return twoAuditors(dice, {
        detail: `the provider lies at step ${step} of the examination`,
        twists: {
          [FIRST]: { claim: () => boastAt({ phase: EXAM_PHASE, step }, 1n) },
          [AUDITOR]: {
            ledger: (own) => silentOn("open_dispute")(guessingFindings(own)),
          },
        },
        expected: (params) => ({
          paid: [SECOND],
          disputes: [PROVEN],
          ...audited(
            params,
            [CHALLENGER, CHALLENGER],
            provenLie(params),
            auditFault(params, AUDITOR),
            auditAbsence(params, AUDITOR),
            payment(REWARD, REQUESTER, SECOND),
          ),
        }),
      });
    },
  },
  {
    name: "colluding-auditor",
    role: "challenger",
    tries: "A provider lies, and one of the two drawn auditors, who colludes with it, vouches for the lie.",
    ends:
      "The other finds it: the provider is slashed, the colluder loses stake and pay. No attempt is left, and the requester is refunded.",
    plan(dice) {
      const step = dice.whole(0, TRAINING_STEPS - 1);
      const lie: Twist = { claim: () => claimOfFault({ phase: 0, step, tensor: 0 }) };
      return twoAuditors(dice, {
        detail: `lies at step ${step}`,
        twists: { [FIRST]: lie, [AUDITOR]: lie },
        rules: { maxAttempts: 1 },
        expected: (params) => ({
          paid: [null],
          disputes: [PROVEN],
          ...audited(params, [CHALLENGER], provenLie(params), auditFault(params, AUDITOR)),
        }),
      });
    },
  },
  {
    name: "colluding-auditors",
    role: "challenger",
    tries: "A provider lies, and both drawn auditors, who collude with it, vouch for the lie.",
    ends:
      "A challenger that was not drawn finds it in the challenge window: the provider is slashed, and both colluders lose stake and pay.",
    plan(dice) {
      const step = dice.whole(0, TRAINING_STEPS - 1), second = "second auditor";
      const lie: Twist = { claim: () => claimOfFault({ phase: 0, step, tensor: 0 }) };
      const players = company(
        { [FIRST]: lie, [AUDITOR]: lie, [second]: lie, [CHALLENGER]: { act: stakeDuringAudit } },
        [challenger(AUDITOR), challenger(second)],
      );
      return {
        detail: `lies at step ${step}`,
        players: players.map((player) => player.name === CHALLENGER ? { ...player, stakes: [] } : player),
        rules: { auditorCount: 2, maxAttempts: 1 },
        jobs: [{ plan: drawJob(dice) }],
        guilty: [FIRST, AUDITOR, second],
        expected: (params) => ({
          paid: [null],
          disputes: [PROVEN],
          changes: together(provenLie(params), auditFault(params, AUDITOR), auditFault(params, second)),
        }),
      };
    },
  },
  {
    name: "lie-under-audit",
    role: "provider",
    tries: "It lies where nobody checks of his own accord: there is only the auditor that is drawn.",
    ends:
      "The auditor contradicts it and disputes it: its collateral is slashed, and an honest provider does the task.",
    plan(dice) {
      const step = dice.whole(0, TRAINING_STEPS - 1);
      return {
        detail: `lies at step ${step}`,
        players: withoutVolunteers(
          company({ [FIRST]: { claim: () => claimOfFault({ phase: 0, step, tensor: 0 }) } }),
        ),
        rules: { auditorCount: 1 },
        jobs: [{ plan: drawJob(dice) }],
        guilty: [FIRST],
        expected: (params) => ({
          paid: [SECOND],
          disputes: [PROVEN],
          ...audited(
            params,
            [CHALLENGER, CHALLENGER],
            provenLie(params),
            payment(REWARD, REQUESTER, SECOND),
          ),
        }),
      };
    },
  },
  {
    name: "lie-besides-the-sample",
    role: "provider",
    tries:
      "Of its result's two segments one is sampled. It lies in one of them, where nobody checks of his own accord, and hopes that it is not that.",
    ends:
      "What is not sampled is the auditor's own: it finds the lie in either, and disputes it; the collateral is slashed, and an honest provider does the task.",
    plan(dice) {
      const step = dice.whole(0, EXAM_STEPS - 1), inExam = dice.chance(0.5);
      const claim = () =>
        inExam ? boastAt({ phase: EXAM_PHASE, step }, 1n) : claimOfFault({ phase: 0, step, tensor: 0 });
      return {
        detail: `lies at step ${step} of the ${inExam ? "examination" : "training"}`,
        players: withoutVolunteers(company({ [FIRST]: { claim } })),
        rules: { auditorCount: 1, auditSegments: 1 },
        jobs: [{ plan: { ...drawJob(dice), segmentSteps: TRAINING_STEPS } }],
        guilty: [FIRST],
        expected: (params) => ({
          paid: [SECOND],
          disputes: [PROVEN],
          ...auditedInPart(
            params,
            { segments: 2, executed: 2 },
            [CHALLENGER, CHALLENGER],
            provenLie(params),
            payment(REWARD, REQUESTER, SECOND),
          ),
        }),
      };
    },
  },
  {
    name: "unread-own-segment",
    role: "challenger",
    tries: "It executes what is sampled, and makes up what it found in the segment of its own.",
    ends: "Its reveal contradicts a right segment, which it cannot dispute: it is fined and not paid.",
    plan: (dice) =>
      twoAuditors(dice, {
        twists: { [AUDITOR]: { executor: unexecutedOwn } },
        rules: { auditSegments: 1 },
        expected: (params) => ({
          paid: [FIRST],
          disputes: [],
          ...auditedInPart(
            params,
            { segments: SEGMENTS, executed: 2 },
            [CHALLENGER],
            auditAbsence(params, AUDITOR),
            payment(REWARD, REQUESTER, FIRST),
          ),
        }),
      }),
  },
  unopening("silent-at-open-inputs", "the states that segments start from", "audit_open_inputs", []),
  unopening("silent-at-open-outputs", "what came out", "audit_open_outputs", [CHALLENGER, AUDITOR]),
];
