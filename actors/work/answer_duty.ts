/**
 * The duty to show a demanded chunk. Who must serve it shows it at once; who only loses by its absence waits, so that it stands on the ledger once.
 *
 * @module
 */
import { bytesToHex } from "../../ledger/primitives/mod.ts";
import type { ChunkSource, Duty as LedgerDuty } from "../../ledger/mod.ts";
import type { Duty } from "../duties/mod.ts";
import type { Activity } from "../runtime/mod.ts";
import { answerOf } from "./chunk_answers.ts";
import { COMPUTE_MS } from "./duty_keys.ts";
import type { WorkPowers } from "./powers.ts";

/** A demand to be answered. */
export type AnswerDuty = Extract<LedgerDuty, { kind: "answer" }>;

/** Of the window of a demand, the share that others leave to whoever must serve the chunk. */
const PATIENCE = 0.5;

/** Pause between two looks at the chain while waiting. */
const LOOK_MS = 200;

/** Waits until it is others' turn. Whatever ends the demand before calls the duty off. */
async function waitForOthers(
  { ledger }: Pick<WorkPowers, "ledger">,
  { demand: { deadline } }: AnswerDuty,
  activity: Activity,
): Promise<void> {
  const { demandBlocks } = await ledger.query("params", null, activity);
  while (true) {
    const { height } = await ledger.query("head", null, activity);
    if (Number(deadline - height) <= PATIENCE * demandBlocks) return;
    await activity.sleep(LOOK_MS);
  }
}

/**
 * See the module.
 *
 * @param source What the chunk is proved from.
 */
export function answerDuty(
  powers: Pick<WorkPowers, "ledger">,
  duty: AnswerDuty,
  source: (activity: Activity) => Promise<ChunkSource>,
): readonly Duty[] {
  const { task, demand, isOthers } = duty;
  return [{
    key: `answer/${bytesToHex(demand.id)}`,
    deadlineMs: COMPUTE_MS,
    async perform(activity) {
      if (isOthers) await waitForOthers(powers, duty, activity);
      await powers.ledger.submit(answerOf(demand, task, await source(activity)), activity);
      activity.emit({
        kind: "task_stage",
        task: bytesToHex(task.id),
        stage: "answered",
        detail: `${demand.what.kind}, chunk ${demand.chunk}`,
      });
    },
  }];
}
