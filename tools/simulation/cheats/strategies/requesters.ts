/**
 * Requesters that post what nobody can do, to make providers fail.
 *
 * @module
 */
import type { Dice } from "../../random.ts";
import type { Cheat, Plan, PlannedJob } from "../cheat.ts";
import { company, REQUESTER } from "../company.ts";
import { drawJob } from "../training_job.ts";

function griefing(dice: Dice, flaw: NonNullable<PlannedJob["flaw"]>): Plan {
  return {
    detail: "",
    players: company({}),
    jobs: [{ plan: drawJob(dice), flaw }],
    guilty: [REQUESTER],
    expected: () => ({ paid: [null], disputes: [], changes: {} }),
  };
}

/** See the module. */
export const requesters: readonly Cheat[] = [
  {
    name: "withheld-files",
    role: "requester",
    tries: "It posts a task and gives nobody its files, so that whoever accepts it must fail.",
    ends:
      "Providers decline what they cannot fetch and lose nothing; the task fails, and the requester has paid fees for nothing.",
    plan: (dice) => griefing(dice, "files withheld"),
  },
  {
    name: "malformed-program",
    role: "requester",
    tries: "It posts one program and hands out the files of another, so that no result can be defended.",
    ends:
      "Providers open the program before they accept it, see the difference and decline; the task fails and is refunded.",
    plan: (dice) => griefing(dice, "files of another program"),
  },
];
