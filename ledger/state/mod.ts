/**
 * The state of the ledger: typed records in an immutable, provable map, and the moves that keep its invariants.
 *
 * Knows of the primitives only. Who may do what when is decided by the operations in `../ops/` and `../disputes/`; the functions here
 * assume that it was, and throw `InvariantError` if it was not. Read `state.ts` (the map and its root), `table.ts` and
 * `records.ts` (what is in it), `draft.ts` (changing it), `funds.ts` (money), `due.ts` (deadlines), then `task_lifecycle.ts`.
 *
 * @module
 */
export {
  rootOfSubtrees,
  State,
  type StateChange,
  type StateEntryBytes,
  StateProof,
  type Subtree,
  verifyStateProof,
} from "./state.ts";
export { createDraft, type Draft, type Savepoint } from "./draft.ts";
export { type StateReader, type StateWriter, type Table, table, u64Key } from "./table.ts";
export { type Singleton, singleton } from "./singleton.ts";
export { EngineNames, MAX_ENGINES, mayExecute, namedEngines } from "./engines.ts";
export { invariant, InvariantError } from "./errors.ts";
export type { BlockContext, LedgerEvent } from "./context.ts";
export { Head, Params, PPM, Supply } from "./params.ts";
export {
  Account,
  Offer,
  Role,
  Stake,
  Task,
  TaskResult,
  TaskStatus,
  Unbonding,
  Validator,
  ValidatorSet,
} from "./records.ts";
export { chainIds, heads, paramsInForce } from "./chain_records.ts";
export {
  assertSupplyConserved,
  burn,
  burnFrom,
  type Holding,
  issue,
  moveTotal,
  type Pot,
  sumOf,
  supplies,
  Totals,
  totals,
} from "./funds.ts";
export {
  accountOf,
  accounts,
  addBalance,
  advanceNonce,
  credit,
  debit,
  takeBalance,
  transferBalance,
} from "./accounts.ts";
export {
  dueAt,
  DueEntry,
  type DueHandler,
  type DueHandlers,
  MAX_DUE_PER_BLOCK,
  runDue,
  schedule,
} from "./due.ts";
export {
  addStake,
  canAct,
  freeStake,
  jail,
  lockStake,
  MAX_STAKERS,
  MAX_UNBONDINGS,
  minimumStake,
  putStake,
  releaseUnbonding,
  ROLES,
  stakeOf,
  stakersOf,
  stakes,
  startUnbonding,
  unbondingOf,
  unlockStake,
} from "./stakes.ts";
export { MAX_PROVER_SHARE_PPM, shareOut, type Shares, type Slash, slash, type Slashed } from "./slashing.ts";
export {
  beaconKeys,
  epochOf,
  fixNextValidatorSet,
  GENESIS_BEACON,
  lastHeightOf,
  leaderAt,
  leaderSeed,
  MAX_VALIDATORS,
  putValidatorSet,
  rankValidators,
  validatorSetKey,
  validatorSetOf,
  validatorsHash,
} from "./validator_sets.ts";
export {
  changeOffer,
  expireOffer,
  isListed,
  listOffer,
  MAX_OFFERS,
  MAX_SLOTS,
  offerLists,
  offerOf,
  offers,
  reputationPpm,
  unlistOffer,
} from "./offers.ts";
export {
  activeTasks,
  addAssignment,
  assignmentsOf,
  disputesOf,
  isFinal,
  listOpen,
  Market,
  markets,
  MAX_ACTIVE_TASKS,
  MAX_LISTED_DISPUTES,
  MAX_OPEN_DISPUTES,
  openTasks,
  removeAssignment,
  taskIdOf,
  taskNumbers,
  taskOf,
  tasks,
  unlistDispute,
  unlistOpen,
} from "./tasks.ts";
export { engineKey, EngineName, engineOf, Incident, incidentOf, incidents } from "./incidents.ts";
export { paramsOfTask, TaskTerms } from "./task_terms.ts";
export { leadersSince, MAX_RECENT_LEADERS, noteLeader } from "./leaders.ts";
export { chargeMissedSlots, MAX_GAP, MAX_SLOTS_OWED, type MissedSlots, missedSlots } from "./missed_slots.ts";
export { settleSlotDebt, slotDebtOf } from "./slot_debts.ts";
export {
  RECORD_DUE,
  recordDeposits,
  recordHash,
  shrinkTask,
  shrunkRecord,
  shrunkRecords,
} from "./task_records.ts";
export {
  assignTask,
  cancelOpenTask,
  createTask,
  declineAssignment,
  extendChallengeWindow,
  noteDispute,
  openChallengeWindow,
  payAuditor,
  payCertifier,
  payTask,
  raiseReward,
  reachesThreshold,
  refundTask,
  resumeChallengeWindow,
  startTask,
  submitTask,
  taskDue,
  type TaskRequest,
  voidResult,
} from "./task_lifecycle.ts";
export { Candidate, CandidatePool, candidatesOf, type Draw, drawByStake, lot } from "./draw_stakers.ts";
