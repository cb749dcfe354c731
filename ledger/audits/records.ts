/**
 * What the ledger remembers of an audit. There is one for each result, by the task's id; a later attempt's replaces it.
 *
 * @module
 */
import { bool, bytes32, type Infer, list, nullable, oneOf, record, u32, u64 } from "../primitives/mod.ts";
import { MAX_SAMPLED } from "../ops/mod.ts";
import { CandidatePool, table } from "../state/mod.ts";

/** Most auditors of one result: the chance that all of them collude falls with the power of their number. */
export const MAX_AUDITORS = 16;

/** Most times that auditors are drawn for one result, before it goes on without: each time, those who stayed silent have paid. */
export const MAX_DRAWS = 3;

/** A segment that is audited, and what the provider has opened of it. */
export const SampledSegment = record("SampledSegment", {
  segment: u32,
  /** Root of the state it starts from. */
  input: nullable(bytes32),
  /** Its root, and its trace as `segmentTrace` says. */
  output: nullable(bytes32),
  trace: nullable(bytes32),
});
/** See {@link SampledSegment}. */
export type SampledSegment = Infer<typeof SampledSegment>;

/** What an auditor found in one segment: its root, and its trace as `segmentTrace` says. */
export const AuditFinding = record("AuditFinding", { output: bytes32, trace: bytes32 });
/** See {@link AuditFinding}. */
export type AuditFinding = Infer<typeof AuditFinding>;

/** Findings of one auditor: of the sampled segments in order, then of its own. */
export const AuditFindings = list(AuditFinding, MAX_SAMPLED + 1);

/** One drawn auditor. */
export const AuditSeat = record("AuditSeat", {
  auditor: bytes32,
  commitment: nullable(bytes32),
  /** The segment of its own; null before it has committed, and where all are sampled. */
  own: nullable(u32),
  findings: nullable(AuditFindings),
  /** Whether it has disputed the result, and whether a dispute has overturned what it revealed. */
  challenged: bool,
  overturned: bool,
});
/** See {@link AuditSeat}. */
export type AuditSeat = Infer<typeof AuditSeat>;

/** Where an audit stands. See `mod.ts` for who must do what in each, and `timeouts.ts` for what silence means. */
export const AuditStage = oneOf("draw", "open_inputs", "commit", "open_outputs", "reveal", "closed");
/** See {@link AuditStage}. */
export type AuditStage = Infer<typeof AuditStage>;

/** The audit of one result. */
export const Audit = record("Audit", {
  task: bytes32,
  attempt: u32,
  provider: bytes32,
  requester: bytes32,
  stage: AuditStage,
  /** Height at whose block the default of the stage fires; 0 when closed. */
  deadline: u64,
  /** Blocks that the provider took for the whole run: what auditors may take follows it. */
  taken: u32,
  /** How often auditors were drawn; when segments were, and by which beacon. */
  draws: u32,
  drawnAt: u64,
  beacon: bytes32,
  /** Ascending. Empty before the first draw, and if there are no auditors. */
  sampled: list(SampledSegment, MAX_SAMPLED),
  /** Auditors' own segments, ascending, each once; their inputs are null. Empty before the provider has opened them. */
  own: list(SampledSegment, MAX_AUDITORS),
  seats: list(AuditSeat, MAX_AUDITORS),
});
/** See {@link Audit}. */
export type Audit = Infer<typeof Audit>;

/** Audits by task. */
export const audits = table(70, "audits", (task: Uint8Array) => task, Audit);

/** Who may be drawn, by task, as it was when the result was committed to. Deleted when the audit closes. */
export const auditPools = table(71, "audit pools", (task: Uint8Array) => task, CandidatePool);
