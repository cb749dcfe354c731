/**
 * A node's access to the ledger: queries of the finalized state, and operations signed with the node's key.
 *
 * **Operations are never done twice.** A transaction carries the account's nonce and an expiry height. It is sent again as it is, as
 * often as needed; a new one for the same operation is signed only when the old one can never be included any more (the account has
 * passed its nonce without it, or the chain its expiry). There is one client for each key, and it numbers its transactions; who signs with
 * the same key elsewhere costs it a retry, no more.
 *
 * @module
 */
import type { Timers } from "../../net/mod.ts";
import {
  type Address,
  bytesToHex,
  decode,
  encode,
  equalBytes,
  type Hash,
  type Signer,
} from "../../ledger/primitives/mod.ts";
import { NodeAnswer, NodeRequest, readBlock } from "../../ledger/node/mod.ts";
import {
  decodeTransaction,
  encodeTransaction,
  type Operation,
  type QueryAnswer,
  type QueryArgument,
  type QueryName,
  runQuery,
  signTransaction,
  transactionHash,
} from "../../ledger/mod.ts";
import { ActorError, sleep } from "../runtime/mod.ts";
import { type FinalReceipt, LedgerAnswer, LedgerQuestion, MAX_KEYS } from "./protocol.ts";
import { type KnownRecords, runOverRecords } from "./state_view.ts";

/** What became of an operation that was included and did what it should. */
export interface Done {
  /** Hash of the transaction: the id of the task or dispute that it created. */
  readonly hash: Hash;
  readonly height: bigint;
  readonly fee: bigint;
}

/** How long something may take. */
export interface LedgerCall {
  readonly signal: AbortSignal;
}

/** Reads and writes the ledger. */
export interface LedgerClient {
  /** The account that signs. */
  readonly address: Address;
  /** The proof of what the verifiable random function of the account's key gives for an input. */
  prove(input: Uint8Array, call: LedgerCall): Promise<Uint8Array>;
  /**
   * The answer of one of the ledger's queries on the last finalized state.
   *
   * @throws {ActorError} when the validator cannot be asked; what the query throws.
   */
  query<N extends QueryName>(name: N, argument: QueryArgument<N>, call: LedgerCall): Promise<QueryAnswer<N>>;
  /**
   * Does an operation, and waits until it is final.
   *
   * @throws {ActorError} `rejected` (with `fields.rejection`, the ledger's code) if the ledger refused it, `timed_out` if it was not
   * included before its expiry.
   */
  submit(operation: Operation, call: LedgerCall): Promise<Done>;
  /**
   * The operations of the final block at a height, in order, also those that were rejected.
   *
   * @throws {ActorError} `unavailable` if the validator has not got the block (any more).
   */
  operations(height: bigint, call: LedgerCall): Promise<readonly Operation[]>;
}

/** What a client is made from. */
export interface LedgerClientOptions {
  readonly signer: Signer;
  readonly timers: Timers;
  /** Asks a validator actor. */
  ask(question: Uint8Array, timeoutMs: number): Promise<Uint8Array>;
  /** Blocks until an operation that was not included is given up. Default {@link DEFAULT_EXPIRY_BLOCKS}. */
  readonly expiryBlocks?: number;
}

/** Enough for a node that is behind and a few leaders that fail; short against every window of a task or dispute. */
export const DEFAULT_EXPIRY_BLOCKS = 30;

/** A question is answered from memory; a validator this slow is overloaded. */
const ANSWER_MS = 10_000;

/** How long a validator is let hold the question for a receipt, before it is asked again and the transaction sent again. */
const RECEIPT_MS = 5000;

/** Pause before a question is repeated that found no validator, or an overloaded one. */
const RETRY_MS = 200;

/** A signed transaction under way. `base`: height of the last final block when it was signed. */
interface Sent {
  readonly encoded: Uint8Array;
  readonly hash: Hash;
  readonly nonce: bigint;
  readonly expiry: bigint;
  readonly base: bigint;
}

type Verdict =
  | { readonly kind: "final"; readonly receipt: FinalReceipt }
  /** Not included, and never will be. */
  | { readonly kind: "dead"; readonly code: string; readonly message: string };

/** Makes the client of one key. */
export function makeLedgerClient(options: LedgerClientOptions): LedgerClient {
  const { signer, timers } = options;
  const expiryBlocks = BigInt(options.expiryBlocks ?? DEFAULT_EXPIRY_BLOCKS);
  let chainId: Hash | undefined;
  const readBefore = new Map<QueryName, readonly Uint8Array[]>();
  let cache: { readonly height: bigint; readonly known: KnownRecords } | undefined;
  /** Operations are numbered one at a time: the next waits until this one's nonce is used or free again. */
  let turn: Promise<unknown> = Promise.resolve();

  const put = async (question: LedgerQuestion, timeoutMs = ANSWER_MS): Promise<LedgerAnswer> =>
    decode(LedgerAnswer, await options.ask(encode(LedgerQuestion, question), timeoutMs));

  const read = async (height: bigint | null, keys: readonly Uint8Array[]) => {
    const answer = await put({ kind: "read", height, keys });
    if (answer.kind === "gone") throw new GoneError(height);
    if (answer.kind !== "values") throw unexpected(answer);
    if (chainId !== undefined && !equalBytes(chainId, answer.chainId)) {
      throw new ActorError("bad_options", "The validator has changed its chain: start this node anew.");
    }
    chainId = answer.chainId;
    return answer;
  };

  /** Fetches at once what a query of this name read the last time: most of it is read again, block after block. */
  const foresee = async (name: QueryName, height: bigint, known: KnownRecords) => {
    const wanted = (readBefore.get(name) ?? []).filter((key) => !known.has(bytesToHex(key)));
    for (let from = 0; from < wanted.length; from += MAX_KEYS) {
      const keys = wanted.slice(from, from + MAX_KEYS);
      const { values } = await read(height, keys);
      keys.forEach((key, i) => known.set(bytesToHex(key), values[i] ?? null));
    }
  };

  const query = async <N extends QueryName>(
    name: N,
    argument: QueryArgument<N>,
    { signal }: LedgerCall,
  ): Promise<QueryAnswer<N>> => {
    for (let attempt = 1;; attempt++) {
      signal.throwIfAborted();
      try {
        const { height } = await read(null, []);
        if (cache?.height !== height) cache = { height, known: new Map() };
        const { known } = cache;
        await foresee(name, height, known);
        const ran = await runOverRecords((state) => runQuery(state, name, argument), known, async (keys) => {
          signal.throwIfAborted();
          return (await read(height, keys)).values;
        });
        readBefore.set(name, ran.keys);
        return ran.value;
      } catch (thrown) {
        // The validator moved on while we asked: what we saw is of one height, and that height is gone.
        if (!(thrown instanceof GoneError) || attempt === MAX_RESTARTS) throw thrown;
      }
    }
  };

  /** Where the account stands, and the chain. */
  const standing = async (call: LedgerCall) => {
    const { nonce } = await query("account", signer.address, call);
    const { height } = await query("head", null, call);
    return { height, nonce };
  };

  /** Sends one signed transaction until it is final or can never be. */
  const follow = async (sent: Sent, call: LedgerCall): Promise<Verdict> => {
    while (true) {
      call.signal.throwIfAborted();
      try {
        const taken = await put({ kind: "submit", transaction: sent.encoded });
        if (taken.kind === "refused" && HOPELESS_CODES.has(taken.code)) return { ...taken, kind: "dead" };
        const answer = await put({ kind: "receipt", hash: sent.hash, wait: true }, RECEIPT_MS);
        if (answer.kind === "receipt") return { kind: "final", receipt: answer.receipt };
      } catch (thrown) {
        if (!(thrown instanceof ActorError)) throw thrown; // a validator that is slow, restarting or full is asked again
        await sleep(timers, RETRY_MS, call.signal);
      }
      const { nonce, height } = await standing(call);
      if (nonce <= sent.nonce && height <= sent.expiry) continue;
      const answer = await put({ kind: "receipt", hash: sent.hash, wait: false });
      if (answer.kind === "receipt") return { kind: "final", receipt: answer.receipt };
      if (answer.kind !== "none") throw unexpected(answer);
      if (answer.since > sent.base + 1n) throw outcomeUnknown();
      return nonce > sent.nonce
        ? { kind: "dead", code: "bad_nonce", message: "Another transaction of the account took its number." }
        : { kind: "dead", code: "expired", message: `It was not included up to height ${sent.expiry}.` };
    }
  };

  const sign = async (operation: Operation, call: LedgerCall): Promise<Sent> => {
    const { height, nonce } = await standing(call);
    if (chainId === undefined) {
      throw new ActorError("bad_options", "The validator has not said which chain it follows.");
    }
    const expiry = height + expiryBlocks;
    const signed = signTransaction(signer, { chainId, nonce, expiry, operation });
    return {
      encoded: encodeTransaction(signed),
      hash: transactionHash(signed.transaction),
      nonce,
      expiry,
      base: height,
    };
  };

  const perform = async (operation: Operation, call: LedgerCall): Promise<Done> => {
    for (let tries = 1;; tries++) {
      const sent = await sign(operation, call);
      const verdict = await follow(sent, call);
      if (verdict.kind === "final") {
        const { ok, code, message, height, fee } = verdict.receipt;
        if (!ok) throw new ActorError("rejected", message, { rejection: code, operation: operation.kind });
        return { hash: sent.hash, height, fee };
      }
      // It was certainly not done, so it may be signed anew.
      if (verdict.code === "bad_nonce" && tries < MAX_RESTARTS) continue;
      throw new ActorError(
        verdict.code === "expired" ? "timed_out" : "rejected",
        `The operation ${operation.kind} was not included: ${verdict.message}`,
        { rejection: verdict.code, operation: operation.kind },
      );
    }
  };

  const operations = async (height: bigint, { signal }: LedgerCall): Promise<readonly Operation[]> => {
    signal.throwIfAborted();
    const request = encode(NodeRequest, { kind: "range", from: height });
    const answer = await put({ kind: "replica", request });
    if (answer.kind !== "replica") throw unexpected(answer);
    const range = decode(NodeAnswer, answer.answer);
    const block = range.kind === "range" ? range.blocks[0] : undefined;
    if (block === undefined) {
      throw new ActorError("unavailable", `The validator has no final block of height ${height}.`);
    }
    return readBlock(block).transactions.map((each) => decodeTransaction(each).transaction.operation);
  };

  return {
    address: signer.address,
    prove(input, { signal }) {
      signal.throwIfAborted();
      return Promise.resolve(signer.prove(input));
    },
    query,
    operations,
    submit(operation, call) {
      const mine = turn.then(() => perform(operation, call));
      turn = mine.catch(() => {}); // the next operation starts whatever became of this one
      return mine;
    },
  };
}

/** A query restarts when its height is gone, an operation when its nonce was taken: each only so often. */
const MAX_RESTARTS = 8;

/** Refusals that no waiting mends. All others may: an earlier transaction waits, the pool is full, the node is behind. */
const HOPELESS_CODES: ReadonlySet<string> = new Set([
  "malformed",
  "too_large",
  "wrong_chain",
  "bad_signature",
  "expiry_too_far",
  "insufficient_fee_balance",
]);

/** Whether it was done cannot be told any more: it must not be signed again blindly. */
function outcomeUnknown(): ActorError {
  return new ActorError(
    "unavailable",
    "The validator was restarted and cannot tell what became of the operation: look at the ledger before doing it again.",
  );
}

class GoneError extends ActorError {
  constructor(height: bigint | null) {
    super("unavailable", `The validator holds the state of height ${height} no more.`);
  }
}

function unexpected(answer: LedgerAnswer): ActorError {
  return new ActorError(
    "bad_message",
    `The validator answered something else than was asked: ${answer.kind}.`,
  );
}
