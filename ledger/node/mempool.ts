/**
 * Transactions that wait for a block: by account in nonce order, bounded in number for each account, and in number and bytes in all.
 *
 * When the pool is full, who takes the most room gives way to who takes less, last nonce first, so that no sender can crowd out the
 * others; and an answer with a deadline finds room among ordinary transactions whoever takes how much.
 *
 * @module
 */
import {
  type AdmissionContext,
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

/** Transactions that one may push out: a larger one waits until there is room. Bounds what a refused one costs. */
const MAX_EVICTED = 16;

interface Waiting {
  readonly received: ReceivedTransaction;
  readonly encoded: Uint8Array;
  readonly fee: bigint;
}

/** The waiting transactions of an account. */
interface Queue {
  readonly byNonce: Map<bigint, Waiting>;
  bytes: number;
}

/** See the module. Mutable; made by {@link createMempool}. */
export interface Mempool {
  readonly limits: MempoolLimits;
  readonly reader: TransactionReader;
  /** Waiting transactions by account, in the order of their first transaction. */
  readonly accounts: Map<string, Queue>;
  /** The same by id (hexadecimal). */
  readonly hashes: Map<string, Waiting>;
  bytes: number;
  /** What transactions are judged by on the last state that one was judged on. */
  judging: { readonly state: State; readonly context: AdmissionContext } | undefined;
}

/** An empty mempool. */
export function createMempool(
  limits: MempoolLimits = DEFAULT_MEMPOOL_LIMITS,
  reader: TransactionReader = createTransactionReader(),
): Mempool {
  return { limits, reader, accounts: new Map(), hashes: new Map(), bytes: 0, judging: undefined };
}

/** The encoding of a waiting transaction. */
export function waitingTransaction(pool: Mempool, hash: Hash): Uint8Array | undefined {
  return pool.hashes.get(bytesToHex(hash))?.encoded;
}

/** How many transactions wait. */
export function mempoolSize(pool: Mempool): number {
  return pool.hashes.size;
}

/** Nonce that the account's next transaction should carry, after those that wait without a gap. */
export function nextNonce(pool: Mempool, state: StateReader, address: Uint8Array): bigint {
  const waiting = pool.accounts.get(bytesToHex(address));
  let nonce = accountOf(state, address).nonce;
  while (waiting?.byNonce.has(nonce)) nonce++;
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
  return addReceived(pool, state, pool.reader.read(encoded), encoded);
}

/** As {@link addTransaction}, of one that the pool's reader has read from `encoded`. */
export function addReceived(
  pool: Mempool,
  state: State,
  received: ReceivedTransaction,
  encoded: Uint8Array,
): Hash {
  const { hash, sender, transaction: { nonce } } = received;
  if (pool.hashes.has(bytesToHex(hash))) {
    throw new NodeError("duplicate", "This transaction is waiting already. There is nothing to do.");
  }
  const fee = judge(pool, state, received);
  const waiting: Waiting = { received, encoded, fee };
  const replaced = pool.accounts.get(bytesToHex(sender))?.byNonce.get(nonce);
  if (replaced !== undefined) requireMore(replaced, fee);
  const leaving = replaced === undefined ? leavingFor(pool, waiting) : [replaced];
  if (!pool.reader.isSigned(received)) throw badSignature();
  for (const each of leaving) forget(pool, each);
  const queue = pool.accounts.get(bytesToHex(sender)) ?? { byNonce: new Map(), bytes: 0 };
  queue.byNonce.set(nonce, waiting);
  queue.bytes += encoded.length;
  pool.accounts.set(bytesToHex(sender), queue);
  pool.hashes.set(bytesToHex(hash), waiting);
  pool.bytes += encoded.length;
  return hash;
}

/** What a state says to every transaction: read once for all that are judged on it. */
function contextOn(pool: Mempool, state: State): AdmissionContext {
  if (pool.judging?.state !== state) {
    const height = heads.get(state).height + 1n;
    const context = { chainId: chainIds.get(state), height, params: paramsInForce.get(state) };
    pool.judging = { state, context };
  }
  return pool.judging.context;
}

/** Requires everything but the exact nonce and the signature. Returns the fee. */
function judge(pool: Mempool, state: State, received: ReceivedTransaction): bigint {
  const { limits } = pool, context = contextOn(pool, state);
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

function requireMore(replaced: Waiting, fee: bigint): void {
  const least = replaced.fee + replaced.fee * REPLACEMENT_PERCENT / 100n;
  if (fee >= least && fee > replaced.fee) return;
  throw new NodeError(
    "underpriced",
    `Another transaction with this nonce waits. To replace it, pay a fee of ${least} or more: got ${fee}.`,
    { least, fee },
  );
}

function isUrgent({ received }: Waiting): boolean {
  return isReserved(received.transaction.operation);
}

/** What must go so that a new transaction has room. PERF: when the pool is full, a look at every account for each that goes. */
function leavingFor(pool: Mempool, waiting: Waiting): readonly Waiting[] {
  const { limits } = pool;
  const leaving = new Set<Waiting>();
  let bytes = pool.bytes + waiting.encoded.length;
  while (pool.hashes.size - leaving.size >= limits.transactions || bytes > limits.bytes) {
    const next = leaving.size < MAX_EVICTED ? nextToLeave(pool, waiting, leaving) : undefined;
    if (next === undefined) {
      throw new NodeError("mempool_full", "The node has no room for more transactions. Send it again later.");
    }
    leaving.add(next);
    bytes -= next.encoded.length;
  }
  return [...leaving];
}

/**
 * The last transaction of the account that takes the most room: of one that would still take more than the newcomer's, or, if the
 * newcomer has a claim to reserved space and the transaction has none, of any.
 */
function nextToLeave(pool: Mempool, newcomer: Waiting, leaving: ReadonlySet<Waiting>): Waiting | undefined {
  const own = bytesToHex(newcomer.received.sender);
  const share = (pool.accounts.get(own)?.bytes ?? 0) + newcomer.encoded.length;
  const gone = new Map<string, number>();
  for (const { received, encoded } of leaving) {
    const sender = bytesToHex(received.sender);
    gone.set(sender, (gone.get(sender) ?? 0) + encoded.length);
  }
  let most = 0, found: Waiting | undefined;
  for (const [sender, queue] of pool.accounts) {
    const left = queue.bytes - (gone.get(sender) ?? 0);
    if (sender === own || left <= most) continue;
    const last = lastOf(queue, leaving);
    if (last === undefined || (isUrgent(last) && !isUrgent(newcomer))) continue;
    const mayLeave = left > share || (isUrgent(newcomer) && !isUrgent(last));
    if (mayLeave) [most, found] = [left, last];
  }
  return found;
}

function lastOf({ byNonce }: Queue, leaving: ReadonlySet<Waiting>): Waiting | undefined {
  let last: Waiting | undefined;
  for (const waiting of byNonce.values()) {
    const isLater = last === undefined ||
      waiting.received.transaction.nonce > last.received.transaction.nonce;
    if (isLater && !leaving.has(waiting)) last = waiting;
  }
  return last;
}

function forget(pool: Mempool, { received, encoded }: Waiting): void {
  const sender = bytesToHex(received.sender);
  const queue = pool.accounts.get(sender);
  if (queue !== undefined) {
    queue.byNonce.delete(received.transaction.nonce);
    queue.bytes -= encoded.length;
    if (queue.byNonce.size === 0) pool.accounts.delete(sender);
  }
  pool.hashes.delete(bytesToHex(received.hash));
  pool.bytes -= encoded.length;
}

/** Drops what a new final state has used up or let expire. PERF: a look at every waiting transaction. */
export function pruneMempool(pool: Mempool, state: State): void {
  const { height } = heads.get(state);
  for (const { byNonce } of pool.accounts.values()) {
    const first = byNonce.values().next();
    if (first.done) continue;
    const { nonce } = accountOf(state, first.value.received.sender);
    for (const waiting of byNonce.values()) {
      const { transaction } = waiting.received;
      if (transaction.nonce < nonce || transaction.expiry <= height) forget(pool, waiting);
    }
  }
}

/**
 * The transactions that could follow on a state: of each account from its nonce on without a gap, first those with a claim to
 * reserved space, then one of each account in turn.
 */
export function* candidatesOn(pool: Mempool, state: StateReader): Generator<Uint8Array> {
  const queues: Waiting[][] = [];
  for (const { byNonce } of pool.accounts.values()) {
    const first = byNonce.values().next();
    if (first.done) continue;
    const queue: Waiting[] = [];
    for (let nonce = accountOf(state, first.value.received.sender).nonce;; nonce++) {
      const waiting = byNonce.get(nonce);
      if (waiting === undefined) break;
      queue.push(waiting);
    }
    if (queue.length > 0) queues.push(queue);
  }
  const hasUrgent = (queue: readonly Waiting[]) => queue.some(isUrgent);
  const ordered = [...queues.filter(hasUrgent), ...queues.filter((queue) => !hasUrgent(queue))];
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
  const waiting = pool.accounts.get(bytesToHex(sender))?.byNonce.get(nonce);
  if (waiting !== undefined) forget(pool, waiting);
}
