/**
 * What auditors commit to.
 *
 * @module
 */
import { type Address, encode, type Hash, hash } from "../primitives/mod.ts";
import { type AuditFinding, AuditFindings } from "./records.ts";

/**
 * The trace of a segment: what only somebody has who executed it from its input. The output root alone would not do, because that of the last
 * segment is public from the start.
 *
 * @param stepsRoot Merkle root over the output roots of the segment's steps, as in a dispute.
 * @param firstTrace Merkle root over the trace leaves of the segment's first step.
 */
export function segmentTrace(stepsRoot: Hash, firstTrace: Hash): Hash {
  return hash("assay/segment-trace", stepsRoot, firstTrace);
}

/** What an audit commitment hides, and for whom. */
export interface AuditSecret {
  readonly task: Hash;
  readonly attempt: number;
  readonly auditor: Address;
  /** 32 random bytes, kept secret until the reveal. */
  readonly nonce: Uint8Array;
  readonly findings: readonly AuditFinding[];
}

/** The commitment. It names its auditor, so that a copied one cannot be revealed by another. */
export function auditCommitment({ task, attempt, auditor, nonce, findings }: AuditSecret): Hash {
  const which = new Uint8Array(4);
  new DataView(which.buffer).setUint32(0, attempt);
  return hash("assay/audit", task, which, auditor, nonce, encode(AuditFindings, findings));
}
