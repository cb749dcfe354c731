/**
 * What became of one backend test.
 *
 * @module
 */

/** Why a test did not pass. */
export interface Trouble {
  /** `refused`: the engine said beforehand that it does not compute this. `failed`: it computed something else, or broke. */
  readonly kind: "refused" | "failed";
  /** The one to blame: a node's operator or, where it is not known, all of the model's. */
  readonly operator: string;
  readonly reason: string;
}

/** One test, run. `operators` are those of its model, each once. */
export type Outcome = ({ readonly kind: "passed" } | Trouble) & { readonly operators: readonly string[] };

/** An operator for tests whose model cannot even be read. */
export const UNKNOWN_OPERATOR = "(model)";

/** A test's name with its outcome. */
export interface NamedOutcome {
  readonly test: string;
  readonly outcome: Outcome;
}
