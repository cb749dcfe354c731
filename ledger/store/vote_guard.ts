/**
 * The last line of defence against signing twice: what every store checks before it accepts an own vote, whatever the node
 * believes.
 *
 * @module
 */
import { conflictOf, epochOf, type SignedVote, viewOf, type Vote } from "../consensus/mod.ts";
import { StoreError } from "./errors.ts";

/** A place in the order of all views of all epochs. */
export interface ViewPoint {
  readonly epoch: bigint;
  readonly view: bigint;
}

/** Before the first view. */
export const FIRST_POINT: ViewPoint = { epoch: 0n, view: 0n };

/** Where a vote stands. */
export function pointOf(vote: Vote): ViewPoint {
  return { epoch: epochOf(vote), view: viewOf(vote) };
}

/** Whether `a` comes after `b`. */
export function isAfter(a: ViewPoint, b: ViewPoint): boolean {
  return a.epoch > b.epoch || (a.epoch === b.epoch && a.view > b.view);
}

/**
 * Refuses a vote that must never be sent.
 *
 * @param floor The last view known to be final.
 * @param sameView The own votes already recorded in the same view.
 * @throws {StoreError} `stale_vote` or `conflicting_vote`.
 */
export function guardVote(signed: SignedVote, floor: ViewPoint, sameView: readonly SignedVote[]): void {
  const point = pointOf(signed.vote);
  if (!isAfter(point, floor)) {
    throw new StoreError(
      "stale_vote",
      `View ${point.view} of epoch ${point.epoch} is final: a vote there is refused. Stop the node and report the bug.`,
      { ...point },
    );
  }
  for (const earlier of sameView) {
    const fault = conflictOf(earlier.vote, signed.vote);
    if (fault === undefined) continue;
    throw new StoreError(
      "conflicting_vote",
      `This node has signed a vote in view ${point.view} of epoch ${point.epoch} that contradicts the new one (${fault}). ` +
        "Make sure that its key is used by one node only, then restart it.",
      { ...point, fault },
    );
  }
}

/** Refuses to adopt a block that is not ahead of the last final one. */
export function guardAdopted(height: bigint, last: bigint): void {
  if (height > last) return;
  throw new StoreError(
    "out_of_order",
    `A chain is adopted from above the last final height ${last}: got ${height}. Follow the blocks instead.`,
    { height, last },
  );
}

/** Refuses a final height that does not follow the last one. */
export function guardHeight(height: bigint, last: bigint, isStored: boolean): void {
  if (height === last + 1n && isStored) return;
  throw new StoreError(
    "out_of_order",
    isStored
      ? `Final heights follow one another: got ${height} after ${last}.`
      : `The block of final height ${height} was never stored. Persist it before finalizing it.`,
    { height, last },
  );
}
