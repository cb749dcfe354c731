/**
 * Windows of availability, and the reminders that end them.
 *
 * @module
 */
import { type BlockContext, type Params, paramsOfTask, schedule, type StateWriter } from "../state/mod.ts";
import { availabilities, type Availability, certifierPools } from "./records.ts";

/** Name of the deadline of availability, see `timeouts.ts`. */
export const AVAILABILITY_DUE = "availability";

/** Least blocks of a window: deadlines fire before a block's transactions. */
const LEAST_WINDOW = 2;

/** Blocks until a committee is drawn. */
export function drawBlocks({ drawDelayBlocks }: Params): number {
  return Math.max(1, drawDelayBlocks);
}

/** Blocks of a committee to fetch and certify. What took long to compute may take long to fetch. */
export function certifyBlocks(taken: number, { certifyBlocks }: Params): number {
  return Math.max(LEAST_WINDOW, certifyBlocks + taken);
}

/** Blocks of whoever must answer a demand. */
export function answerBlocks({ demandBlocks }: Params): number {
  return Math.max(LEAST_WINDOW, demandBlocks);
}

/** Moves a result's availability to a stage in which something is awaited. */
export function enterStage(
  state: StateWriter,
  context: BlockContext,
  availability: Availability,
  stage: "draw" | "certify",
): void {
  const { task, taken } = availability, params = paramsOfTask(state, context, task);
  const blocks = stage === "draw" ? drawBlocks(params) : certifyBlocks(taken, params);
  const deadline = context.head.height + BigInt(blocks);
  availabilities.put(state, task, { ...availability, stage, deadline });
  schedule(state, deadline, AVAILABILITY_DUE, task);
}

/** Moves a result's availability to a stage in which no certificate is awaited any more. */
export function decide(
  state: StateWriter,
  context: BlockContext,
  availability: Availability,
  stage: "held" | "unheld" | "unasked",
): void {
  const { task } = availability;
  certifierPools.delete(state, task);
  availabilities.put(state, task, { ...availability, stage, deadline: 0n });
  if (stage !== "unasked") context.emit({ kind: `result_${stage}`, task });
}
