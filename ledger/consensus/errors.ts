/**
 * What can be wrong with a vote, a certificate or the use of the consensus core.
 *
 * @module
 */
import { CodedError } from "../primitives/mod.ts";

/** Codes of {@link ConsensusError}. */
export type ConsensusErrorCode =
  /** The validator set is empty, has no stake, or lists an address twice. */
  | "bad_validator_set"
  /** A vote or certificate of another epoch. */
  | "wrong_epoch"
  /** A signer that the validator set does not have, or a bitmap that is not canonical. */
  | "unknown_signer"
  /** A signature that does not verify. */
  | "bad_signature"
  /** A certificate whose signers hold less than a quorum. */
  | "no_quorum"
  /** A statement that contradicts itself, such as a parent at or above its view. */
  | "bad_statement"
  /** The core was about to break one of its own rules: a bug. The node must stop and sign nothing more. */
  | "invariant_violated";

/** An error of consensus. Those about messages say what a peer did wrong; `invariant_violated` is the node's own. */
export class ConsensusError extends CodedError<ConsensusErrorCode> {}
