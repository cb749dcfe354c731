/**
 * Proofs that stand alone: what somebody needs who has a result, and trusts neither its provider nor a node, to know what it is worth.
 *
 * Pure, so it runs in a browser. Knows of the primitives, the state, audits, and the shape of blocks. Read `computation_proof.ts`, then
 * `submission.ts` for what the provider has signed.
 *
 * @module
 */
export {
  ComputationProof,
  computationProof,
  isRunOf,
  ProvenSegment,
  recordKeys,
  recordsIn,
  TaskRecords,
  type Verification,
  type VerifierPowers,
  verifyComputation,
} from "./computation_proof.ts";
export { ProofError, type ProofErrorCode } from "./errors.ts";
export { submissionIn } from "./submission.ts";
