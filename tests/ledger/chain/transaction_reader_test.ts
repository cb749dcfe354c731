import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertNotStrictEquals } from "@std/assert/not_strict_equals.js";
import { assertStrictEquals } from "@std/assert/strict_equals.js";
import { createTransactionReader, executeBlock, selectTransactions } from "../../../ledger/chain/mod.ts";
import { hash } from "../../../ledger/primitives/mod.ts";
import { heads, validatorSetOf, validatorsHash } from "../../../ledger/state/mod.ts";
import { addressOf, testChain } from "./test_chain.ts";

const transfer = { kind: "transfer", to: addressOf("bob"), amount: 1n } as const;

Deno.test("a reader remembers a transaction once its signature was found valid, and no other", () => {
  const chain = testChain();
  const reader = createTransactionReader();
  const good = chain.sign("alice", transfer);
  const first = reader.read(good);
  assertNotStrictEquals(reader.read(good), first);
  assert(reader.isSigned(first));
  assertStrictEquals(reader.read(good.slice()), first);
  const forged = good.slice();
  forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
  const read = reader.read(forged);
  assertEquals(read.hash, first.hash); // one intent, one id: only the signature tells them apart
  assert(!reader.isSigned(read));
  assert(!reader.isSigned(reader.read(forged)));
  assertStrictEquals(reader.read(good), first);
});

Deno.test("a builder's block, with rejected and left out candidates, has the state that executing it gives", () => {
  const chain = testChain();
  const state = chain.state();
  const set = validatorSetOf(state, 0n);
  if (set === undefined) throw new Error("The test chain has no validators");
  const header = {
    chainId: chain.chainId,
    epoch: 0n,
    view: heads.get(state).height + 1n,
    height: heads.get(state).height + 1n,
    parentView: heads.get(state).height,
    proposer: addressOf("val1"),
    validatorsHash: validatorsHash(set),
    beaconSignature: hash("assay/test/contribution"),
  };
  const candidates = [
    chain.sign("alice", transfer),
    chain.sign("alice", { ...transfer, amount: 0n }, 1n),
    chain.sign("alice", transfer, 7n),
    chain.sign("bob", transfer),
  ];
  const { transactions, leftOut, result } = selectTransactions(state, header, candidates);
  assertEquals(leftOut.map(({ code }) => code), ["bad_nonce"]);
  const executed = executeBlock(state, { header, transactions }, { reader: createTransactionReader() });
  assertEquals(result.stateRoot, executed.stateRoot);
  assertEquals(result.receipts, executed.receipts);
  assertEquals(result.events, executed.events);
  assertEquals(result.receipts.map(({ ok }) => ok), [true, false, true]);
});
