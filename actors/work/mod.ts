/**
 * What the actors that execute programs have in common: their powers, getting programs ready, computing runs, and a party's side of a
 * dispute. It knows of the executor's interface, the ledger and blobs; not of any one role.
 *
 * Read `powers.ts`, `program_access.ts`, `compute_run.ts`, then `provider_audit.ts` and `auditor_moves.ts` for
 * audits, `party.ts`, `provider_moves.ts` and `challenger_moves.ts` for disputes, `judged_run.ts` for those within a bound; `output_index.ts` and `party_protocol.ts` for how outputs and evidence change
 * hands; `held_outputs.ts`, `certify_duty.ts`, `chunk_answers.ts` and `answer_duty.ts` for what makes them available.
 *
 * @module
 */
export { type AnswerDuty, answerDuty } from "./answer_duty.ts";
export { appealDuty, type AppealPolicy } from "./appeal_duty.ts";
export { certifyDuty } from "./certify_duty.ts";
export {
  answerOf,
  computedSource,
  type DemandedFile,
  type DemandedOutput,
  fileSource,
  keptSource,
} from "./chunk_answers.ts";
export { askForIndex, heldIndex, holdersOf, type HoldingPowers, holdOutputs } from "./held_outputs.ts";
export { findingOf } from "./audit_findings.ts";
export { auditCommit, auditReveal, seedOf } from "./auditor_moves.ts";
export { type BlobAccess, type BlobCall, makeBlobAccess } from "./blob_access.ts";
export { challengerMove, type ChallengerTurn } from "./challenger_moves.ts";
export { computeRun } from "./compute_run.ts";
export { ComputedRun, makeRunNotes, submission } from "./computed_run.ts";
export { auditKey, COMPUTE_MS, OPERATION_MS, short, taskKey, turnKey } from "./duty_keys.ts";
export { makeEngineNaming } from "./engine_naming.ts";
export { type Finding, judge, type Judgement } from "./judge.ts";
export { type JudgedRuns, makeJudgedRuns } from "./judged_run.ts";
export { makeOneAtATime, type OneAtATime } from "./one_at_a_time.ts";
export { type Journal, makeMemoryJournal } from "./journal.ts";
export { checkOutputs, publishOutputs } from "./output_index.ts";
export { ownVerdict } from "./own_verdict.ts";
export { unitReason } from "./unit_limit.ts";
export { knowledgeOf, type Party } from "./party.ts";
export { leavesOf } from "./party_trees.ts";
export { answerParty, type PartySource } from "./party_answers.ts";
export { NamedTensor, OutputIndex, PartyAnswer, PartyQuestion } from "./party_protocol.ts";
export type { WorkPowers } from "./powers.ts";
export {
  makeProgramAccess,
  type ProgramAccess,
  type ProgramOfTask,
  type ProgramParts,
} from "./program_access.ts";
export { openInputs, openOutputs, type SeededRun, seedFor } from "./provider_audit.ts";
export { providerMoves, type ProviderTurn } from "./provider_moves.ts";
export { fetchTensor, publishAll, publishTensor } from "./tensors.ts";
