/**
 * The ledger: a replicated append-only record with its own proof-of-stake consensus, and a pure state machine on top. The ground
 * floor: it imports nothing of the other parts.
 *
 *     primitives/    canonical bytes, hashes, keys, Merkle trees, the formats of commitments (its own door: executor and net use it)
 *     state/         typed records in an immutable, provable map; money, stakes, deadlines, the life of a task
 *     ops/           operations, one file each: schema, predicate, mutation
 *     market/        matching of tasks and offers, inside the state machine
 *     availability/  committees that certify that a result can be had, and chunks forced onto the ledger
 *     audits/        drawn auditors, who commit before they see
 *     disputes/      from a challenge down to one operator, arbitration, settlement
 *     proofs/        computation proofs as files, and verifying them without a ledger
 *     economics/     why nobody gains by cheating: chances, gains and what they demand of stakes
 *     governance/    proposals, votes and upgrades; the bounds of parameters
 *     chain/         transactions, blocks, genesis, executing blocks, queries
 *     consensus/     stake-weighted Simplex without clock, network or disk
 *     store/         blocks, certificates, the vote log and state, in SQLite or in memory
 *     node/          mempool, block production, sync: what turns the rest into a running node
 *     light/         following the chain by certificates and proofs alone
 *
 * Nothing here touches clock, randomness, network or disk but the leaves named for it. Read the folders in the order above.
 *
 * @module
 */
export {
  type Account,
  type BlockContext,
  createDraft,
  type Head,
  InvariantError,
  type LedgerEvent,
  type Offer,
  type Params,
  PPM,
  reachesThreshold,
  reputationPpm,
  type Role,
  ROLES,
  type Stake,
  State,
  StateProof,
  type StateReader,
  type Supply,
  type Task,
  type TaskResult,
  type TaskStatus,
  type Totals,
  type Validator,
  type ValidatorSet,
  verifyStateProof,
} from "./state/mod.ts";
export {
  MAX_SEGMENTS,
  programFault,
  type Rejection,
  REJECTION_CODES,
  type RejectionCode,
} from "./ops/mod.ts";
export {
  PARAM_BOUNDS,
  type ParamName,
  type PlannedUpgrade,
  type Proposal,
  proposalDeposit,
  PROTOCOL_VERSION,
  UpgradeError,
} from "./governance/mod.ts";
export {
  type Audit,
  auditCommitment,
  type AuditFinding,
  type AuditTurn,
  auditTurn,
  segmentTrace,
} from "./audits/mod.ts";
export {
  ComputationProof,
  computationProof,
  isRunOf,
  ProofError,
  type ProofErrorCode,
  recordKeys,
  recordsIn,
  submissionIn,
  TaskRecords,
  type Verification,
  type VerifierPowers,
  verifyComputation,
} from "./proofs/mod.ts";
export {
  type Availability,
  type ChunkProof,
  type ChunkSource,
  type Demand,
  type DemandedBlob,
  holderOf,
  isOutput,
  proveChunk,
  showsChunk,
} from "./availability/mod.ts";
export { type MatchExplanation, type MatchRefusal } from "./market/mod.ts";
export {
  arbiterCommitment,
  chunkVerdict,
  type Dispute,
  type DisputeTurn,
  disputeTurn,
  isAskedOf,
  leftmostDifference,
  longestDispute,
  nodeMoves,
  nodeVerdict,
  type OpenedNode,
  type Outcome,
  outputMove,
  type Reason,
  sourceEvidence,
  type StepKnowledge,
  topsOf,
  traceLeaves,
  UNAVAILABLE,
} from "./disputes/mod.ts";
export {
  admit,
  Block,
  BlockError,
  type BlockErrorCode,
  blockHash,
  type BlockHeader,
  type BlockResult,
  chainIdOf,
  decodeTransaction,
  devParams,
  type Duty,
  encodeTransaction,
  executeBlock,
  feeOf,
  formatCodeTable,
  formatGenesis,
  Genesis,
  GenesisError,
  genesisState,
  MAX_EXPIRY_BLOCKS,
  MAX_TRANSACTION_BYTES,
  type OfferView,
  type Operation,
  type OperationKind,
  parseGenesis,
  type Queries,
  type QueryAnswer,
  type QueryArgument,
  type QueryName,
  type Receipt,
  recountSupply,
  runQuery,
  selectTransactions,
  type SignedTransaction,
  signTransaction,
  type TaskFilter,
  type Transaction,
  TransactionError,
  type TransactionErrorCode,
  transactionHash,
  UNITS_PER_TOKEN,
  verifyBlock,
} from "./chain/mod.ts";
