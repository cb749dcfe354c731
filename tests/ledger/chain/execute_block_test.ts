import { assertEquals } from "@std/assert/equals.js";
import { assertThrows } from "@std/assert/throws.js";
import {
  type Block,
  BlockError,
  decodeTransaction,
  encodeTransaction,
  executeBlock,
  feeOf,
  MAX_BLOCK_BYTES,
  MAX_EXPIRY_BLOCKS,
  MAX_ORDINARY_BYTES,
  MAX_TRANSACTION_BYTES,
  runQuery,
  selectTransactions,
  signTransaction,
  TransactionError,
  transactionsRootOf,
  verifyBlock,
} from "../../../ledger/chain/mod.ts";
import { emptyBlockSpace } from "../../../ledger/chain/mod.ts";
import { nextBeacon, ZERO_HASH } from "../../../ledger/primitives/mod.ts";
import {
  accountOf,
  createDraft,
  heads,
  InvariantError,
  totals,
  validatorSetOf,
  validatorsHash,
} from "../../../ledger/state/mod.ts";
import { addressOf, signerOf, START, type TestChain, testChain } from "./test_chain.ts";
import { mark } from "./test_task.ts";

const transfer = (amount: bigint) => ({ kind: "transfer", to: addressOf("bob"), amount } as const);

/** The next block of a chain, with a header that tells the truth. */
function nextBlock(chain: TestChain, transactions: readonly Uint8Array[] = []): Block {
  const { height, epoch } = heads.get(chain.state());
  const set = validatorSetOf(chain.state(), epoch);
  if (set === undefined) throw new Error("no validators");
  const header = {
    chainId: chain.chainId,
    epoch,
    view: height + 1n,
    height: height + 1n,
    parent: mark("parent"),
    parentView: height,
    proposer: addressOf("val2"),
    transactionsRoot: transactionsRootOf(transactions),
    stateRoot: ZERO_HASH,
    validatorsHash: validatorsHash(set),
    beaconSignature: mark("signature"),
  };
  const { stateRoot } = executeBlock(chain.state(), { header, transactions });
  return { header: { ...header, stateRoot }, transactions };
}

function refusal(act: () => void): string {
  return assertThrows(act, BlockError).code;
}

Deno.test("executing a block twice, on the same state, gives the same root, receipts and events", () => {
  const chain = testChain();
  const block = nextBlock(chain, [
    chain.sign("alice", transfer(5n)),
    chain.sign("alice", transfer(START), 1n),
  ]);
  const first = verifyBlock(chain.state(), block);
  const second = verifyBlock(chain.state(), block);
  assertEquals(first.stateRoot, second.stateRoot);
  assertEquals(first.receipts, second.receipts);
  assertEquals(first.events, second.events);
  assertEquals(first.receipts.map(({ ok }) => ok), [true, false]);
});

Deno.test("a block whose header lies about state, transactions, chain, height, epoch or validators is refused", () => {
  const chain = testChain();
  const block = nextBlock(chain, [chain.sign("alice", transfer(5n))]);
  const state = chain.state();
  verifyBlock(state, block);
  const lies = {
    wrong_state_root: { stateRoot: mark("other") },
    wrong_transactions_root: { transactionsRoot: mark("other") },
    wrong_chain: { chainId: mark("other") },
    wrong_height: { height: 2n },
    wrong_epoch: { epoch: 1n },
    wrong_validators: { validatorsHash: mark("other") },
  };
  for (const [code, lie] of Object.entries(lies)) {
    assertEquals(refusal(() => verifyBlock(state, { ...block, header: { ...block.header, ...lie } })), code);
  }
});

Deno.test("the fee is split between a burn and the proposer, who also gets the block reward", () => {
  const chain = testChain({ feeBurnPpm: 250_000, blockReward: 1_000n });
  const encoded = chain.sign("alice", transfer(5n));
  const fee = feeOf(chain.genesis.params, decodeTransaction(encoded));
  assertEquals(fee, 1_000n * BigInt(encoded.length) + 100_000n);
  const [receipt] = chain.block([encoded]).receipts;
  assertEquals(receipt?.fee, fee);
  const burned = fee - fee * 750_000n / 1_000_000n;
  const balance = (name: string) => accountOf(chain.state(), addressOf(name)).balance;
  assertEquals(balance("alice"), START - 5n - fee);
  assertEquals(balance("val1"), START + fee - burned + 1_000n);
  const { issued, burned: gone } = runQuery(chain.state(), "supply", null);
  assertEquals([issued, gone], [1_000n, burned]);
});

Deno.test("a rejected operation still costs its fee and its nonce", () => {
  const chain = testChain();
  const receipt = chain.send("alice", transfer(START + 1n));
  assertEquals(receipt.ok, false);
  assertEquals(accountOf(chain.state(), addressOf("alice")), { balance: START - receipt.fee, nonce: 1n });
});

Deno.test("transactions that may not stand in a block are told apart, left out of a selection, and make a block invalid", () => {
  const chain = testChain();
  const alice = signerOf("alice");
  const fields = { chainId: chain.chainId, nonce: 0n, expiry: 50n, operation: transfer(1n) };
  const encode = (changes: Partial<typeof fields>) =>
    encodeTransaction(signTransaction(alice, { ...fields, ...changes }));
  const good = encode({});
  const forged = good.slice();
  forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
  const poor = encodeTransaction(signTransaction(signerOf("nobody"), fields));
  const bad = {
    wrong_chain: encode({ chainId: mark("other") }),
    bad_nonce: encode({ nonce: 1n }),
    expired: encode({ expiry: 0n }),
    expiry_too_far: encode({ expiry: MAX_EXPIRY_BLOCKS + 2n }),
    bad_signature: forged,
    insufficient_fee_balance: poor,
    malformed: new Uint8Array([1, 2, 3]),
    too_large: new Uint8Array(MAX_TRANSACTION_BYTES + 1),
  };
  const { header } = nextBlock(chain);
  for (const [code, transaction] of Object.entries(bad)) {
    const { transactions, leftOut } = selectTransactions(chain.state(), header, [transaction, good]);
    assertEquals(transactions, [good]);
    assertEquals(leftOut.map((left) => left.code as string), [code]);
    const error = assertThrows(
      () => executeBlock(chain.state(), { header, transactions: [transaction] }),
      BlockError,
    );
    assertEquals([error.code, error.fields.reason], ["inadmissible_transaction", code]);
  }
  executeBlock(chain.state(), { header, transactions: [good] });
});

Deno.test("a selection follows one sender's nonces and is a valid block", () => {
  const chain = testChain();
  const candidates = [0n, 1n, 3n, 2n].map((ahead) => chain.sign("alice", transfer(1n), ahead));
  const { header } = nextBlock(chain);
  const { transactions, leftOut } = selectTransactions(chain.state(), header, candidates);
  assertEquals(transactions, [candidates[0], candidates[1], candidates[3]]);
  assertEquals(leftOut.map(({ code }) => code), ["bad_nonce"]);
  assertEquals(executeBlock(chain.state(), { header, transactions }).receipts.length, 3);
});

Deno.test("ordinary transactions leave room for answers with a deadline", () => {
  const space = emptyBlockSpace();
  const big = MAX_TRANSACTION_BYTES;
  let ordinary = 0;
  while (space.take(big, false)) ordinary++;
  assertEquals(ordinary, Math.floor(MAX_ORDINARY_BYTES / big));
  let reserved = 0;
  while (space.take(big, true)) reserved++;
  assertEquals(reserved, Math.floor(MAX_BLOCK_BYTES / big) - ordinary);
});

Deno.test("the beacon moves on with every block and binds the leader's contribution", () => {
  const chain = testChain();
  const block = nextBlock(chain);
  const { state } = verifyBlock(chain.state(), block);
  const before = heads.get(chain.state()).beacon;
  assertEquals(heads.get(state).beacon, nextBeacon(before, block.header.beaconSignature));
});

Deno.test("a block in which money appeared from nowhere stops the node", () => {
  const chain = testChain();
  const draft = createDraft(chain.state());
  const held = totals.get(draft);
  totals.put(draft, { ...held, escrows: held.escrows + 1n });
  const { header } = nextBlock(chain);
  assertThrows(() => executeBlock(draft.commit(), { header, transactions: [] }), InvariantError, "supply");
});

Deno.test("admission errors are TransactionErrors with a sentence", () => {
  const error = assertThrows(() => decodeTransaction(new Uint8Array([0])), TransactionError);
  assertEquals(error.code, "malformed");
});
