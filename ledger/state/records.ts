/**
 * Records of accounts, stakes, validators, offers and tasks. Disputes have their own in `../disputes/`.
 *
 * @module
 */
import {
  bool,
  bytes,
  bytes32,
  type Infer,
  list,
  nullable,
  oneOf,
  Program,
  record,
  text,
  u32,
  u64,
} from "../primitives/mod.ts";

/** What an account can stake for. */
export const Role = oneOf("validator", "provider", "challenger", "arbiter");
/** See {@link Role}. */
export type Role = Infer<typeof Role>;

/** A spendable balance, and the nonce its next transaction must carry. */
export const Account = record("Account", { balance: u64, nonce: u64 });
/** See {@link Account}. */
export type Account = Infer<typeof Account>;

/** Stake leaving a role; still slashable until `releaseHeight`, then moved to the balance. */
export const Unbonding = record("Unbonding", { amount: u64, releaseHeight: u64 });

/** Stake of one account in one role. `locked` is the part that secures assignments; `locked <= amount`. */
export const Stake = record("Stake", {
  amount: u64,
  locked: u64,
  unbonding: list(Unbonding, 32),
  /** Height until which the account may not act in the role; 0 when it may. */
  jailedUntil: u64,
});
/** See {@link Stake}. */
export type Stake = Infer<typeof Stake>;

/** A validator of one epoch. `beaconKey` is its BLS public key (48 bytes, empty if it has none). */
export const Validator = record("Validator", { address: bytes32, stake: u64, beaconKey: bytes(48) });
/** See {@link Validator}. */
export type Validator = Infer<typeof Validator>;

/** The validators of one epoch in the order certificates index them, and the seed of its leader schedule. */
export const ValidatorSet = record("ValidatorSet", {
  epoch: u64,
  seed: bytes32,
  validators: list(Validator, 256),
});
/** See {@link ValidatorSet}. */
export type ValidatorSet = Infer<typeof ValidatorSet>;

/** What a provider offers. One offer for each provider. */
export const Offer = record("Offer", {
  provider: bytes32,
  engines: list(text(64), 8),
  memoryMiB: u32,
  /** Least reward of a task it takes. */
  minReward: u64,
  /** Tasks it does at a time, and how many it has now. */
  slots: u32,
  used: u32,
  /** Height after which the offer is void unless a heartbeat moved it on. */
  validUntil: u64,
  /** Tasks done and paid, and tasks lost by fault or silence: the raw material of reputation. */
  completed: u32,
  failed: u32,
});
/** See {@link Offer}. */
export type Offer = Infer<typeof Offer>;

/** What a provider says that it computed. */
export const TaskResult = record("TaskResult", {
  provider: bytes32,
  /** Hash of the program that was executed: `programId` of the task's. */
  program: bytes32,
  /** Merkle root over the salted leaves of the program's segments, see `primitives/salted_run.ts`. */
  runRoot: bytes32,
  /** Commitment to the seed of the salts; and the seed, null until the audit's openings. */
  saltCommitment: bytes32,
  seed: nullable(bytes32),
  /** Root of the last segment: the final state of a `carry` program. */
  outputRoot: bytes32,
  /** Value of the program's metric, opened from the final state; null if it has none. */
  metric: nullable(u64),
  submittedAt: u64,
});
/** See {@link TaskResult}. */
export type TaskResult = Infer<typeof TaskResult>;

/**
 * Where a task stands. `open`: waiting for a match; `assigned`: matched, to be accepted; `running`: accepted; `auditing`: the result is
 * committed to and audited behind closed doors; `submitted`: all is open, in the challenge window; `disputed`: a dispute runs and the window stands still. The rest are final.
 */
export const TaskStatus = oneOf(
  "open",
  "assigned",
  "running",
  "auditing",
  "submitted",
  "disputed",
  "done",
  "failed",
  "cancelled",
);
/** See {@link TaskStatus}. */
export type TaskStatus = Infer<typeof TaskStatus>;

/** A task with its escrow. */
export const Task = record("Task", {
  id: bytes32,
  /** Position in the order of posting, from 0. */
  number: u64,
  requester: bytes32,
  title: text(128),
  /** What is computed, and the blob id of the manifest that names its graphs, states and data. */
  program: Program,
  manifest: bytes32,
  /** Paid to the provider whose result becomes final; held in escrow until then. */
  reward: u64,
  /** Held in escrow on top, and paid to auditors and to those who certify availability; what they do not earn goes back to the requester. */
  auditEscrow: u64,
  /** Locked from the provider's stake for the assignment. */
  collateral: u64,
  /** What a false result would be worth to its maker, as the requester says; and how many segments are audited for it. */
  gain: u64,
  sampled: u32,
  memoryMiB: u32,
  /** Metric the requester asks for, in parts per million of the metric's total; informs, does not decide payment. */
  thresholdPpm: nullable(u32),
  /** Window from acceptance to the result. */
  computeBlocks: u32,
  status: TaskStatus,
  attempt: u32,
  provider: nullable(bytes32),
  /** Providers that failed at it and are not matched again. */
  excluded: list(bytes32, 16),
  /** Height at which the default of the present status fires; 0 for none. */
  deadline: u64,
  /** Blocks left of the challenge window while an audit or a dispute holds it. */
  windowLeft: u32,
  result: nullable(TaskResult),
  /** How many disputes were opened over all attempts. */
  disputes: u32,
  postedAt: u64,
  endedAt: u64,
  /** Whether the metric reached the threshold; null before the end or without a threshold. */
  thresholdMet: nullable(bool),
});
/** See {@link Task}. */
export type Task = Infer<typeof Task>;
