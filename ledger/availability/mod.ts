/**
 * Availability: how the ledger makes sure that what was committed to can be had. So "I served it" against "I never got it" is never the
 * question: either a chunk stands on the ledger, or who had to serve it has lost.
 *
 * **Certificates.** A result is only paid if others hold what it put out.
 *
 *  1. **Committee.** When a result is opened, those who could certify it are noted with their stake: challengers, without the provider and the
 *     requester. They are drawn because they have what it takes, blobs and a program, and because their stake stands for what they say; a
 *     validator has neither blobs nor time for them. A later beacon draws `certifierCount` seats. A chain without challengers has no
 *     committees, as it has no audits: there, demands alone keep blobs available.
 *  2. **Certify.** Each member fetches everything that the requester will want: the final state, and all outputs of inference. It checks them
 *     against the run root, keeps and serves them until the task has ended, and says so. That runs beside the challenge window and takes none of its
 *     time.
 *  3. **Quorum.** With more than two thirds of the seats the result is *held*. A member that is silent is fined a little and drawn no more; one
 *     that could not fetch says so by demanding what it misses, which costs it nothing if it was right. Without a quorum another
 *     committee is drawn, `MAX_COMMITTEES` in all; who certified before counts again where it is drawn again.
 *  4. **Nobody holds it.** A result that no committee holds is not paid: when its challenge window and its disputes are over, so that a liar
 *     cannot slip away by withholding, it is rolled back. Nobody is slashed, as withholding and false complaints look alike. The requester is whole,
 *     but for what auditors of the attempt have earned, of what it put aside for every attempt: while attempts are left its reward waits in escrow for
 *     another provider, this one is not matched again, and each attempt is bounded by its windows; meanwhile it may take the task back, and where nobody
 *     comes within `openBlocks`, and after the last attempt, it is refunded. That it had the outputs, and bought members to deny it, is weighed in
 *     `../economics/` ("false complaints").
 *  5. **Pay.** Members who certified are paid from the task's escrow when the attempt ends, also those of a committee without a quorum.
 *
 * **Demands.** Any chunk can be forced.
 *
 *  6. **Demand.** Anybody with a stake, and the requester, may demand a chunk of what is committed to and open: the task's own files, states opened for an
 *     audit, and once the seed is public all outputs. It names the chunk by its place, as it may never have been told more. The fee is held.
 *  7. **Answer.** Anybody may answer, with the chunk and its proof, as far as possible who must serve it: the requester its files, the provider its
 *     outputs. The ledger checks the hashes and keeps nothing but the height at which it stands in a block: nobody carries 64 KiB in
 *     state. An answer shows as well if a blob has no chunk of that number, so every demand can be answered.
 *  8. **Silence.** A provider whose chunk nobody showed in time loses all its collateral, as one that does not open; members who
 *     certified it lose what an auditor loses that vouches for a lie. Where it is the requester's, the task ends and is refunded, and its provider is
 *     free: it has the files too, and by answering itself it keeps its pay.
 *  9. **The fee** of a demand is settled when the result's end shows who was right. Of a result that stands it is spent: the answerer gets what the ledger space of its answer
 *     cost, the rest is burned, so nobody earns by demanding or by waiting to be asked. Of one that does not stand, it returns.
 * 10. **Clocks.** A window in which a chunk is used, an audit's for commitments, a committee's, the challenge window, lasts until the chunk
 *     was due, and as long again to use it. Demands are few at a time and few in all, strangers' apart from members': so a window is
 *     delayed within a bound, and nobody can take the place of a member's demand. A result is not final while a demand is open.
 *
 * What is assumed: of a committee not more than two thirds collude to certify what they do not hold. With a share `b` of challenger stake, all `m`
 * of one do with chance `b^m`, of `MAX_COMMITTEES` three times that ("bribed committee" in `../economics/`); even then everybody else can demand.
 *
 * Knows of the primitives, the state, the shape of operations, and economics; audits and disputes use it. What the end of a result means for those is
 * handed in (`Ends`). Read `places.ts`, `chunk_proof.ts`, `records.ts`, `begin.ts`, `certify.ts`, `demand.ts`, `answer.ts`, `timeouts.ts`,
 * `settlement.ts`. Actors read `turn.ts`.
 *
 * @module
 */
export {
  AnsweredDemand,
  availabilities,
  Availability,
  AvailabilityStage,
  CertifierSeat,
  Demand,
  feesHeldBy,
  MAX_CERTIFIERS,
  MAX_DEMANDS,
  MAX_DEMANDS_OF_MEMBER,
  MAX_OPEN_DEMANDS,
} from "./records.ts";
export { DemandedBlob, exists, holderOf, isOutput, sameBlob } from "./places.ts";
export { ChunkProof, type ChunkSource, type Committed, proveChunk, showsChunk } from "./chunk_proof.ts";
export { beginAvailability, noteOpenedStates, openAvailability } from "./begin.ts";
export { AnswerChunk, CertifyResult, DemandChunk } from "./moves.ts";
export { availabilityRules } from "./rules.ts";
export { AVAILABILITY_DUE } from "./stages.ts";
export { availabilityDue, type Ends, longestAvailability } from "./timeouts.ts";
export { decidedAvailability, forgetAvailability, heldUntil, settleAvailability } from "./settlement.ts";
export { isCertifying, mayAnswer, mustAnswer } from "./turn.ts";
