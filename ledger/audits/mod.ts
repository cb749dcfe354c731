/**
 * Audits: how the ledger makes sure that somebody who can be trusted has looked at a result before it is paid.
 *
 * A result is committed to behind closed doors: its run root stands over salted leaves, so that it says nothing. The rules from there on,
 * each of which an attack needs:
 *
 *  1. **Commit.** `submit_result` binds the provider, once, to the program, the run root, the last segment's root and the metric.
 *  2. **Draw.** A beacon that nobody knew at the commitment draws which segments are sampled, no two neighbours, and the auditors, by
 *     challenger stake as it was at the commitment, without the provider and the requester. What is looked at cannot be prepared, and
 *     nobody can stake his way into the draw.
 *  3. **Open inputs.** The provider opens the state that each sampled segment starts from, leaf by leaf, and nothing else.
 *  4. **Commit findings.** Each auditor executes the segments and commits to their roots and traces, under its own name. It cannot copy
 *     the provider, which has opened nothing yet, nor another auditor, whose commitment is another's name. So "fine" cannot be said
 *     unread.
 *  5. **Open outputs.** The provider opens the seed of all salts, and roots and traces of the sampled segments. Now everybody
 *     can compare: the challenge window runs, for voluntary challengers too.
 *  6. **Reveal.** Auditors reveal. Who contradicts the provider must open a dispute before the window ends; who is found by a dispute to
 *     have agreed with a wrong segment, or to have contradicted a right one, loses stake.
 *  7. **Pay.** Auditors are paid from the task's escrow when the result becomes final or is rolled back; never from issuance, and not by
 *     what they say. What they do not earn returns to the requester.
 *
 * Silence: a provider that does not open loses all its collateral, as for fraud; an auditor that does not commit or reveal is fined and
 * not paid; if none commits, others are drawn for the same segments. A chain without challengers has no audits: its results go on from rule 5. So do those of engines
 * whose bits depend on the device: what auditors commit to before they see the claim cannot be compared with it to the bit.
 *
 * Who says what engines it has is drawn for programs of those alone (`../state/engines.ts`): nobody is fined for what its machine cannot do.
 *
 * How many segments are sampled, such that lying does not pay, is decided at posting by `../economics/`. What is assumed: that of the
 * drawn auditors one does not collude. With a share `b` of challenger stake colluding, all `m` of them do with chance `b^m`.
 *
 * **Its own.** Where not all segments are sampled, each auditor also checks one that nobody but its key picks (`own_segment.ts`):
 *
 *  8. **Drawn by its key.** The auditor's verifiable random function, over the chain, the beacon of the draw, the result and the auditor, picks the one
 *     that follows a sampled one. The key was staked before that beacon was known, and gives one output: so the auditor cannot choose, and before it
 *     proves it nobody else knows. Neither a provider that would be paid for a lie in one segment, nor whoever it would bribe, can tell who
 *     will look there.
 *  9. **Executed unseen.** It starts from what rule 3 opened or what the auditor has computed from that, so the auditor executes it with the others and asks nobody
 *     for anything: nobody could withhold its input or learn from a question which it is. No bytes are opened for it before rule 5.
 * 10. **Bound.** The commitment of rule 4 holds what was found there, and comes with the proof. From then on which it is may be known, as nothing can be
 *     changed by it any more. Without the proof nothing is committed to, which rule 4's silence pays for; a commitment that leaves it out cannot be revealed.
 * 11. **Like the sampled ones.** Rule 5 opens its root and trace, rule 6 reveals what was found: who contradicts must dispute, and who agreed with what a
 *     dispute finds wrong loses stake. It is paid as they are, for a root that could not be known unexecuted; where it could, because it is the last one,
 *     rule 3 opened it as another's input, or an earlier attempt showed it, for a trace that the provider or another auditor has too.
 * 12. **No longer.** An auditor executes `k + 1` of `n` segments and a provider opens at most `2k`: never more than the run, as `k` is at most `n/2` or
 *     `n`, and then none is left to choose. So no window is longer for it.
 *
 * What an own segment adds to the chance of finding a lie is in `../economics/`; how many are sampled is decided without it, on the safe side.
 *
 * Whether what was committed to can be had is decided in `../availability/`, beside the challenge window: a result that nobody else holds is not paid.
 *
 * Knows of the primitives, the state, the shape of operations, economics, and availability. Read `records.ts`, `submit_result.ts`, `begin.ts`, `draw.ts`, `own_segment.ts`,
 * the file of each move, `timeouts.ts`, `settlement.ts`, `overturned.ts`. Actors read `turn.ts` and `commitment.ts`.
 *
 * @module
 */
export {
  Audit,
  AuditFinding,
  AuditFindings,
  audits,
  AuditSeat,
  AuditStage,
  MAX_AUDITORS,
  MAX_DRAWS,
  SampledSegment,
} from "./records.ts";
export { SubmitResult, submitResultRule } from "./submit_result.ts";
export { metricFault, MetricOpening, scalarRoot } from "./metric.ts";
export { AuditCommit, AuditOpenInputs, AuditOpenOutputs, AuditReveal } from "./moves.ts";
export { auditRules } from "./rules.ts";
export { AUDIT_DUE, auditBlocks } from "./stages.ts";
export { auditDue, longestAudit } from "./timeouts.ts";
export { auditCommitment, type AuditSecret, segmentTrace } from "./commitment.ts";
export { drawSegments } from "./draw.ts";
export {
  examined,
  leavesOwn,
  type OwnSegmentInput,
  ownSegmentInput,
  ownSegments,
  provenOwnSegment,
  shownOwnSegment,
} from "./own_segment.ts";
export { contradicts } from "./findings.ts";
export { finaliseResult, payForAbandonedAudit, voidAuditedResult } from "./settlement.ts";
export { noteChallenge, type ProvenOutcome, punishOverturned } from "./overturned.ts";
export { type AuditTurn, auditTurn } from "./turn.ts";
