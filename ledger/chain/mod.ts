/**
 * The chain: transactions, blocks, genesis, and executing a block on a state. A pure function of its inputs throughout.
 *
 * Knows of the primitives, the state, the operations, the disputes and the market; consensus and nodes stand above it. Read `transaction.ts`,
 * `block.ts`, `execute_block.ts`, then `genesis.ts`.
 *
 * @module
 */
export {
  Block,
  blockHash,
  BlockHeader,
  MAX_BLOCK_TRANSACTIONS,
  MAX_TRANSACTION_BYTES,
  SignatureBytes,
} from "./block.ts";
export {
  decodeTransaction,
  encodeTransaction,
  hasValidSignature,
  MAX_EXPIRY_BLOCKS,
  type ReceivedTransaction,
  SignedTransaction,
  signTransaction,
  Transaction,
  TransactionError,
  type TransactionErrorCode,
  type TransactionFields,
  transactionHash,
} from "./transaction.ts";
export { createTransactionReader, plainReader, type TransactionReader } from "./transaction_reader.ts";
export { Operation, OPERATION_KINDS, type OperationKind, operationSchemas } from "./operation_schemas.ts";
export { isReserved, rejectionsOf, runOperation, weightOf } from "./operation_rules.ts";
export { type AdmissionContext, admit, badSignature, feeOf } from "./admission.ts";
export {
  type BlockSpace,
  emptyBlockSpace,
  MAX_BLOCK_BYTES,
  MAX_ORDINARY_BYTES,
  MAX_ORDINARY_TRANSACTIONS,
} from "./block_space.ts";
export {
  BlockError,
  type BlockErrorCode,
  type BlockResult,
  type ExecutableBlock,
  type ExecutionHeader,
  type Receipt,
} from "./execution.ts";
export { executeBlock, type ExecutionOptions, transactionsRootOf, verifyBlock } from "./execute_block.ts";
export { type LeftOut, type Selection, selectTransactions } from "./build_block.ts";
export { chainIdOf, Genesis, GenesisAccount, GenesisStake, GenesisValidator } from "./genesis.ts";
export { GenesisError, genesisState, MAX_GENESIS_SUPPLY, requireParams } from "./genesis_state.ts";
export { formatGenesis, parseGenesis } from "./genesis_json.ts";
export { dutiesOf, type Duty } from "./duties.ts";
export {
  MAX_TASKS_ANSWERED,
  MAX_TASKS_WALKED,
  type OfferView,
  type Queries,
  queries,
  type QueryAnswer,
  type QueryArgument,
  type QueryName,
  runQuery,
  type TaskFilter,
} from "./queries.ts";
export { ADMISSION_CODES } from "./admission_codes.ts";
export { formatCodeTable } from "./code_table.ts";
export { recountSupply } from "./recount.ts";
export { devParams, UNITS_PER_TOKEN } from "./dev_params.ts";
