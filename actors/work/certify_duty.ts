/**
 * The duty of a member of a result's committee: to hold what the result put out and certify it, or to demand what is missing.
 *
 * @module
 */
import { bytesToHex, equalBytes } from "../../ledger/primitives/mod.ts";
import type { Duty as LedgerDuty } from "../../ledger/mod.ts";
import { MAX_DEMANDS_OF_MEMBER, sameBlob } from "../../ledger/availability/mod.ts";
import type { Duty } from "../duties/mod.ts";
import { type Activity, ActorError } from "../runtime/mod.ts";
import { COMPUTE_MS } from "./duty_keys.ts";
import { type HoldingPowers, holdOutputs, type MissingChunk } from "./held_outputs.ts";

type CertifyDuty = Extract<LedgerDuty, { kind: "certify" }>;

/** Of a window this share must have passed before a demand is worth its fee: until then it may be this node's own trouble. */
const PATIENCE = 0.5;

/** Whether it is time to demand what nobody serves. */
async function isTime(
  { ledger }: HoldingPowers,
  { availability: { taken, deadline } }: CertifyDuty,
  activity: Activity,
): Promise<boolean> {
  const { height } = await ledger.query("head", null, activity);
  const { certifyBlocks } = await ledger.query("params", null, activity);
  return Number(deadline - height) <= PATIENCE * (certifyBlocks + taken);
}

/** Demands a missing chunk, unless that has been done, or as often as may be. */
async function demand(
  powers: HoldingPowers,
  duty: CertifyDuty,
  { what, chunk }: MissingChunk,
  activity: Activity,
): Promise<void> {
  const { ledger } = powers, { task } = duty;
  const unavailable = new ActorError(
    "unavailable",
    `Chunk ${chunk} of an output (${what.kind}) is not served, so the result is not certified.`,
  );
  const now = await ledger.query("availability", task.id, activity);
  if (now === undefined || !await isTime(powers, duty, activity)) throw unavailable;
  const own = [...now.demands, ...now.answered].filter(({ by }) => equalBytes(by, ledger.address));
  const isDemanded = [...now.demands, ...now.answered].some((each) =>
    each.chunk === chunk && sameBlob(each.what, what)
  );
  const isWaiting = now.demands.some(({ by }) => equalBytes(by, ledger.address));
  if (isDemanded || isWaiting || own.length >= MAX_DEMANDS_OF_MEMBER) throw unavailable;
  await ledger.submit({ kind: "demand_chunk", task: task.id, what, chunk }, activity);
  activity.emit({
    kind: "task_stage",
    task: bytesToHex(task.id),
    stage: "demanded",
    detail: `${what.kind}, chunk ${chunk}`,
  });
}

/** See the module. */
export function certifyDuty(powers: HoldingPowers, duty: CertifyDuty): readonly Duty[] {
  const { task, availability } = duty, id = bytesToHex(task.id);
  return [{
    key: `certify/${id}/${task.attempt}/${availability.draws}`,
    deadlineMs: COMPUTE_MS,
    async perform(activity) {
      const now = await powers.ledger.query("availability", task.id, activity) ?? availability;
      const missing = await holdOutputs(powers, task, now, activity);
      if (missing !== null) return await demand(powers, duty, missing, activity);
      await powers.ledger.submit({ kind: "certify_result", task: task.id }, activity);
      activity.emit({ kind: "task_stage", task: id, stage: "certified" });
    },
  }];
}
