/**
 * What the passing of each kind of deadline means. Dispute deadlines register here with one line.
 *
 * @module
 */
import { type DueHandlers, expireOffer, releaseUnbonding, taskDue } from "../state/mod.ts";

/** Handlers by kind, see `schedule`. */
export const dueHandlers: DueHandlers = {
  task: taskDue,
  offer: expireOffer,
  unbonding: releaseUnbonding,
};
