/**
 * Requesters that post what nobody can do, to make providers fail.
 *
 * @module
 */
import type { Dice } from "../../random.ts";
import type { Cheat, Plan, PlannedJob } from "../cheat.ts";
import { company, FIRST, REQUESTER, SECOND } from "../company.ts";
import { slowMachine } from "../edges/slow_machine.ts";
import type { Twist } from "../../market/twist.ts";
import { drawJob, EXAM_STEPS, TRAINING_STEPS } from "../training_job.ts";

/** How long a step takes on the machines of those who are given too little time. Blocks take a second. */
const SLOW_STEP_MS = 2_000;

/** Three quarters of the time that a run takes on such a machine. */
const SHORT_BLOCKS = (TRAINING_STEPS + EXAM_STEPS) * SLOW_STEP_MS / 1_000 * 3 / 4;

function griefing(
  dice: Dice,
  flaw: Omit<PlannedJob, "plan">,
  twists: Readonly<Record<string, Twist>> = {},
): Plan {
  return {
    detail: "",
    players: company(twists),
    jobs: [{ plan: drawJob(dice), ...flaw }],
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
    plan: (dice) => griefing(dice, { flaw: "files withheld" }),
  },
  {
    name: "malformed-program",
    role: "requester",
    tries: "It posts one program and hands out the files of another, so that no result can be defended.",
    ends:
      "Providers open the program before they accept it, see the difference and decline; the task fails and is refunded.",
    plan: (dice) => griefing(dice, { flaw: "files of another program" }),
  },
  {
    name: "impossible-window",
    role: "requester",
    tries: "It gives less time for the result than its program takes on anybody's machine.",
    ends:
      "Providers rehearse the program before they accept it, see that the time does not suffice and decline; the task fails and is refunded.",
    plan(dice) {
      const slow: Twist = { executor: (own, powers) => slowMachine(own, powers, SLOW_STEP_MS) };
      return griefing(dice, { computeBlocks: SHORT_BLOCKS }, { [FIRST]: slow, [SECOND]: slow });
    },
  },
];
