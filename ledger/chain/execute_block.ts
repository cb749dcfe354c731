/**
 * Executing a block: a pure function from a state and a block to the state after it.
 *
 * In order: if an epoch begins, what governance decided and the next validator set; what falls due at this height; the transactions;
 * the beacon; matching; what leaders owe for slots that they missed; the proposer's reward and fees. Then the supply must be conserved.
 *
 * Everything drawn before the transactions sees the beacon of the block before; matching sees the new one.
 *
 * @module
 */
import { equalBytes, type Hash, merkleRoot, nextBeacon } from "../primitives/mod.ts";
import { executeProposals, PROTOCOL_VERSION, requireProtocol } from "../governance/mod.ts";
import { matchTasks } from "../market/mod.ts";
import {
  assertSupplyConserved,
  type BlockContext,
  burn,
  chainIds,
  chargeMissedSlots,
  createDraft,
  credit,
  type Draft,
  epochOf,
  fixNextValidatorSet,
  heads,
  issue,
  type LedgerEvent,
  missedSlots,
  noteLeader,
  paramsInForce,
  PPM,
  runDue,
  settleSlotDebt,
  type State,
  type StateReader,
  totals,
  validatorSetOf,
  validatorsHash,
} from "../state/mod.ts";
import type { Block } from "./block.ts";
import { type BlockSpace, emptyBlockSpace } from "./block_space.ts";
import { dueHandlers } from "./due_handlers.ts";
import {
  BlockError,
  type BlockErrorCode,
  type BlockResult,
  type ExecutableBlock,
  type ExecutionHeader,
  type Receipt,
} from "./execution.ts";
import { executeTransaction } from "./execute_transaction.ts";
import { isReserved } from "./operation_rules.ts";
import { type ReceivedTransaction, TransactionError } from "./transaction.ts";
import { plainReader, type TransactionReader } from "./transaction_reader.ts";

/** How a block is executed. */
export interface ExecutionOptions {
  /** Protocol version of the rules to execute by; default: this program's. */
  readonly protocolVersion?: number;
  /** May remember transactions from the mempool or an earlier block. Default: one that remembers nothing. */
  readonly reader?: TransactionReader;
}

function requireHeader(state: State, header: ExecutionHeader): void {
  const refuse = (code: BlockErrorCode, message: string): never => {
    throw new BlockError(code, message, { height: header.height });
  };
  if (!equalBytes(header.chainId, chainIds.get(state))) {
    refuse("wrong_chain", "The block belongs to another chain. Check the genesis file.");
  }
  const height = heads.get(state).height + 1n;
  if (header.height !== height) {
    refuse("wrong_height", `The block after this state has height ${height}: got ${header.height}.`);
  }
  const epoch = epochOf(paramsInForce.get(state), height);
  if (header.epoch !== epoch) {
    refuse("wrong_epoch", `Height ${height} is in epoch ${epoch}: the block says ${header.epoch}.`);
  }
  if (header.view <= header.parentView) {
    refuse("wrong_view", `View ${header.view} does not follow on the parent's, ${header.parentView}.`);
  }
  const set = validatorSetOf(state, epoch);
  if (set === undefined || !equalBytes(header.validatorsHash, validatorsHash(set))) {
    refuse("wrong_validators", `The block does not name the validator set of epoch ${epoch}.`);
  }
}

/** A block under execution: the draft, and what every rule may know. */
export interface OpenBlock {
  readonly draft: Draft;
  readonly context: BlockContext;
  readonly header: ExecutionHeader;
  readonly events: LedgerEvent[];
}

/**
 * Opens a block: checks its header, and does what comes before its transactions.
 *
 * @throws {BlockError} `wrong_chain`, `wrong_height`, `wrong_epoch`, `wrong_validators`.
 * @throws {UpgradeError} if the chain has moved on to rules that this program does not know.
 */
export function openBlock(
  state: State,
  header: ExecutionHeader,
  protocolVersion = PROTOCOL_VERSION,
): OpenBlock {
  requireProtocol(state, header.height, protocolVersion);
  requireHeader(state, header);
  const draft = createDraft(state);
  const events: LedgerEvent[] = [];
  const before = heads.get(state);
  const isNewEpoch = header.epoch > before.epoch;
  if (isNewEpoch) executeProposals(draft, header.height, (event) => void events.push(event));
  const context: BlockContext = {
    chainId: header.chainId,
    head: { height: header.height, epoch: header.epoch, beacon: before.beacon },
    params: paramsInForce.get(draft),
    emit: (event) => void events.push(event),
  };
  if (isNewEpoch) fixNextValidatorSet(draft, context);
  runDue(draft, context, dueHandlers, leastLeaders(draft, context));
  return { draft, context, header, events };
}

/** How many leaders deadlines wait for: no more than there are. */
function leastLeaders(state: StateReader, { params, head }: BlockContext): number {
  return Math.min(params.leastLeaders, validatorSetOf(state, head.epoch)?.validators.length ?? 1);
}

/** Charges the leaders of the slots between the parent and this block. */
function chargeLeaders({ draft, context, header }: OpenBlock): void {
  const set = validatorSetOf(draft, header.epoch);
  if (set !== undefined) chargeMissedSlots(draft, context, missedSlots(set, header.parentView, header.view));
}

/**
 * Pays the proposer its share of the fees and the block reward, less what it owes for missed slots; that and the rest of the fees is
 * burned.
 */
function payProposer({ draft, context, header }: OpenBlock): void {
  const { params } = context;
  const fees = totals.get(draft).pending;
  const kept = fees * (PPM - BigInt(params.feeBurnPpm)) / PPM;
  const earned = kept + params.blockReward;
  const forfeited = settleSlotDebt(draft, header.proposer, earned);
  issue(draft, params.blockReward, "pending");
  burn(draft, fees - kept + forfeited, "pending");
  credit(draft, header.proposer, earned - forfeited, "pending");
}

/** Closes a block: does what comes after its transactions. The open block is used up. */
export function closeBlock(open: OpenBlock, receipts: readonly Receipt[]): BlockResult {
  const { draft, context, header, events } = open;
  const beacon = nextBeacon(context.head.beacon, header.beaconSignature);
  matchTasks(draft, context, beacon);
  chargeLeaders(open);
  payProposer(open);
  noteLeader(draft, context.params, header.height, header.proposer);
  heads.put(draft, { height: header.height, epoch: header.epoch, beacon });
  assertSupplyConserved(draft);
  const state = draft.commit();
  return { state, stateRoot: state.root, receipts, events };
}

function requireRoom(received: ReceivedTransaction, index: number, space: BlockSpace): void {
  if (!space.take(received.byteLength, isReserved(received.transaction.operation))) {
    throw new BlockError("block_too_large", `The block has no room for its transaction ${index}.`, { index });
  }
}

/**
 * Executes a block on the state after its parent.
 *
 * The proposer's right to propose, the beacon signature and the certificates are consensus' to check.
 *
 * @throws {BlockError} if the block is invalid: a bad header, too large, or a transaction that may not stand in it.
 * @throws {UpgradeError} if it stands beyond an upgrade that this program does not know: stop the node.
 * @throws {InvariantError} if the ledger would contradict itself: a bug.
 */
export function executeBlock(
  state: State,
  { header, transactions }: ExecutableBlock,
  { reader = plainReader, protocolVersion }: ExecutionOptions = {},
): BlockResult {
  const open = openBlock(state, header, protocolVersion);
  const space = emptyBlockSpace();
  const receipts = transactions.map((encoded, index) => {
    try {
      const received = reader.read(encoded);
      requireRoom(received, index, space);
      const outcome = executeTransaction(open.draft, open.context, received, reader.isSigned);
      open.events.push(...outcome.events);
      return outcome.receipt;
    } catch (thrown) {
      if (!(thrown instanceof TransactionError)) throw thrown;
      throw new BlockError(
        "inadmissible_transaction",
        `Transaction ${index} of the block: ${thrown.message}`,
        {
          index,
          reason: thrown.code,
        },
        thrown,
      );
    }
  });
  return closeBlock(open, receipts);
}

/** Roots by list: a received block's is needed at the door and when it is executed, and lists are never written to. */
const roots = new WeakMap<readonly Uint8Array[], Hash>();

/** What a header says of a block's transactions. */
export function transactionsRootOf(transactions: readonly Uint8Array[]): Hash {
  const known = roots.get(transactions);
  if (known !== undefined) return known;
  const root = merkleRoot(transactions);
  roots.set(transactions, root);
  return root;
}

/**
 * Executes a received block and requires that its header tells the truth about transactions and state.
 *
 * @throws {BlockError} as {@link executeBlock}, and `wrong_transactions_root`, `wrong_state_root`.
 */
export function verifyBlock(
  state: State,
  { header, transactions }: Block,
  options: ExecutionOptions = {},
): BlockResult {
  if (!equalBytes(header.transactionsRoot, transactionsRootOf(transactions))) {
    throw new BlockError(
      "wrong_transactions_root",
      "The block's transactions are not those its header names.",
      {
        height: header.height,
      },
    );
  }
  const result = executeBlock(state, { header, transactions }, options);
  if (!equalBytes(header.stateRoot, result.stateRoot)) {
    throw new BlockError(
      "wrong_state_root",
      "Executing the block gives another state than its header says.",
      {
        height: header.height,
      },
    );
  }
  return result;
}
