/**
 * The moves of an audit as they stand in transactions. Who may make which when is in the file named for the move.
 *
 * @module
 */
import {
  bytes32,
  fixedBytes,
  type Infer,
  list,
  nullable,
  Proof,
  record,
  SegmentOpening,
  VRF_PROOF_BYTES,
} from "../primitives/mod.ts";
import { MAX_SAMPLED } from "../ops/mod.ts";
import { AuditFindings, MAX_AUDITORS } from "./records.ts";

/** Provider: opens the state that each sampled segment starts from, in order; null for the program's initial state. */
export const AuditOpenInputs = record("AuditOpenInputs", {
  task: bytes32,
  inputs: list(nullable(SegmentOpening), MAX_SAMPLED),
});
/** See {@link AuditOpenInputs}. */
export type AuditOpenInputs = Infer<typeof AuditOpenInputs>;

/** Auditor: `auditCommitment` of what it found, and the proof of which segment is its own; null where all are sampled. */
export const AuditCommit = record("AuditCommit", {
  task: bytes32,
  commitment: bytes32,
  own: nullable(fixedBytes(VRF_PROOF_BYTES)),
});
/** See {@link AuditCommit}. */
export type AuditCommit = Infer<typeof AuditCommit>;

/**
 * Provider: the seed of all salts; and of each sampled segment, in order, then of each that is some auditor's own, its root, its proof in the run, and
 * its trace.
 */
export const AuditOpenOutputs = record("AuditOpenOutputs", {
  task: bytes32,
  seed: bytes32,
  outputs: list(
    record("OpenedOutput", { root: bytes32, proof: Proof, trace: bytes32 }),
    MAX_SAMPLED + MAX_AUDITORS,
  ),
});
/** See {@link AuditOpenOutputs}. */
export type AuditOpenOutputs = Infer<typeof AuditOpenOutputs>;

/** Auditor: what it committed to. */
export const AuditReveal = record("AuditReveal", { task: bytes32, nonce: bytes32, findings: AuditFindings });
/** See {@link AuditReveal}. */
export type AuditReveal = Infer<typeof AuditReveal>;
