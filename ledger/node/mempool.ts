/**
 * Transactions that wait for a block: by account in nonce order, bounded in number and bytes for each account and in all, so that
 * no sender can push out another.
 *
 * @module
 */
import {
  admit,
  badSignature,
  createTransactionReader,
  isReserved,
  type ReceivedTransaction,
  type TransactionReader,
} from "../chain/mod.ts";
import { bytesToHex, type Hash } from "../primitives/mod.ts";
import { accountOf, chainIds, heads, paramsInForce, type State, type StateReader } from "../state/mod.ts";
import { NodeError } from "./errors.ts";

/** Bounds of a mempool. */
export interface MempoolLimits {
  readonly transactions: number;
  readonly bytes: number;
  /** How far a nonce may lie ahead of the account's, and so how many of its transactions wait. */
  readonly perAccount: number;
}

/** Four full blocks of transfers, 16 MiB, and what a busy account sends in a few seconds. */
export const DEFAULT_MEMPOOL_LIMITS: MempoolLimits = {
  transactions: 16_384,
  bytes: 16 * 1024 * 1024,
  perAccount: 1024,
};

/** A replacement pays this much more than what it replaces, in percent: replacing must cost the one who makes others relay it. */
const REPLACEMENT_PERCENT = 10n;

interface Waiting {
  readonly received: ReceivedTransaction;
  readonly encoded: Uint8Array;
  readonly fee: bigint;
}

/** See the module. Mutable; made by {@link createMempool}. */
export interface Mempool {
  readonly limits: MempoolLimits;
  readonly reader: TransactionReader;
  /** Waiting transactions by account, then by nonce. Accounts in the order of their first transaction. */
  readonly accounts: Map<string, Map<bigint, Waiting>>;
  readonly hashes: Set<string>;
  bytes: number;
}

/** An empty mempool. */
export function createMempool(
  limits: MempoolLimits = DEFAULT_MEMPOOL_LIMITS,
  reader: TransactionReader = createTransactionReader(),
): Mempool {
  return { limits, reader, accounts: new Map(), hashes: new Set(), bytes: 0 };
}

/** How many transactions wait. */
export function mempoolSize(pool: Mempool): number {
  return pool.hashes.size;
}

/** Nonce that the account's next transaction should carry, after those that wait without a gap. */
export function nextNonce(pool: Mempool, state: StateReader, address: Uint8Array): bigint {
  const waiting = pool.accounts.get(bytesToHex(address));
  let nonce = accountOf(state, address).nonce;
  while (waiting?.has(nonce)) nonce++;
  return nonce;
}

/**
 * Adds a transaction.
 *
 * @param state The last final state, against which it is judged. A nonce ahead of the account's may wait for those before it.
 * @returns Its hash.
 * @throws {TransactionError} if no block may contain it.
 * @throws {NodeError} `duplicate`, `bad_nonce`, `underpriced` or `mempool_full`.
 */
export function addTransaction(pool: Mempool, state: State, encoded: Uint8Array): Hash {
  const received = pool.reader.read(encoded);
  const { hash, sender, transaction: { nonce } } = received;
  if (pool.hashes.has(bytesToHex(hash))) {
    throw new NodeError("duplicate", "This transaction is waiting already. There is nothing to do.");
  }
  const fee = judge(pool, state, received);
  const account = pool.accounts.get(bytesToHex(sender)) ?? new Map<bigint, Waiting>();
  const replaced = account.get(nonce);
  requireRoom(pool, replaced, fee, encoded.length);
  if (!pool.reader.isSigned(received)) throw badSignature();
  if (replaced !== undefined) forget(pool, account, replaced);
  account.set(nonce, { received, encoded, fee });
  pool.accounts.set(bytesToHex(sender), account);
  pool.hashes.add(bytesToHex(hash));
  pool.bytes += encoded.length;
  return hash;
}

/** Requires everything but the exact nonce and the signature. Returns the fee. */
function judge({ limits }: Mempool, state: State, received: ReceivedTransaction): bigint {
  const params = paramsInForce.get(state);
  const context = { chainId: chainIds.get(state), height: heads.get(state).height + 1n, params };
  const { nonce } = accountOf(state, received.sender);
  const ahead = received.transaction.nonce - nonce;
  if (ahead <= 0n) return admit(state, context, received);
  if (ahead >= BigInt(limits.perAccount)) {
    throw new NodeError(
      "bad_nonce",
      `The nonce is ${ahead} ahead of the account's. It may be at most ${
        limits.perAccount - 1
      } ahead: send it when others are in a block.`,
      { ahead },
    );
  }
  // It waits for those before it: all else is judged as if it were next.
  return admit(state, context, { ...received, transaction: { ...received.transaction, nonce } });
}

function requireRoom(
  pool: Mempool,
  replaced: Waiting | undefined,
  fee: bigint,
  byteLength: number,
): void {
  const { limits } = pool;
  if (replaced !== undefined) {
    const least = replaced.fee + replaced.fee * REPLACEMENT_PERCENT / 100n;
    if (fee >= least && fee > replaced.fee) return;
    throw new NodeError(
      "underpriced",
      `Another transaction with this nonce waits. To replace it, pay a fee of ${least} or more: got ${fee}.`,
      { least, fee },
    );
  }
  if (pool.hashes.size >= limits.transactions || pool.bytes + byteLength > limits.bytes) {
    throw new NodeError("mempool_full", "The node has no room for more transactions. Send it again later.");
  }
}

function forget(pool: Mempool, account: Map<bigint, Waiting>, { received, encoded }: Waiting): void {
  account.delete(received.transaction.nonce);
  pool.hashes.delete(bytesToHex(received.hash));
  pool.bytes -= encoded.length;
}

/** Drops what a new final state has used up or let expire. PERF: a look at every waiting transaction. */
export function pruneMempool(pool: Mempool, state: State): void {
  const { height } = heads.get(state);
  for (const [key, account] of pool.accounts) {
    const first = account.values().next();
    if (first.done) continue;
    const { nonce } = accountOf(state, first.value.received.sender);
    for (const waiting of account.values()) {
      const { transaction } = waiting.received;
      if (transaction.nonce < nonce || transaction.expiry <= height) forget(pool, account, waiting);
    }
    if (account.size === 0) pool.accounts.delete(key);
  }
}

/**
 * The transactions that could follow on a state: of each account from its nonce on without a gap, first those with a claim to
 * reserved space, then one of each account in turn.
 */
export function* candidatesOn(pool: Mempool, state: StateReader): Generator<Uint8Array> {
  const queues: Waiting[][] = [];
  for (const account of pool.accounts.values()) {
    const first = account.values().next();
    if (first.done) continue;
    const queue: Waiting[] = [];
    for (let nonce = accountOf(state, first.value.received.sender).nonce;; nonce++) {
      const waiting = account.get(nonce);
      if (waiting === undefined) break;
      queue.push(waiting);
    }
    if (queue.length > 0) queues.push(queue);
  }
  const isUrgent = (queue: readonly Waiting[]) =>
    queue.some(({ received }) => isReserved(received.transaction.operation));
  const ordered = [...queues.filter(isUrgent), ...queues.filter((queue) => !isUrgent(queue))];
  const longest = Math.max(0, ...ordered.map((queue) => queue.length));
  for (let turn = 0; turn < longest; turn++) {
    for (const queue of ordered) {
      const waiting = queue[turn];
      if (waiting !== undefined) yield waiting.encoded;
    }
  }
}

/** Drops one transaction that was found impossible. */
export function dropTransaction(pool: Mempool, encoded: Uint8Array): void {
  const { sender, transaction: { nonce } } = pool.reader.read(encoded);
  const account = pool.accounts.get(bytesToHex(sender));
  const waiting = account?.get(nonce);
  if (account === undefined || waiting === undefined) return;
  forget(pool, account, waiting);
  if (account.size === 0) pool.accounts.delete(bytesToHex(sender));
}
