/**
 * What is open of a result, and the beginning of its certification. Audits say when.
 *
 * @module
 */
import { type Hash } from "../primitives/mod.ts";
import {
  type BlockContext,
  candidatesOf,
  invariant,
  paramsOfTask,
  type StateReader,
  type StateWriter,
  taskOf,
} from "../state/mod.ts";
import { availabilities, type Availability, certifierPools } from "./records.ts";
import { decide, enterStage } from "./stages.ts";

/** The availability of a task that must have a result. */
export function availabilityOf(state: StateReader, task: Hash): Availability {
  const availability = availabilities.get(state, task);
  invariant(availability !== undefined, "A result has no record of its availability.");
  return availability;
}

/**
 * Begins the record of a result that was committed to: the task's own files can be demanded now.
 *
 * @param taken Blocks that the provider took.
 */
export function beginAvailability(state: StateWriter, context: BlockContext, id: Hash, taken: number): void {
  const { provider, requester, attempt } = taskOf(state, id);
  invariant(provider !== null, "A result without a provider is committed to.");
  availabilities.put(state, id, {
    task: id,
    attempt,
    provider,
    requester,
    stage: "sealed",
    deadline: 0n,
    holdUntil: 0n,
    taken,
    opened: [],
    draws: 0,
    seats: [],
    certified: [],
    fee: paramsOfTask(state, context, id).demandFee,
    demands: [],
    answered: [],
  });
}

/** Notes segments whose states were opened for an audit: they can be demanded now. */
export function noteOpenedStates(state: StateWriter, id: Hash, segments: readonly number[]): void {
  availabilities.put(state, id, { ...availabilityOf(state, id), opened: [...new Set(segments)] });
}

/** The seed of a result is public: from now on everything can be demanded, and a committee is drawn. */
export function openAvailability(state: StateWriter, context: BlockContext, id: Hash): void {
  const availability = availabilityOf(state, id), { requester, provider } = availability;
  const { certifierCount } = paramsOfTask(state, context, id);
  const pool = certifierCount === 0
    ? []
    : candidatesOf(state, context, "challenger", [requester, provider], taskOf(state, id).program.engine);
  if (pool.length === 0) return decide(state, context, availability, "unasked");
  certifierPools.put(state, id, pool);
  enterStage(state, context, availability, "draw");
}
