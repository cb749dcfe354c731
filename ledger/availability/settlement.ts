/**
 * What the end of a result means for those who certified it, and for the fees of demands.
 *
 * @module
 */
import { type Hash } from "../primitives/mod.ts";
import { answerCost } from "../economics/mod.ts";
import {
  type BlockContext,
  burn,
  credit,
  paramsOfTask,
  payCertifier,
  type StateReader,
  type StateWriter,
} from "../state/mod.ts";
import { availabilityOf } from "./begin.ts";
import { availabilities, type Availability, certifierPools } from "./records.ts";

/** Height until which a task's audit waits for demanded chunks; 0 if it need not. */
export function heldUntil(state: StateReader, task: Hash): bigint {
  return availabilities.get(state, task)?.holdUntil ?? 0n;
}

/**
 * Whether everything about a result's availability is decided, and how: null while it is not.
 */
export function decidedAvailability(state: StateReader, task: Hash): "pay" | "roll back" | null {
  const { stage, demands } = availabilityOf(state, task);
  if (demands.length > 0) return null;
  if (stage === "unheld") return "roll back";
  return stage === "held" || stage === "unasked" ? "pay" : null;
}

/** A result that stands spends the fees of demands; of any other they return. */
function settleFees(
  state: StateWriter,
  context: BlockContext,
  { task, fee, demands, answered }: Availability,
  stands: boolean,
): void {
  for (const { by } of demands) credit(state, by, fee, "bonds");
  const cost = answerCost({ ...paramsOfTask(state, context, task), demandFee: fee });
  for (const { by, answerer } of answered) {
    credit(state, stands ? answerer : by, stands ? cost : fee, "bonds");
    if (stands) burn(state, fee - cost, "bonds");
  }
}

/**
 * Settles the availability of a result that has ended; call it while the task still holds its escrow. Members who certified are paid.
 *
 * @param stands Whether the result is paid; else it was rolled back.
 */
export function settleAvailability(
  state: StateWriter,
  context: BlockContext,
  task: Hash,
  stands: boolean,
): void {
  const availability = availabilities.get(state, task);
  if (availability === undefined) return;
  const { certifierPay } = paramsOfTask(state, context, task);
  for (const member of availability.certified) payCertifier(state, context, task, member, certifierPay);
  settleFees(state, context, availability, stands);
  if (!stands) return forgetAvailability(state, task);
  certifierPools.delete(state, task);
  availabilities.put(state, task, { ...availability, fee: 0n, deadline: 0n, holdUntil: 0n });
}

/** Forgets the record of a result that is no more, or of a task that shrinks. */
export function forgetAvailability(state: StateWriter, task: Hash): void {
  availabilities.delete(state, task);
  certifierPools.delete(state, task);
}
