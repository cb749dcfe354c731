/**
 * The arbiter: when the beacon has drawn it, executes the one disputed operator, or the one chunk, commits to what came out, and reveals
 * it later. On a validator's node it does the same when a verdict is appealed to all validators.
 *
 * Salt and verdict are noted before the commitment is sent: who could not reveal what it committed to would pay for it.
 *
 * @module
 */
import {
  type Address,
  bytes32,
  bytesToHex,
  decode,
  encode,
  type Hash,
  type Infer,
  record,
} from "../../ledger/primitives/mod.ts";
import { arbiterCommitment, type Duty as LedgerDuty, type Operation, UNAVAILABLE } from "../../ledger/mod.ts";
import { appealCommitment } from "../../ledger/disputes/mod.ts";
import { type Duty, type DutyResult, type DutyState, type DutyTimes, makeDutyActor } from "../duties/mod.ts";
import { type Activity, type Actor, ActorError, codeOf } from "../runtime/mod.ts";
import {
  COMPUTE_MS,
  judge,
  makeEngineNaming,
  makeProgramAccess,
  OPERATION_MS,
  turnKey,
  type WorkPowers,
} from "../work/mod.ts";

/** How an arbiter works. */
export interface ArbiterPolicy {
  /**
   * Blocks before the end of the window at which it says that the inputs could not be had, if they could not: enough for the
   * commitment to be included.
   */
  readonly giveUpBlocks: number;
}

/** Twelve blocks: three to five seconds on a fast chain, enough for a commitment behind a failed leader or two. */
export const DEFAULT_ARBITER_POLICY: ArbiterPolicy = { giveUpBlocks: 12 };

const Finding = record("Finding", { salt: bytes32, verdict: bytes32 });
type Finding = Infer<typeof Finding>;

/** Codes of failures that only mean that there is no verdict yet. */
const UNAVAILABLE_CODES: ReadonlySet<string> = new Set(["unavailable", "not_found", "timed_out", "mismatch"]);

/** What an arbiter is asked to judge, as one of the drawn or as a validator. */
type Judging = Extract<LedgerDuty, { kind: "arbitrate" | "appeal" }>;

/** The operation that commits to a finding. */
function commitOperation({ kind, dispute: { id } }: Judging, self: Address, finding: Finding): Operation {
  return kind === "arbitrate"
    ? {
      kind: "arbiter_commit",
      dispute: id,
      commitment: arbiterCommitment({ dispute: id, arbiter: self, ...finding }),
    }
    : {
      kind: "appeal_commit",
      dispute: id,
      commitment: appealCommitment({ dispute: id, validator: self, ...finding }),
    };
}

/** Where a finding is noted: that of an appeal is another than that of an arbiter, who may be the same account. */
function noteKey({ kind, dispute: { id } }: Judging): string {
  return `${kind === "arbitrate" ? "finding" : "appeal"}/${bytesToHex(id)}`;
}

/** Makes an arbiter. */
export function makeArbiter(
  powers: WorkPowers,
  policy: ArbiterPolicy = DEFAULT_ARBITER_POLICY,
  times?: DutyTimes,
): Actor<DutyState, DutyResult> {
  const { ledger, journal } = powers;
  const self: Address = ledger.address;
  const programs = makeProgramAccess(powers);
  const nameEngine = makeEngineNaming(powers, "arbiter");

  const isLastMoment = async ({ deadline }: Judging, activity: Activity): Promise<boolean> => {
    const { height } = await ledger.query("head", null, activity);
    return deadline - height <= BigInt(policy.giveUpBlocks);
  };

  const find = async (judging: Judging, activity: Activity): Promise<Hash> => {
    const { dispute } = judging;
    const tell = (operator: string, finding: string) =>
      activity.emit({ kind: "verdict", dispute: bytesToHex(dispute.id), operator, finding });
    try {
      const { verdict, operator } = await judge(powers, programs, judging, activity);
      tell(operator, bytesToHex(verdict).slice(0, 16));
      return verdict;
    } catch (thrown) {
      programs.forget(judging.task);
      if (!UNAVAILABLE_CODES.has(codeOf(thrown)) || !await isLastMoment(judging, activity)) throw thrown;
      tell("", "the inputs could not be had");
      return UNAVAILABLE;
    }
  };

  const commit = (judging: Judging) => async (activity: Activity) => {
    const note = await journal.get(noteKey(judging));
    const finding = note === undefined
      ? { salt: activity.random(32), verdict: await find(judging, activity) }
      : decode(Finding, note);
    if (note === undefined) await journal.put(noteKey(judging), encode(Finding, finding));
    await ledger.submit(commitOperation(judging, self, finding), activity);
  };

  const reveal = (judging: Judging) => async (activity: Activity) => {
    const { kind, dispute: { id } } = judging;
    const note = await journal.get(noteKey(judging));
    if (note === undefined) {
      throw new ActorError(
        "unavailable",
        "The note of what was committed to is gone, so it cannot be revealed.",
      );
    }
    const operation = kind === "arbitrate" ? "arbiter_reveal" : "appeal_reveal";
    await ledger.submit({ kind: operation, dispute: id, ...decode(Finding, note) }, activity);
    const by = kind === "arbitrate" ? "arbiter" : "validator";
    activity.emit({ kind: "dispute_move", dispute: bytesToHex(id), by, move: "reveal" });
  };

  const dutyOf = (judging: Judging): Duty => {
    const { turn, dispute } = judging;
    const key = turnKey(dispute, turn);
    return turn.kind === "commit" || turn.kind === "appeal_commit"
      ? { key, deadlineMs: COMPUTE_MS, perform: commit(judging) }
      : { key, deadlineMs: OPERATION_MS, perform: reveal(judging) };
  };

  return makeDutyActor({
    async look(activity) {
      const asked = await ledger.query("duties", self, activity);
      const judging = asked.flatMap((duty) =>
        duty.kind === "arbitrate" || duty.kind === "appeal" ? [dutyOf(duty)] : []
      );
      // An executor is only started where there is something to judge.
      return judging.length === 0 ? [] : [...judging, ...await nameEngine(activity)];
    },
  }, times);
}
