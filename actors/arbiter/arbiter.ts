/**
 * The arbiter: when the beacon has drawn it, executes the one disputed operator, commits to what came out, and reveals it later.
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
  record,
} from "../../ledger/primitives/mod.ts";
import { arbiterCommitment, UNAVAILABLE } from "../../ledger/mod.ts";
import { type Duty, type DutyResult, type DutyState, type DutyTimes, makeDutyActor } from "../duties/mod.ts";
import { type Activity, type Actor, ActorError, codeOf } from "../runtime/mod.ts";
import { COMPUTE_MS, makeProgramAccess, OPERATION_MS, turnKey, type WorkPowers } from "../work/mod.ts";
import { type Arbitration, judge } from "./judge.ts";

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

/** Codes of failures that only mean that there is no verdict yet. */
const UNAVAILABLE_CODES: ReadonlySet<string> = new Set(["unavailable", "not_found", "timed_out", "mismatch"]);

/** Makes an arbiter. */
export function makeArbiter(
  powers: WorkPowers,
  policy: ArbiterPolicy = DEFAULT_ARBITER_POLICY,
  times?: DutyTimes,
): Actor<DutyState, DutyResult> {
  const { ledger, journal } = powers;
  const self: Address = ledger.address;
  const programs = makeProgramAccess(powers);
  const noteKey = (dispute: Hash) => `finding/${bytesToHex(dispute)}`;

  const isLastMoment = async ({ deadline }: Arbitration, activity: Activity): Promise<boolean> => {
    const { height } = await ledger.query("head", null, activity);
    return deadline - height <= BigInt(policy.giveUpBlocks);
  };

  const find = async (arbitration: Arbitration, activity: Activity): Promise<Hash> => {
    const { dispute, turn } = arbitration;
    if (turn.kind !== "commit") {
      throw new ActorError("bad_options", "A finding is made when a commitment is asked for.");
    }
    const tell = (operator: string, finding: string) =>
      activity.emit({ kind: "verdict", dispute: bytesToHex(dispute.id), operator, finding });
    try {
      const { verdict, operator } = await judge(powers, programs, arbitration, turn.at, activity);
      tell(operator, bytesToHex(verdict).slice(0, 16));
      return verdict;
    } catch (thrown) {
      programs.forget(arbitration.task);
      if (!UNAVAILABLE_CODES.has(codeOf(thrown)) || !await isLastMoment(arbitration, activity)) throw thrown;
      tell("", "the inputs could not be had");
      return UNAVAILABLE;
    }
  };

  const commit = (arbitration: Arbitration) => async (activity: Activity) => {
    const { id } = arbitration.dispute;
    const note = await journal.get(noteKey(id));
    const finding = note === undefined
      ? { salt: activity.random(32), verdict: await find(arbitration, activity) }
      : decode(Finding, note);
    if (note === undefined) await journal.put(noteKey(id), encode(Finding, finding));
    const commitment = arbiterCommitment({ dispute: id, arbiter: self, ...finding });
    await ledger.submit({ kind: "arbiter_commit", dispute: id, commitment }, activity);
  };

  const reveal = ({ dispute: { id } }: Arbitration) => async (activity: Activity) => {
    const note = await journal.get(noteKey(id));
    if (note === undefined) {
      throw new ActorError(
        "unavailable",
        "The note of what was committed to is gone, so it cannot be revealed.",
      );
    }
    await ledger.submit({ kind: "arbiter_reveal", dispute: id, ...decode(Finding, note) }, activity);
    activity.emit({ kind: "dispute_move", dispute: bytesToHex(id), by: "arbiter", move: "reveal" });
  };

  const dutyOf = (arbitration: Arbitration): readonly Duty[] => {
    const { turn, dispute } = arbitration;
    const key = turnKey(dispute, turn);
    if (turn.kind === "commit") return [{ key, deadlineMs: COMPUTE_MS, perform: commit(arbitration) }];
    return turn.kind === "reveal" ? [{ key, deadlineMs: OPERATION_MS, perform: reveal(arbitration) }] : [];
  };

  return makeDutyActor({
    async look(activity) {
      const asked = await ledger.query("duties", self, activity);
      return asked.flatMap((duty) => duty.kind === "arbitrate" ? dutyOf(duty) : []);
    },
  }, times);
}
