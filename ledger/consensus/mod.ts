/**
 * Consensus: stake-weighted Simplex as a sans-IO core. Inputs in, effects out; no clock, no randomness, no IO. It knows of
 * primitives and of the validator set, and nothing of transactions or state. After "Simplex Consensus" (Chan and Pass, TCC 2023,
 * https://eprint.iacr.org/2023/463), with stake for votes, attributable signatures, and blocks that are executed before they are
 * certified.
 *
 * The chain is decided in views. W is the stake of the epoch, f < W/3 the stake of those who misbehave, and a quorum is
 * floor(2W/3) + 1: two quorums share an honest validator. A certificate is one statement signed by a quorum.
 *
 * RULES
 *
 *  1. **Lead.** Who leads a view follows from (epoch, view, validator set, seed) alone. The leader builds on the block of the highest
 *     view that it has certified such that every later view is nullified, and sends block and notarize vote together.
 *  2. **Notarize.** A validator notarizes the first proposal of its present view that is valid: by the leader, on a notarized
 *     parent, every view between parent and proposal nullified, all blocks executed with the roots they claim. Never two in one
 *     view, never after nullifying it. Missing certificates are asked of the proposer, and until they come the proposal waits.
 *  3. **Nullify.** A validator nullifies its present view when the leader's or the view's time is up, when the proposal is invalid, when
 *     certification fails, or when the leader nullifies the view itself. Never after finalizing in it. After notarizing is fine.
 *  4. **Certify.** A notarized view is certified when its block is held and executed with all its ancestors. What is not there is
 *     pending, not false: it is fetched from those who signed. This goes on after the view is nullified, because a later leader may
 *     build on it, until something at or above it is final. On certifying, a validator votes finalize, unless it nullified the
 *     view, the view is nullified, or its leader was seen signing two proposals.
 *  5. **Advance.** View v + 1 begins when v or a later view is certified, nullified or finalized. Views never go back.
 *  6. **Finalize.** A finalization makes its block and all ancestors final. It excludes a nullification of its view (a quorum for each
 *     would share an honest validator, and rules 3 and 4 exclude each other), so every later proposal descends from it. A
 *     finalized block that is invalid to this node stops it.
 *  7. **Spread.** Every certificate is kept and broadcast once, when it is formed or first received, held block or not.
 *  8. **Repeat.** A node whose view does not end repeats, at growing intervals and up to a bound, the latest finalization, later
 *     certificates and its own votes and proposal, and asks again for what it lacks.
 *  9. **Epochs.** The epoch's last height is fixed. On a certified block of that height only that same block is proposed again, until it
 *     is final; then the core is over. The next epoch is a new core with its own validator set, on that block, from view 1.
 * 10. **Admission.** Votes and proposals are kept for views above the final one and up to 32 ahead. Certificates are welcome from any
 *     later view: a quorum was there.
 * 11. **Evidence.** Two notarizations or two finalizations of different proposals in one view, or nullify and finalize in one view,
 *     signed by one validator, are evidence, reported once for each signer and view. The first vote counts; both count in
 *     certificates that others formed.
 * 12. **Durability.** Every own vote is persisted before it is sent. A restarted node that replays its log knows what it signed, and
 *     checks each new vote against it before signing.
 * 13. **Patience.** Timeouts double with every view beyond the second since the last finalization, up to a cap, and fall back on
 *     progress. Once the network delivers within the cap, some honest leader's view ends in a finalization.
 *
 * A block is final after three one-way delays (proposal, notarize, finalize), and the next leader proposes after two.
 *
 * Read `votes.ts` and `certificates.ts`, then `effects.ts` for what crosses the border, then `progress.ts` for rules 1 to 6,
 * `casting.ts` for 7, 11 and 12, and `stall.ts` for 3, 8 and 13.
 *
 * @module
 */
export { assembleCertificate, Certificate, signersOf, verifyCertificate, votesOf } from "./certificates.ts";
export {
  ADMISSION_WINDOW,
  type Core,
  type CoreOptions,
  type FinalPoint,
  isOver,
  type Verdict,
} from "./core.ts";
export { REPAIR_VIEWS } from "./ancestry.ts";
export type { Candidate, ConsensusEffect, ConsensusInput, ConsensusRecord, ViewTimer } from "./effects.ts";
export { ConsensusError, type ConsensusErrorCode } from "./errors.ts";
export { conflictOf, type Equivocation, Evidence, type Fault, verifyEquivocation } from "./evidence.ts";
export { certificatesIn, createCore, needsBlock, restore, step } from "./simplex.ts";
export { DEFAULT_TIMEOUTS, grownTimeout, type Timeouts } from "./timeouts.ts";
export {
  indexOfValidator,
  leaderOf,
  MAX_VALIDATORS,
  prepareValidators,
  quorumOf,
  stakeOf,
  type Validators,
} from "./validators.ts";
export {
  epochOf,
  Proposal,
  SignedVote,
  signVote,
  verifyVote,
  viewOf,
  Vote,
  type VoteKind,
  voteMessage,
} from "./votes.ts";
