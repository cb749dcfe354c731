/**
 * Cheats at availability: outputs that nobody can fetch, chunks that are not shown, demands without cause, and members of a committee who do not do
 * what they are drawn for.
 *
 * @module
 */
import type { Params } from "../../../../ledger/mod.ts";
import type { Player } from "../../market/cast.ts";
import type { Twist } from "../../market/twist.ts";
import type { Dice } from "../../random.ts";
import type { Changes, Cheat, Expected, Plan } from "../cheat.ts";
import { CHALLENGER, challenger, COLLATERAL, company, FIRST, REQUESTER, REWARD, SECOND } from "../company.ts";
import { silentOn } from "../edges/operations.ts";
import { ALL_AT_ONCE, demandChunks, servingAuditorsOnly, servingNobody } from "../edges/withheld_blobs.ts";
import {
  audited,
  auditFault,
  certified,
  certifierAbsence,
  demandsInVain,
  payment,
  together,
  unopened,
} from "../money.ts";
import { drawJob } from "../training_job.ts";

/** The second member of a committee; the first is the company's challenger. */
const MEMBER = "member";

/** Somebody with a stake who is neither a party nor drawn for anything here. */
const STRANGER = "stranger";

/** Windows in which a committee has time on a busy machine. */
const WINDOWS = { certifyBlocks: 20, demandBlocks: 20 };

interface Play {
  readonly twists: Readonly<Record<string, Twist>>;
  readonly more?: readonly Player[];
  readonly rules: Partial<Params>;
  expected(params: Params): Expected;
}

/** A job whose result a committee of all challengers must hold. */
function play(dice: Dice, { twists, more = [], rules, expected }: Play): Plan {
  return {
    detail: "",
    players: company(twists, more),
    rules: { ...WINDOWS, ...rules },
    jobs: [{ plan: drawJob(dice) }],
    guilty: Object.keys(twists),
    expected,
  };
}

/** The second provider does the task, and these members certify it; and what else happens. */
function secondIsPaid(params: Params, members: readonly string[], ...changes: readonly Changes[]) {
  return {
    paid: [SECOND],
    disputes: [],
    ...certified(params, members, payment(REWARD, REQUESTER, SECOND), ...changes),
  };
}

/** The first provider is paid, on the challenger's certificate; and what else happens. */
function firstIsPaid(params: Params, ...changes: readonly Changes[]) {
  return {
    paid: [FIRST],
    disputes: [],
    ...certified(params, [CHALLENGER], payment(REWARD, REQUESTER, FIRST), ...changes),
  };
}

function stranger(): Player {
  return { name: STRANGER, stakes: ["arbiter"], roles: {} };
}

/** See the module. */
export const availability: readonly Cheat[] = [
  {
    name: "withheld-outputs",
    role: "provider",
    tries:
      "It computes, and then serves its outputs to nobody; what is demanded of it on the ledger it shows.",
    ends:
      "The committee cannot hold the whole output and says so: the result is not paid, nobody is slashed, and another provider does the task.",
    plan: (dice) =>
      play(dice, {
        twists: { [FIRST]: { blobs: servingNobody } },
        rules: { certifierCount: 1 },
        expected: (params) => secondIsPaid(params, [CHALLENGER]),
      }),
  },
  {
    name: "served-to-auditors-only",
    role: "provider",
    tries:
      "It serves its auditors the states that they ask for, and its outputs to nobody, not even on the ledger.",
    ends:
      "Its audit is passed, but the committee demands what is missing: all its collateral is burned, and an honest provider does the task.",
    plan(dice) {
      return play(dice, {
        twists: { [FIRST]: servingAuditorsOnly() },
        rules: { certifierCount: 1, auditorCount: 1 },
        expected(params) {
          const audits = audited(params, [CHALLENGER, CHALLENGER]);
          const second = secondIsPaid(params, [CHALLENGER], audits.changes, unopened(FIRST, COLLATERAL));
          return { ...second, auditPay: second.auditPay + audits.auditPay };
        },
      });
    },
  },
  {
    name: "silent-at-demanded-chunk",
    role: "provider",
    tries: "It serves its outputs to nobody, and does not show the chunk that the committee demands.",
    ends:
      "Silence loses as fraud does: all its collateral is burned, the demand costs nothing, and an honest provider does the task.",
    plan: (dice) =>
      play(dice, {
        twists: { [FIRST]: { blobs: servingNobody, ledger: silentOn("answer_chunk") } },
        rules: { certifierCount: 1 },
        expected: (params) => secondIsPaid(params, [CHALLENGER], unopened(FIRST, COLLATERAL)),
      }),
  },
  {
    name: "griefing-demander",
    role: "challenger",
    tries: "It demands as many chunks at once as it may of a result that everybody can fetch.",
    ends:
      "The provider shows them and gets its cost back; the result is paid a little later; the rest of the fees is burned.",
    plan: (dice) =>
      play(dice, {
        twists: {
          [STRANGER]: { act: (node, powers, signal) => demandChunks(ALL_AT_ONCE, node, powers, signal) },
        },
        more: [stranger()],
        rules: { certifierCount: 1 },
        expected: (params) =>
          firstIsPaid(
            params,
            demandsInVain(params, { demander: STRANGER, answerer: FIRST, demands: ALL_AT_ONCE }),
          ),
      }),
  },
  {
    name: "absent-certifier",
    role: "challenger",
    tries: "It is drawn to hold and certify an output, and does nothing.",
    ends: "It is fined a little and drawn no more; the result is paid on the certificate of the other.",
    plan: (dice) =>
      play(dice, {
        twists: { [MEMBER]: { ledger: silentOn("certify_result", "demand_chunk") } },
        more: [challenger(MEMBER)],
        rules: { certifierCount: 2 },
        expected: (params) => firstIsPaid(params, certifierAbsence(params, MEMBER)),
      }),
  },
  {
    name: "false-certificate",
    role: "challenger",
    tries:
      "It is drawn, colludes with a provider that serves nobody, and certifies an output that it has not got.",
    ends:
      "Somebody who cannot fetch a chunk demands it: the provider loses all its collateral, and who certified loses stake and pay. No attempt is left, and the requester is refunded.",
    plan(dice) {
      const plan = play(dice, {
        twists: {
          [FIRST]: { blobs: servingNobody, ledger: silentOn("answer_chunk") },
          [MEMBER]: { ledger: silentOn("answer_chunk"), act: certifyUnread },
        },
        more: [
          { name: MEMBER, stakes: ["challenger"], roles: {} },
          {
            ...stranger(),
            twist: { act: (node, powers, signal) => demandChunks(1, node, powers, signal) },
          },
        ],
        rules: { certifierCount: 1, maxAttempts: 1, demandBlocks: 30 },
        expected: (params) => ({
          paid: [null],
          disputes: [],
          changes: together(unopened(FIRST, COLLATERAL), auditFault(params, MEMBER)),
        }),
      });
      // Whoever checks results has no stake here that it could be drawn by.
      const players = plan.players.map((player) =>
        player.name === CHALLENGER ? { ...player, stakes: [] } : player
      );
      return { ...plan, players };
    },
  },
];

/** Certifies the first result that it is asked for, unread. */
async function certifyUnread(
  ...[{ ledger, address }, { pause }, signal]: Parameters<NonNullable<Twist["act"]>>
): Promise<void> {
  while (!signal.aborted) {
    const asked = await ledger.query("duties", address, { signal });
    const duty = asked.find(({ kind }) => kind === "certify");
    if (duty !== undefined) {
      await ledger.submit({ kind: "certify_result", task: duty.task.id }, { signal });
      return;
    }
    await pause(LOOK_MS, signal);
  }
}

const LOOK_MS = 500;
