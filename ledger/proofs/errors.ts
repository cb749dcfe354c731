/**
 * Why a proof is refused.
 *
 * @module
 */
import { CodedError } from "../primitives/mod.ts";

/** Codes of {@link ProofError}. */
export type ProofErrorCode =
  /** Something is not in the run that the proof is about. */
  | "not_in_run"
  /** The metric is not in the last state. */
  | "bad_metric"
  /** The provider has not signed this run. */
  | "not_signed"
  /** Other segments are opened than the beacon drew. */
  | "wrong_sample"
  /** The ledger knows another result. */
  | "not_on_ledger"
  /** Executing a sampled segment gives something else. */
  | "wrong_result";

/** Why a computation proof is refused. */
export class ProofError extends CodedError<ProofErrorCode> {}

/** Refuses a proof. */
export function refuse(code: ProofErrorCode, message: string, fields: Record<string, number> = {}): never {
  throw new ProofError(code, message, fields);
}
