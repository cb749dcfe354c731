/**
 * The requester: posts tasks, follows them, and brings their outputs home, checked against what the ledger says was committed to.
 *
 * @module
 */
import {
  type Address,
  bytesToHex,
  decode,
  encode,
  equalBytes,
  formatAddress,
  type Hash,
  parseAddress,
} from "../../ledger/primitives/mod.ts";
import type { Duty as LedgerDuty, Task } from "../../ledger/mod.ts";
import { decodeManifest, manifestBlobs } from "../../executor/mod.ts";
import { type Duty, type DutyResult, type DutyState, type DutyTimes, makeDutyActor } from "../duties/mod.ts";
import { type Activity, type Actor, ActorError } from "../runtime/mod.ts";
import {
  answerDuty,
  askForIndex,
  type BlobAccess,
  COMPUTE_MS,
  fileSource,
  holdersOf,
  OutputIndex,
  short,
  type WorkPowers,
} from "../work/mod.ts";
import { RequesterAnswer, RequesterQuestion } from "./protocol.ts";

/** What a requester may use. */
export type RequesterPowers = Pick<WorkPowers, "ledger" | "blobs" | "journal">;

/** How a requester behaves. */
export interface RequesterPolicy {
  /** Fetches outputs as soon as a task is done, before the provider can leave. Default true. */
  readonly collects?: boolean;
}

/** Own tasks followed: those among the newest ones of the network. */
const MAX_FOLLOWED = 256;

/** Blobs of the outputs that are fetched at once. */
const FETCHES = 4;

/** Makes a requester. */
export function makeRequester(
  powers: RequesterPowers,
  policy: RequesterPolicy = {},
  times?: DutyTimes,
): Actor<DutyState, DutyResult> {
  const { ledger, blobs, journal } = powers;
  const self: Address = ledger.address;
  const seen = new Map<string, string>();
  const collected = new Set<string>();

  const post = async (question: Extract<RequesterQuestion, { kind: "post" }>, activity: Activity) => {
    await requireBlobs(blobs, question.manifest, activity);
    const { kind: _, ...task } = question;
    const { hash } = await ledger.submit({ kind: "post_task", ...task }, activity);
    activity.emit({ kind: "task_stage", task: bytesToHex(hash), stage: "posted", detail: question.title });
    return hash;
  };

  const ownTask = async (id: Hash, activity: Activity): Promise<Task> => {
    const task = await ledger.query("task", id, activity);
    if (task === undefined) throw new ActorError("refused", `There is no task ${short(id)}.`);
    return task;
  };

  const collect = async (task: Task, activity: Activity): Promise<OutputIndex> => {
    const note = await journal.get(outputsKey(task));
    if (note !== undefined) return decode(OutputIndex, note);
    const { result } = task;
    if (task.status !== "done" || result === null) {
      throw new ActorError(
        "refused",
        `The task ${short(task.id)} is ${task.status}: its outputs come when it is done.`,
      );
    }
    const holders = holdersOf(task, await ledger.query("availability", task.id, activity));
    const index = await askForIndex(task, holders, activity);
    await fetchAll(blobs, task, index, holders.map(({ peer }) => parseAddress(peer)), activity);
    await journal.put(outputsKey(task), encode(OutputIndex, index));
    activity.emit({ kind: "task_stage", task: bytesToHex(task.id), stage: "collected" });
    return index;
  };

  const collectDuty = (task: Task): readonly Duty[] => {
    const id = bytesToHex(task.id);
    if (policy.collects === false || task.status !== "done" || collected.has(id)) return [];
    return [{
      key: `collect/${id}`,
      deadlineMs: COMPUTE_MS,
      async perform(activity) {
        await collect(task, activity);
        collected.add(id);
      },
    }];
  };

  /** Shows chunks of its own files that are demanded of it. */
  const servingDuties = (duty: LedgerDuty): readonly Duty[] => {
    if (duty.kind !== "answer") return [];
    const { task, demand: { what } } = duty;
    if (what.kind === "state" || what.kind === "step" || !equalBytes(task.requester, self)) return [];
    return answerDuty(powers, duty, (activity) => fileSource(blobs, task, what, activity));
  };

  const tellChange = (task: Task, activity: Activity) => {
    const id = bytesToHex(task.id);
    const stage = task.attempt > 1 ? `${task.status}, attempt ${task.attempt}` : task.status;
    if (seen.get(id) === stage) return;
    seen.set(id, stage);
    activity.emit({ kind: "task_stage", task: id, stage: task.status, detail: `attempt ${task.attempt}` });
  };

  const respond = async (question: RequesterQuestion, activity: Activity): Promise<RequesterAnswer> => {
    switch (question.kind) {
      case "post":
        return { kind: "posted", task: await post(question, activity) };
      case "cancel":
        await ledger.submit({ kind: "cancel_task", task: question.task }, activity);
        return { kind: "cancelled", task: question.task };
      case "collect":
        return { kind: "collected", index: await collect(await ownTask(question.task, activity), activity) };
    }
  };

  return makeDutyActor({
    async look(activity) {
      const tasks = await ledger.query("tasks", { limit: MAX_FOLLOWED }, activity);
      const own = tasks.filter(({ requester }) => equalBytes(requester, self));
      for (const task of own.toReversed()) tellChange(task, activity);
      const asked = own.some(({ status }) => isJudged(status))
        ? await ledger.query("duties", self, activity)
        : [];
      return [...own.flatMap(collectDuty), ...asked.flatMap(servingDuties)];
    },
    async answer(from, body, activity) {
      if (from.peer !== formatAddress(self)) {
        throw new ActorError("refused", "A requester acts for its own node only: ask your own.");
      }
      return encode(RequesterAnswer, await respond(decode(RequesterQuestion, body), activity));
    },
  }, times);
}

/** Whether a task has a result that is judged: then chunks of its files may be demanded. */
function isJudged(status: Task["status"]): boolean {
  return status === "auditing" || status === "submitted" || status === "disputed";
}

function outputsKey({ id }: Task): string {
  return `collected/${bytesToHex(id)}`;
}

/** A task whose files cannot be had would only cost its providers time and its requester the fee. */
async function requireBlobs(blobs: BlobAccess, manifest: Hash, { signal }: Activity): Promise<void> {
  const missing = (what: string) =>
    new ActorError(
      "unavailable",
      `The blob store has no ${what}: put the manifest and all blobs it names there first.`,
    );
  if (!await blobs.has(manifest)) throw missing(`manifest ${short(manifest)}`);
  const named = manifestBlobs(decodeManifest(await blobs.get(manifest, { signal, from: [] })));
  for (const id of named) if (!await blobs.has(id)) throw missing(`blob ${short(id)}`);
}

/** Fetches every blob of the outputs, a few at a time, and tells how far it is. */
async function fetchAll(
  blobs: BlobAccess,
  task: Task,
  { finalState, maps }: OutputIndex,
  from: readonly Address[],
  activity: Activity,
): Promise<void> {
  const named = [...finalState, ...maps.flatMap(({ steps }) => steps.flat())];
  const roots = [...new Map(named.map(({ header }) => [bytesToHex(header.blob), header.blob])).values()];
  const total = roots.length;
  let done = 0;
  const worker = async () => {
    for (let root = roots.shift(); root !== undefined; root = roots.shift()) {
      await blobs.get(root, { signal: activity.signal, from });
      activity.emit({ kind: "transfer", what: `outputs of ${short(task.id)}`, done: ++done, total });
    }
  };
  await Promise.all(Array.from({ length: FETCHES }, worker));
}
