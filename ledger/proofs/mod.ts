/**
 * Proofs that stand alone: what somebody needs who has a result, and trusts neither its provider nor a node, to know what it is worth.
 *
 * Pure, so it runs in a browser. Knows of the primitives, the state, audits, and the light client. Read `computation_proof.ts`.
 *
 * @module
 */
export {
  ComputationProof,
  computationProof,
  isRunOf,
  ProofError,
  type ProofErrorCode,
  ProvenSegment,
  recordsOf,
  type ServedRecord,
  TaskRecords,
  type Verification,
  type VerifierPowers,
  verifyComputation,
} from "./computation_proof.ts";
