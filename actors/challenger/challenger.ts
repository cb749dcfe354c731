/**
 * The challenger: audits what it is drawn for, holds and certifies outputs where it is drawn for that, computes submitted results again, and disputes those
 * that differ, to the end.
 *
 * It never disputes on one computation alone: a result that differs is computed a second time from the inputs, and only if its own two
 * runs agree is a bond put at stake. An engine that keeps its promise raises no false alarm then, and one that does not is noticed. And a result about
 * which it has lost a dispute it disputes no more: a machine that is wrong in the same way each time would lose bond after bond. Where honest
 * bits differ between devices it judges what the provider committed to, node by node, and disputes only what lies beyond its bound.
 *
 * @module
 */
import {
  type Address,
  bytesToHex,
  equalBytes,
  isTolerant,
  programId,
  saltedRunRoot,
} from "../../ledger/primitives/mod.ts";
import type { Dispute, Duty as LedgerDuty, Operation, Task } from "../../ledger/mod.ts";
import { contradicts } from "../../ledger/audits/mod.ts";
import { type Duty, type DutyResult, type DutyState, type DutyTimes, makeDutyActor } from "../duties/mod.ts";
import { type Activity, type Actor, ActorError } from "../runtime/mod.ts";
import {
  answerDuty,
  answerParty,
  appealDuty,
  type AppealPolicy,
  auditCommit,
  auditKey,
  auditReveal,
  certifyDuty,
  challengerMove,
  type ChallengerTurn,
  COMPUTE_MS,
  computeRun,
  heldIndex,
  keptSource,
  makeEngineNaming,
  makeJudgedRuns,
  makeOneAtATime,
  makeProgramAccess,
  type OutputIndex,
  type Party,
  seedOf,
  taskKey,
  turnKey,
  type WorkPowers,
} from "../work/mod.ts";

/** What a challenger does. */
export interface ChallengerPolicy {
  /** Whether it checks the result of a task that it was not drawn to audit. Default: every one. */
  readonly checks?: (task: Task) => boolean;
  /** When it appeals against a verdict. Default: if it is right. */
  readonly appeals?: AppealPolicy;
}

/** Most submitted results in view at a time. */
const MAX_RESULTS = 256;

/** Results remembered as checked: far more than can be in their challenge windows. */
const MAX_REMEMBERED = 4096;

const LOST =
  "This node lost a dispute about this result, so it disputes it no more: check the machine and the engine.";

/** Makes a challenger. */
export function makeChallenger(
  powers: WorkPowers,
  policy: ChallengerPolicy = {},
  times?: DutyTimes,
): Actor<DutyState, DutyResult> {
  const { ledger, executor } = powers;
  const self: Address = ledger.address;
  const programs = makeProgramAccess(powers);
  // What two audits of one program are handed would mix; and each takes the memory of a run.
  const inTurn = makeOneAtATime();
  const nameEngine = makeEngineNaming(powers, "challenger");
  const judged = makeJudgedRuns(powers);
  const checked = new Set<string>();

  const sources = (task: Task): readonly Address[] =>
    task.provider === null ? [task.requester] : [task.requester, task.provider];

  const programOf = (task: Task, activity: Activity) =>
    programs.open(task, "everything", sources(task), activity);

  const party = async (task: Task, activity: Activity): Promise<Party> => {
    const program = await programOf(task, activity);
    if (isTolerant(task.program)) return await judged.party(task, program, activity);
    const { segmentRoots } = await computeRun(powers, program, bytesToHex(task.id), activity);
    return { executor, program, segmentRoots, seed: seedOf(task), call: { signal: activity.signal } };
  };

  const remember = (key: string) => {
    checked.add(key);
    const oldest = checked.values().next().value;
    if (checked.size > MAX_REMEMBERED && oldest !== undefined) checked.delete(oldest);
  };

  /** Computes the program once more from its inputs. */
  const confirm = async (task: Task, { program, segmentRoots }: Party, activity: Activity) => {
    const again = isTolerant(task.program)
      ? await judged.party(task, program, activity, true)
      : await executor.run({ program: program.id }, { signal: activity.signal });
    const same = again.segmentRoots.length === segmentRoots.length &&
      again.segmentRoots.every((root, i) => equalBytes(root, segmentRoots[i] ?? new Uint8Array()));
    if (same) return;
    throw new ActorError(
      "mismatch",
      "This node's engine gave two results for one program, so it disputes nobody's: check the machine and the engine.",
    );
  };

  /** Whether this node has lost a dispute about this result: what it computes is then not to be trusted with another bond. */
  const hasLost = async ({ id, attempt }: Task, activity: Activity): Promise<boolean> =>
    (await ledger.query("disputesOfTask", id, activity)).some((dispute) =>
      dispute.attempt === attempt && dispute.outcome?.guilty === "challenger" &&
      equalBytes(dispute.challenger, self)
    );

  const check = (task: Task, key: string) => async (activity: Activity) => {
    const { result } = task;
    if (result === null) return;
    try {
      if (!await programs.runsHere(task, activity)) return remember(key); // for those who have the engine
      if (await hasLost(task, activity)) {
        activity.emit({ kind: "warning", code: "mismatch", message: LOST });
        return remember(key);
      }
      const mine = await party(task, activity);
      const agrees = equalBytes(saltedRunRoot(mine.seed, mine.segmentRoots), result.runRoot);
      if (!agrees) await confirm(task, mine, activity);
      activity.emit({ kind: "task_checked", task: bytesToHex(task.id), agrees });
      if (!agrees) await ledger.submit({ kind: "open_dispute", task: task.id }, activity);
      else remember(key);
    } catch (thrown) {
      programs.forget(task);
      throw thrown;
    }
  };

  /** The move that names the node at once, where the rules have it: see `name_node.ts` of the ledger's disputes. */
  const namedNode = async (
    task: Task,
    { id }: Pick<Dispute, "id">,
    turn: ChallengerTurn,
    activity: Activity,
  ): Promise<Operation | undefined> => {
    if (!isTolerant(task.program) || turn.kind !== "choose" || turn.tree.kind !== "run") return undefined;
    return await judged.naming(task, await programOf(task, activity), id, activity);
  };

  const move =
    ({ task, dispute, opened }: Extract<LedgerDuty, { kind: "move" }>, turn: ChallengerTurn) =>
    async (activity: Activity) => {
      try {
        const operation = await namedNode(task, dispute, turn, activity) ??
          await challengerMove(await party(task, activity), dispute, turn, opened);
        await ledger.submit(operation, activity);
        activity.emit({
          kind: "dispute_move",
          dispute: bytesToHex(dispute.id),
          by: "challenger",
          move: turn.kind,
          detail: `round ${dispute.rounds + 1}`,
        });
      } catch (thrown) {
        programs.forget(task);
        throw thrown;
      }
    };

  const audit = (
    { task, audit }: Extract<LedgerDuty, { kind: "audit" }>,
    turn: "commit" | "reveal",
  ) =>
  async (activity: Activity) => {
    try {
      const operation = turn === "reveal" ? await auditReveal(powers, audit) : await inTurn(
        bytesToHex(programId(task.program)),
        () => auditCommit(powers, () => programOf(task, activity), task, audit, activity),
      );
      await ledger.submit(operation, activity);
      activity.emit({ kind: "task_audited", task: bytesToHex(task.id), move: turn });
    } catch (thrown) {
      programs.forget(task);
      throw thrown;
    }
  };

  const auditDuties = (duty: LedgerDuty): readonly Duty[] => {
    if (duty.kind !== "audit") return [];
    const { turn } = duty;
    if (turn !== "commit" && turn !== "reveal") return [];
    return [{ key: auditKey(duty.audit, turn), deadlineMs: COMPUTE_MS, perform: audit(duty, turn) }];
  };

  const moveDuties = (duty: LedgerDuty): readonly Duty[] => {
    if (duty.kind === "appealable") return appealDuty(powers, "challenger", policy.appeals, party, duty);
    if (duty.kind !== "move" || duty.turn.by !== "challenger" || !equalBytes(duty.dispute.challenger, self)) {
      return [];
    }
    return [{
      key: turnKey(duty.dispute, duty.turn),
      deadlineMs: COMPUTE_MS,
      perform: move(duty, duty.turn),
    }];
  };

  /** Whether this node has said as an auditor that a result is wrong: it must dispute it then, whatever its policy. */
  const hasContradicted = async ({ id }: Task, activity: Activity): Promise<boolean> => {
    const audit = await ledger.query("audit", id, activity);
    const seat = audit?.seats.find(({ auditor }) => equalBytes(auditor, self));
    return audit !== undefined && seat !== undefined && contradicts(audit, seat);
  };

  const checkDuties = async (task: Task, activity: Activity): Promise<readonly Duty[]> => {
    const { result } = task;
    const key = taskKey("check", task);
    if (result === null || equalBytes(result.provider, self) || checked.has(key)) return [];
    if (policy.checks?.(task) === false && !await hasContradicted(task, activity)) return [];
    return [{ key, deadlineMs: COMPUTE_MS, perform: check(task, key) }];
  };

  /** As member of a committee. What it has certified it also shows, if its provider does not. */
  const availabilityDuties = (duty: LedgerDuty): readonly Duty[] => {
    if (duty.kind === "certify") return certifyDuty(powers, duty);
    if (duty.kind !== "answer") return [];
    const { task, demand: { what } } = duty;
    if (what.kind !== "state" && what.kind !== "step") return [];
    return answerDuty(powers, duty, async (activity) => {
      return await keptSource(powers.blobs, task, await outputs(task), what, activity);
    });
  };

  const outputs = async (task: Task): Promise<OutputIndex> => {
    const index = await heldIndex(powers, task);
    if (index !== undefined) return index;
    throw new ActorError("refused", "This node has not certified that result: ask its provider.");
  };

  return makeDutyActor({
    async look(activity) {
      const asked = await ledger.query("duties", self, activity);
      const submitted = await ledger.query("tasks", { status: "submitted", limit: MAX_RESULTS }, activity);
      const checks = await Promise.all(submitted.map((task) => checkDuties(task, activity)));
      return [
        ...asked.flatMap(auditDuties),
        ...asked.flatMap(availabilityDuties),
        ...asked.flatMap(moveDuties),
        ...checks.flat(),
        ...await nameEngine(activity),
      ];
    },
    answer: (_from, body, activity) =>
      answerParty(
        powers,
        { party, program: programOf, outputs },
        body,
        activity,
      ),
  }, times);
}
