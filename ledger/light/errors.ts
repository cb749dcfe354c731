/**
 * Why a light client refuses something.
 *
 * @module
 */
import { CodedError } from "../primitives/mod.ts";

/** Codes of {@link LightError}. */
export type LightErrorCode =
  /** The trusted point is older than the trust period: whoever validated then may have left with its stake. */
  | "trust_expired"
  /** A checkpoint that contradicts itself. */
  | "bad_checkpoint"
  /** A header that does not continue what is trusted. */
  | "bad_header"
  /** A certificate that is no finalization of the header by a quorum of the epoch's validators. */
  | "bad_certificate"
  /** Validators of a later epoch that are not known yet: ask for the headers before. */
  | "unknown_validators"
  /** A proof that does not lead to the trusted state root. */
  | "bad_proof";

/** An error of the light client. The client stays as it was: ask another peer, or start from a newer checkpoint. */
export class LightError extends CodedError<LightErrorCode> {}
