/**
 * The common shape of the actors that work for the ledger: see `duty_actor.ts`.
 *
 * @module
 */
export {
  DEFAULT_DUTY_TIMES,
  type Duty,
  type DutyBehaviour,
  type DutyResult,
  type DutyState,
  type DutyTimes,
  makeDutyActor,
} from "./duty_actor.ts";
