/**
 * The parameters of a chain: set in genesis, changed by governance within bounds (`../governance/`). Amounts are in the smallest unit of the token
 * (10^-9 AIGENSYN), times in finalized blocks, shares in parts per million.
 *
 * @module
 */
import { bytes32, type Infer, record, u32, u64 } from "../primitives/mod.ts";

/** One million: the denominator of every share. */
export const PPM = 1_000_000n;

/** See the module. */
export const Params = record("Params", {
  /** Blocks of an epoch; its validator set is fixed one epoch before. */
  epochBlocks: u32,
  /** Blocks from unstaking to the money being free: longer than every window in which a fault can be proven. */
  unbondingBlocks: u32,
  /** Fee of a transaction: `feePerByte * bytes + feePerWeight * weight`. */
  feePerByte: u64,
  feePerWeight: u64,
  /** Share of each fee that is burned; the rest is the proposer's. */
  feeBurnPpm: u32,
  /** Issued to the proposer of each block. */
  blockReward: u64,
  /** Least stake to act in a role. */
  minValidatorStake: u64,
  minProviderStake: u64,
  minChallengerStake: u64,
  minArbiterStake: u64,
  /** Windows of a task: to accept an assignment; after the result, for challengers (the least: see `submitTask`). */
  acceptBlocks: u32,
  challengeBlocks: u32,
  /** Assignments of one task before it fails and the reward is refunded. */
  maxAttempts: u32,
  /** Bond of a challenger, and the window of each move in a dispute. */
  challengerBond: u64,
  roundBlocks: u32,
  /** Arbiters drawn for a dispute, blocks until the beacon that draws them, their windows, and each one's fee. */
  arbiterCount: u32,
  drawDelayBlocks: u32,
  arbiterCommitBlocks: u32,
  arbiterRevealBlocks: u32,
  arbiterFee: u64,
  /** Taken from the stake of an arbiter who stays silent. */
  arbiterAbsencePenalty: u64,
  /** Share of a slash that goes to the party that proved the fault; at most half, the rest is burned. */
  proverSharePpm: u32,
  /** Share of a validator's stake slashed for equivocation. */
  equivocationSlashPpm: u32,
  /** Longest time a task waits for a match before its reward is refunded. */
  openBlocks: u32,
  /** How long an offer stays valid without a heartbeat. */
  offerBlocks: u32,
  /** Share of the collateral burned when a provider accepted a task and never submitted a result. */
  absenceSlashPpm: u32,
  /** Blocks after a verdict in which either party may appeal, and what that costs while the validators judge. */
  appealBlocks: u32,
  appealBond: u64,
  /** Share of an arbiter's stake slashed when the validators contradict the verdict that it revealed. */
  wrongVerdictSlashPpm: u32,
  /** Disputes of one result that run at a time; further ones wait. */
  runningDisputes: u32,
  /** Held for the record of a task as long as it is whole, and blocks after the task's end in which it is. */
  recordDeposit: u64,
  recordBlocks: u32,
  /** Different leaders whose blocks a deadline waits for, where there are so many validators. */
  leastLeaders: u32,
  /** Audits: least segments of a result that are sampled, and auditors drawn for it; with 0 auditors there are only voluntary challengers. */
  auditSegments: u32,
  auditorCount: u32,
  /** Least that each auditor is paid for each segment that it executes, from the task's escrow: see `auditSharePpm`. */
  auditPay: u64,
  /** Windows of auditors: to commit (the least: twice what the provider took comes on top), and to reveal. */
  auditCommitBlocks: u32,
  auditRevealBlocks: u32,
  /** Taken from the challenger's stake of an auditor who is silent, or finds a fault and does not dispute it. */
  auditAbsencePenalty: u64,
  /** Taken from the challenger's stake of an auditor whose reveal a dispute overturns. */
  auditFaultPenalty: u64,
  /** What a leader owes for each slot that it missed: see `missed_slots.ts`. */
  missedSlotPenalty: u64,
  /** Availability: seats of the committee that certifies a result (with 0 there is none), its window (what the provider took comes on top), and each one's pay. */
  certifierCount: u32,
  certifyBlocks: u32,
  certifierPay: u64,
  /** Taken from the challenger's stake of a member who is silent. */
  certifierAbsencePenalty: u64,
  /** Held for the demand of a chunk, and the window to answer it. */
  demandFee: u64,
  demandBlocks: u32,
  /** What an auditor is paid for a segment, as a share of what the provider is paid for it: see `../economics/audit_pay.ts`. */
  auditSharePpm: u32,
  /** Most that one unit of a dispute may cost whoever judges it, in multiplications with addition: a dearer chunk is taken apart, see `../disputes/sums.ts`. */
  unitCostCap: u64,
});
/** See {@link Params}. */
export type Params = Infer<typeof Params>;

/** Supply of the token. `balances + stakes + escrows + bonds + pending = genesis + issued - burned` after every block. */
export const Supply = record("Supply", { genesis: u64, issued: u64, burned: u64 });
/** See {@link Supply}. */
export type Supply = Infer<typeof Supply>;

/** Where the chain stands: part of the state, written by every block. */
export const Head = record("Head", {
  height: u64,
  epoch: u64,
  /** Beacon after this block: `H(previous beacon, the leader's BLS signature)`. */
  beacon: bytes32,
});
/** See {@link Head}. */
export type Head = Infer<typeof Head>;
