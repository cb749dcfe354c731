/**
 * Arbiters that judge falsely or not at all. One of three changes no verdict; a fault they are fined for is silence, which is certain. Whether a
 * verdict in the minority was a lie or a broken machine nobody can tell, so it costs nothing: else voting with the expected majority
 * would pay.
 *
 * @module
 */
import { claimOfFault } from "../../../../executor/run/mod.ts";
import type { Twist } from "../../market/twist.ts";
import type { Dice } from "../../random.ts";
import type { Cheat, Expected, Plan } from "../cheat.ts";
import { type Params, PPM } from "../../../../ledger/mod.ts";
import { STAKE } from "../../market/stage.ts";
import { CHALLENGER, COLLATERAL, company, FIRST, JUDGES, REQUESTER, REWARD, SECOND } from "../company.ts";
import { copyingCommitments, findingAsClaimed, findingZeros } from "../edges/judges.ts";
import { silentOn } from "../edges/operations.ts";
import { fines, forfeit, payment, together } from "../money.ts";
import { drawJob, TRAINING_STEPS } from "../training_job.ts";

/** A lie is before the arbiters, some of whom are no better. */
function judged(
  dice: Dice,
  bad: readonly string[],
  twist: Twist,
  expected: (params: Params, revealing: readonly string[]) => Expected,
  alsoGuilty: readonly string[] = [FIRST],
): Plan {
  const step = dice.whole(0, TRAINING_STEPS - 1);
  const lie: Twist = { claim: () => claimOfFault({ phase: 0, step, tensor: 0 }) };
  return {
    detail: bad.join(" and "),
    players: company({ [FIRST]: lie, ...Object.fromEntries(bad.map((name) => [name, twist])) }),
    jobs: [{ plan: drawJob(dice) }],
    guilty: [...alsoGuilty, ...bad],
    expected: (params) => expected(params, JUDGES.filter((name) => !bad.includes(name))),
  };
}

/** The provider is slashed all the same; these reveal, and are paid. */
function provenBy(params: Params, judges: readonly string[]): Expected {
  return {
    paid: [SECOND],
    disputes: [{ guilty: "provider", reason: "wrong_output" }],
    changes: together(
      forfeit(params, { loser: FIRST, winner: CHALLENGER, amount: COLLATERAL, judges }),
      payment(REWARD, REQUESTER, SECOND),
    ),
  };
}

/** The verdict of those who are bribed does not stand: half of their stakes goes, of which whoever appealed gets a share. */
function overturned(params: Params, bribed: readonly string[], honest: readonly string[]): Expected {
  const amount = STAKE * BigInt(params.wrongVerdictSlashPpm) / PPM;
  const contradicted = bribed.map((loser) =>
    forfeit(params, { loser, winner: CHALLENGER, amount, judges: [] })
  );
  const { changes, ...proven } = provenBy(params, [...honest, ...JUDGES]);
  return { ...proven, changes: together(changes, ...contradicted) };
}

function finedToo(params: Params, absent: readonly string[], expected: Expected): Expected {
  return { ...expected, changes: together(expected.changes, fines(params, absent)) };
}

/** See the module. */
export const arbiters: readonly Cheat[] = [
  {
    name: "wrong-verdict",
    role: "arbiter",
    tries: "It is drawn, computes nothing, and reveals any verdict, for the fee.",
    ends: "The others outvote it. It has no stake slashed for an opinion, and changed nothing.",
    plan: (dice) =>
      judged(dice, [dice.pick(JUDGES)], { executor: findingZeros }, (params) => provenBy(params, JUDGES)),
  },
  {
    name: "bribed-minority",
    role: "arbiter",
    tries: "The provider bribes one arbiter to say that the claimed output is right.",
    ends: "The others outvote it, and the provider is slashed.",
    plan: (dice) =>
      judged(dice, [dice.pick(JUDGES)], { ledger: findingAsClaimed }, (params) => provenBy(params, JUDGES)),
  },
  {
    name: "silent-arbiter",
    role: "arbiter",
    tries: "It is drawn and does not commit to a verdict.",
    ends: "It is fined for its absence; the others decide.",
    plan(dice) {
      const bad = dice.pick(JUDGES);
      return judged(
        dice,
        [bad],
        { ledger: silentOn("arbiter_commit") },
        (params, others) => finedToo(params, [bad], provenBy(params, others)),
      );
    },
  },
  {
    name: "missing-reveal",
    role: "arbiter",
    tries: "It commits to a verdict, sees where the others tend, and does not reveal.",
    ends: "It is fined like one who is absent; the others decide.",
    plan(dice) {
      const bad = dice.pick(JUDGES);
      return judged(
        dice,
        [bad],
        { ledger: silentOn("arbiter_reveal") },
        (params, others) => finedToo(params, [bad], provenBy(params, others)),
      );
    },
  },
  {
    name: "copied-commitment",
    role: "arbiter",
    tries: "It computes nothing and commits to what another arbiter has committed to.",
    ends: "A commitment names its author, so it cannot reveal what it copied, and is fined.",
    plan(dice) {
      const bad = dice.pick(JUDGES);
      return judged(
        dice,
        [bad],
        { ledger: copyingCommitments },
        (params, others) => finedToo(params, [bad], provenBy(params, others)),
      );
    },
  },
  {
    name: "absent-majority",
    role: "arbiter",
    tries: "Two of three arbiters are bribed to stay away, so that there is no verdict.",
    ends:
      "Both are fined; the challenger appeals, all validators judge, and the provider is slashed all the same.",
    plan(dice) {
      const present = dice.pick(JUDGES), bad = JUDGES.filter((name) => name !== present);
      // They judge as validators, and are paid as such.
      return judged(
        dice,
        bad,
        { ledger: silentOn("arbiter_commit") },
        (params) => finedToo(params, bad, provenBy(params, JUDGES)),
      );
    },
  },
  {
    name: "bribed-majority",
    role: "arbiter",
    tries: "The provider bribes two of three arbiters to say that the claimed output is right.",
    ends:
      "The challenger appeals and all validators judge: the provider is slashed after all, and so are those whom their verdict contradicts.",
    plan(dice) {
      const honest = dice.pick(JUDGES), bad = JUDGES.filter((name) => name !== honest);
      return judged(dice, bad, { ledger: findingAsClaimed }, (params) => overturned(params, bad, [honest]));
    },
  },
];
