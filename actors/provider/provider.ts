/**
 * The provider: offers its machine, computes what it is assigned, commits to it once, and opens in an audit or a dispute whatever it
 * is asked to.
 *
 * A cheat is not part of it: a test that needs one hands it an executor that claims something else than it computes.
 *
 * @module
 */
import {
  type Address,
  bytesToHex,
  decode,
  encode,
  equalBytes,
  programSegments,
} from "../../ledger/primitives/mod.ts";
import type { Duty as LedgerDuty, Task } from "../../ledger/mod.ts";
import { type Duty, type DutyResult, type DutyState, type DutyTimes, makeDutyActor } from "../duties/mod.ts";
import { type Activity, type Actor, ActorError, codeOf } from "../runtime/mod.ts";
import {
  answerDuty,
  answerParty,
  appealDuty,
  auditKey,
  COMPUTE_MS,
  computedSource,
  computeRun,
  fileSource,
  makeProgramAccess,
  makeRunNotes,
  openInputs,
  openOutputs,
  OPERATION_MS,
  OutputIndex,
  type Party,
  providerMoves,
  type ProviderTurn,
  publishOutputs,
  seedFor,
  seedOf,
  submission,
  taskKey,
  turnKey,
  unitReason,
  type WorkPowers,
} from "../work/mod.ts";
import { makeBlockPace } from "./block_pace.ts";
import { declineReason, isOfferCurrent, type ProviderPolicy, windowReason } from "./policy.ts";
import { rehearse } from "./rehearsal.ts";

/** The validity of an offer is renewed when less than this share of it is left: one lost heartbeat is not the end. */
const RENEW_WHEN_LEFT = 0.5;

/** Share of the time left to accept that a rehearsal may take: the acceptance must still get into a block. */
const REHEARSAL_SHARE = 0.5;

/** Pause between two looks at the chain while too few blocks were seen to know their pace. */
const PACE_LOOK_MS = 100;

/** Codes of failures that call for another try, rather than for declining the task. */
const PASSING_CODES: ReadonlySet<string> = new Set(["cancelled", "stopped", "crashed", "timed_out"]);

/** Makes a provider. `powers.executor` may be one that cheats: that is how cheats are tested. */
export function makeProvider(
  powers: WorkPowers,
  policy: ProviderPolicy,
  times?: DutyTimes,
): Actor<DutyState, DutyResult> {
  const { ledger, executor, journal } = powers;
  const self: Address = ledger.address;
  const programs = makeProgramAccess(powers);
  const pace = makeBlockPace();
  const outputsKey = (task: Task) => `outputs/${bytesToHex(task.id)}`;

  const programOf = (task: Task, activity: Activity) =>
    programs.open(task, "everything", [task.requester], activity);

  const party = async (task: Task, activity: Activity): Promise<Party> => {
    const program = await programOf(task, activity);
    const { segmentRoots } = await computeRun(powers, program, bytesToHex(task.id), activity);
    return { executor, program, segmentRoots, seed: seedOf(task), call: { signal: activity.signal } };
  };

  /** The same before the seed is public: what an audit has opened can be demanded then. */
  const ownParty = async (task: Task, activity: Activity): Promise<Party> => {
    const program = await programOf(task, activity);
    const { segmentRoots } = await computeRun(powers, program, bytesToHex(task.id), activity);
    const seed = await seedFor(journal, task, activity);
    return { executor, program, segmentRoots, seed, call: { signal: activity.signal } };
  };

  const outputs = async (task: Task, activity: Activity): Promise<OutputIndex> => {
    const note = await journal.get(outputsKey(task));
    if (note === undefined) {
      throw new ActorError("refused", "This node did not compute that task: ask its provider.");
    }
    activity.signal.throwIfAborted();
    return decode(OutputIndex, note);
  };

  /** Runs work on a task's program; after a failure it is loaded anew. */
  const on = (task: Task, work: (activity: Activity) => Promise<void>) => async (activity: Activity) => {
    try {
      await work(activity);
    } catch (thrown) {
      programs.forget(task);
      throw thrown;
    }
  };

  /** The chain's height, noted for its pace. */
  const height = async (activity: Activity): Promise<bigint> => {
    const head = await ledger.query("head", null, activity);
    pace.note(head.height, activity.now());
    return head.height;
  };

  const blockMs = async (activity: Activity): Promise<number> => {
    while (true) {
      const known = pace.blockMs();
      if (known !== undefined) return known;
      await activity.sleep(PACE_LOOK_MS);
      await height(activity);
    }
  };

  /** Why the window of a task whose program runs here is too short; null if it is not. */
  const lackOfTime = async (task: Task, activity: Activity): Promise<string | null> => {
    const program = await programOf(task, activity);
    const block = await blockMs(activity);
    const hopeless = windowReason(policy, task, { runMs: 0, blockMs: block });
    if (hopeless !== null) return hopeless;
    // What was computed before, for another task or attempt, takes no time.
    if (await makeRunNotes(journal).get(program.id) !== undefined) return null;
    const toAccept = Number(task.deadline - await height(activity)) * block * REHEARSAL_SHARE;
    const budget = Math.min(toAccept, task.computeBlocks * block, OPERATION_MS * REHEARSAL_SHARE);
    return windowReason(policy, task, {
      runMs: await rehearse(executor, program, budget, activity),
      blockMs: block,
    });
  };

  const accept = (task: Task) => async (activity: Activity) => {
    let reason = declineReason(policy, task);
    if (reason === null) {
      try {
        if (!await programs.runsHere(task, activity)) {
          reason = `its engine ${task.program.engine} is another than ours`;
        } else {
          const program = await programOf(task, activity);
          reason = await unitReason(powers, program, activity) ?? await lackOfTime(task, activity);
        }
      } catch (thrown) {
        if (PASSING_CODES.has(codeOf(thrown))) throw thrown;
        reason = thrown instanceof Error ? thrown.message : String(thrown);
      }
    }
    await ledger.submit({ kind: reason === null ? "accept_task" : "decline_task", task: task.id }, activity);
    activity.emit({
      kind: "task_stage",
      task: bytesToHex(task.id),
      stage: reason === null ? "accepted" : "declined",
      ...(reason === null ? {} : { detail: reason }),
    });
  };

  const compute = (task: Task) => async (activity: Activity) => {
    const id = bytesToHex(task.id);
    const program = await programOf(task, activity);
    activity.emit({ kind: "task_stage", task: id, stage: "computing" });
    const run = await computeRun(powers, program, id, activity);
    const index = await publishOutputs(powers, program, run.segmentRoots, { signal: activity.signal });
    await journal.put(outputsKey(task), encode(OutputIndex, index));
    const segment = programSegments(program.program);
    const { entries } = await executor.state({ program: program.id, segment }, { signal: activity.signal });
    const seed = await seedFor(journal, task, activity);
    await ledger.submit(submission(task.id, program, run, seed, entries), activity);
    activity.emit({ kind: "task_stage", task: id, stage: "submitted" });
  };

  const open =
    ({ task, audit, turn }: Extract<LedgerDuty, { kind: "audit" }>) => async (activity: Activity) => {
      const program = await programOf(task, activity);
      const computed = await computeRun(powers, program, bytesToHex(task.id), activity);
      const run = { ...computed, seed: await seedFor(journal, task, activity) };
      const operation = turn === "open_inputs"
        ? openInputs(audit, program, run)
        : await openOutputs(audit, program, run, executor, { signal: activity.signal });
      await ledger.submit(operation, activity);
      activity.emit({
        kind: "task_stage",
        task: bytesToHex(task.id),
        stage: turn === "open_inputs" ? "inputs_opened" : "opened",
      });
    };

  const move =
    ({ task, dispute }: Extract<LedgerDuty, { kind: "move" }>, turn: ProviderTurn) =>
    async (activity: Activity) => {
      const operations = await providerMoves(await party(task, activity), dispute.id, turn);
      for (const operation of operations) await ledger.submit(operation, activity);
      activity.emit({
        kind: "dispute_move",
        dispute: bytesToHex(dispute.id),
        by: "provider",
        move: turn.kind,
        detail: `round ${dispute.rounds}`,
      });
    };

  const dutyOf = (duty: LedgerDuty): readonly Duty[] => {
    const { task } = duty;
    switch (duty.kind) {
      case "accept":
        return [{ key: taskKey("accept", task), deadlineMs: OPERATION_MS, perform: on(task, accept(task)) }];
      case "compute":
        return [{ key: taskKey("compute", task), deadlineMs: COMPUTE_MS, perform: on(task, compute(task)) }];
      case "move": {
        const { turn, dispute } = duty;
        if (turn.by !== "provider" || !equalBytes(dispute.provider, self)) return [];
        return [{ key: turnKey(dispute, turn), deadlineMs: COMPUTE_MS, perform: on(task, move(duty, turn)) }];
      }
      case "appealable":
        return appealDuty(powers, "provider", policy.appeals, party, duty);
      case "audit": {
        const { audit, turn } = duty;
        if (turn !== "open_inputs" && turn !== "open_outputs") return [];
        return [{ key: auditKey(audit, turn), deadlineMs: COMPUTE_MS, perform: on(task, open(duty)) }];
      }
      case "answer": {
        const { demand: { what } } = duty;
        return answerDuty(
          powers,
          duty,
          async (activity) =>
            what.kind === "state" || what.kind === "step"
              ? await computedSource(await ownParty(task, activity), what)
              : await fileSource(powers.blobs, task, what, activity),
        );
      }
      default:
        return [];
    }
  };

  const offerDuties = async (activity: Activity): Promise<readonly Duty[]> => {
    const engine = await executor.engine({ signal: activity.signal });
    const offer = await ledger.query("offer", self, activity);
    if (offer === undefined || !isOfferCurrent(policy, engine.name, offer)) {
      const { memoryMiB, minReward, slots } = policy;
      return [{
        key: "offer",
        deadlineMs: OPERATION_MS,
        async perform(inner) {
          await ledger.submit(
            { kind: "publish_offer", engines: [engine.name], memoryMiB, minReward, slots },
            inner,
          );
        },
      }];
    }
    const at = await height(activity);
    const { offerBlocks } = await ledger.query("params", null, activity);
    if (Number(offer.validUntil - at) > offerBlocks * RENEW_WHEN_LEFT) return [];
    return [{
      key: `heartbeat/${offer.validUntil}`,
      deadlineMs: OPERATION_MS,
      async perform(inner) {
        await ledger.submit({ kind: "heartbeat" }, inner);
      },
    }];
  };

  return makeDutyActor({
    async look(activity) {
      const asked = await ledger.query("duties", self, activity);
      return [...asked.flatMap(dutyOf), ...await offerDuties(activity)];
    },
    answer: (_from, body, activity) =>
      answerParty(powers, { party, program: programOf, outputs }, body, activity),
  }, times);
}
