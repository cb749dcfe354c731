/**
 * A dispute as actors and people look at it.
 *
 * @module
 */
import type { Hash } from "../primitives/mod.ts";
import { type StateReader, tasks } from "../state/mod.ts";
import { type Place, placeOf } from "./place.ts";
import { type Dispute, disputes, type OpenedNode, openedNodes } from "./records.ts";
import { type DisputeTurn, disputeTurn } from "./turn.ts";

/** See the module. */
export interface DisputeView {
  readonly dispute: Dispute;
  /** Who must move, and what is asked. `dispute.deadline` says until when. */
  readonly turn: DisputeTurn;
  /** How far it has come; of a closed one, how far it came. */
  readonly place: Place;
  /** The node that arbiters execute, once its inputs are shown and until the dispute closes. */
  readonly opened: OpenedNode | null;
}

/** The dispute with an id, or `undefined` if there is none. */
export function disputeView(state: StateReader, id: Hash): DisputeView | undefined {
  const dispute = disputes.get(state, id);
  const task = dispute === undefined ? undefined : tasks.get(state, dispute.task);
  if (dispute === undefined || task === undefined) return undefined;
  const { program } = task;
  return {
    dispute,
    turn: disputeTurn(dispute, program),
    place: dispute.outcome ?? placeOf(dispute.stage, program),
    opened: openedNodes.get(state, id) ?? null,
  };
}
