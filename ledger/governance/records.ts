/**
 * What the ledger remembers of a proposal.
 *
 *     voting -> passed -> executed
 *        |         \----> void         it had become senseless by then
 *        +-> rejected                  too few of the votes were for it
 *        +-> expired                   too few voted: the deposit is burned
 *
 * @module
 */
import {
  bool,
  bytes32,
  type Hash,
  type Infer,
  list,
  oneOf,
  record,
  text,
  u32,
  u64,
  union,
} from "../primitives/mod.ts";
import { MAX_VALIDATORS, type StateReader, type StateWriter, table } from "../state/mod.ts";

/** Names of parameters on the wire; the order is the format. Fixed ones stand here too, so that the answer can say so. */
export const ParamNameSchema = oneOf(
  "epochBlocks",
  "unbondingBlocks",
  "feePerByte",
  "feePerWeight",
  "feeBurnPpm",
  "blockReward",
  "minValidatorStake",
  "minProviderStake",
  "minChallengerStake",
  "minArbiterStake",
  "acceptBlocks",
  "challengeBlocks",
  "maxAttempts",
  "challengerBond",
  "roundBlocks",
  "arbiterCount",
  "drawDelayBlocks",
  "arbiterCommitBlocks",
  "arbiterRevealBlocks",
  "arbiterFee",
  "arbiterAbsencePenalty",
  "proverSharePpm",
  "equivocationSlashPpm",
  "openBlocks",
  "offerBlocks",
  "absenceSlashPpm",
  "appealBlocks",
  "appealBond",
  "wrongVerdictSlashPpm",
  "runningDisputes",
  "recordDeposit",
  "recordBlocks",
  "leastLeaders",
  "auditSegments",
  "auditorCount",
  "auditPay",
  "auditCommitBlocks",
  "auditRevealBlocks",
  "auditAbsencePenalty",
  "auditFaultPenalty",
  "missedSlotPenalty",
  "certifierCount",
  "certifyBlocks",
  "certifierPay",
  "certifierAbsencePenalty",
  "demandFee",
  "demandBlocks",
  "auditSharePpm",
  "unitCostCap",
);

/** Most parameters that one proposal sets: what belongs together, and can be read before voting. */
export const MAX_PARAM_CHANGES = 8;

/** What a proposal would change. */
export const Change = union("Change", {
  /** Sets parameters, all at once or none. */
  params: record("ParamChanges", {
    values: list(record("ParamChange", { name: ParamNameSchema, value: u64 }), MAX_PARAM_CHANGES),
  }),
  /** From the first block of an epoch on, blocks are executed by the rules of a newer protocol version. */
  upgrade: record("Upgrade", { version: u32, height: u64 }),
});
/** See {@link Change}. */
export type Change = Infer<typeof Change>;

/** Where a proposal stands. See the module. */
export const ProposalStatus = oneOf("voting", "passed", "rejected", "expired", "executed", "void");
/** See {@link ProposalStatus}. */
export type ProposalStatus = Infer<typeof ProposalStatus>;

/** A proposal. Its electorate and votes stand apart while they count. */
export const Proposal = record("Proposal", {
  /** Hash of the transaction that made it. */
  id: bytes32,
  proposer: bytes32,
  title: text(128),
  change: Change,
  /** Held while the voting lasts. */
  deposit: u64,
  status: ProposalStatus,
  proposedAt: u64,
  /** Height at whose beginning the votes are counted. */
  votingEnds: u64,
  /** First block to which it applies, once passed; 0 before. */
  executesAt: u64,
  /** Stake of the whole electorate, and what was counted for and against at the end; 0 before. */
  electorate: u64,
  approving: u64,
  opposing: u64,
});
/** See {@link Proposal}. */
export type Proposal = Infer<typeof Proposal>;

/** The validators who may vote, with the stake they had when the proposal was made. */
export const Electorate = list(record("Elector", { address: bytes32, stake: u64 }), MAX_VALIDATORS);
/** See {@link Electorate}. */
export type Electorate = Infer<typeof Electorate>;

/** The votes cast. */
export const Ballots = list(record("Ballot", { voter: bytes32, approve: bool }), MAX_VALIDATORS);
/** See {@link Ballots}. */
export type Ballots = Infer<typeof Ballots>;

/** Most proposals under way: all are looked at when an epoch begins. */
export const MAX_PROPOSALS = 16;

/** Most proposals that have ended and are still remembered: the newest. */
export const MAX_PAST_PROPOSALS = 64;

/** Proposals by id, as long as they are under way or among the newest of the ended. */
export const proposals = table(60, "proposals", (id: Hash) => id, Proposal);

/** Electorates by proposal id; deleted when the voting ends. */
export const electorates = table(61, "electorates", (id: Hash) => id, Electorate);

/** Votes by proposal id; deleted when the voting ends. */
export const ballots = table(62, "ballots", (id: Hash) => id, Ballots);

const nothing = () => new Uint8Array();
const active = table<null, readonly Hash[]>(63, "active proposals", nothing, list(bytes32, MAX_PROPOSALS));
const past = table<null, readonly Hash[]>(64, "past proposals", nothing, list(bytes32, MAX_PAST_PROPOSALS));

/** Proposals under way, voting or passed, the oldest first. */
export function activeProposals(state: StateReader): readonly Hash[] {
  return active.get(state, null) ?? [];
}

/** Proposals that have ended, the oldest first. */
export function pastProposals(state: StateReader): readonly Hash[] {
  return past.get(state, null) ?? [];
}

/** Puts a new proposal under way. */
export function addProposal(state: StateWriter, proposal: Proposal): void {
  proposals.put(state, proposal.id, proposal);
  active.put(state, null, [...activeProposals(state), proposal.id]);
}

/** Moves a proposal among the ended, and forgets the oldest of those if they are too many. */
export function endProposal(state: StateWriter, proposal: Proposal): void {
  const { id } = proposal;
  proposals.put(state, id, proposal);
  const isOther = (other: Hash) => !other.every((byte, i) => byte === id[i]);
  active.put(state, null, activeProposals(state).filter(isOther));
  const ended = [...pastProposals(state), id];
  for (const old of ended.slice(0, -MAX_PAST_PROPOSALS)) proposals.delete(state, old);
  past.put(state, null, ended.slice(-MAX_PAST_PROPOSALS));
}
