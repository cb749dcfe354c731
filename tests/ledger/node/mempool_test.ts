import { assertEquals } from "@std/assert/equals.js";
import { assertThrows } from "@std/assert/throws.js";
import {
  chainIdOf,
  encodeTransaction,
  genesisState,
  type Operation,
  signTransaction,
} from "../../../ledger/chain/mod.ts";
import { NodeError } from "../../../ledger/node/mod.ts";
import { addTransaction, createMempool, type Mempool } from "../../../ledger/node/mempool.ts";
import { bytesToHex, sha256 } from "../../../ledger/primitives/mod.ts";
import { testGenesis, testSigner } from "../../simulation/chain_fixture.ts";

const names = ["greedy", "other", "third"];
const genesis = testGenesis(names.map(testSigner));
const state = genesisState(genesis);

function signed(name: string, nonce: bigint, operation?: Operation): Uint8Array {
  const signer = testSigner(name);
  return encodeTransaction(signTransaction(signer, {
    chainId: chainIdOf(genesis),
    nonce,
    expiry: 100n,
    operation: operation ?? { kind: "transfer", to: signer.address, amount: 1n },
  }));
}

/** An answer with a deadline. */
const URGENT: Operation = {
  kind: "dispute_choose",
  dispute: sha256(Uint8Array.of(1)),
  index: 0,
  own: new Uint8Array(32),
};

function waitingOf(pool: Mempool, name: string): readonly bigint[] {
  const queue = pool.accounts.get(bytesToHex(testSigner(name).address));
  return [...queue?.byNonce.keys() ?? []].sort();
}

function filled(count: number): Mempool {
  const pool = createMempool({ transactions: count, bytes: 1 << 20, perAccount: 64 });
  for (let nonce = 0n; nonce < count; nonce++) addTransaction(pool, state, signed("greedy", nonce));
  return pool;
}

const refused = (pool: Mempool, transaction: Uint8Array) =>
  assertThrows(() => addTransaction(pool, state, transaction), NodeError).code;

Deno.test("in a full pool the account that takes the most room gives way to who takes less, its last nonce first, until shares are even", () => {
  const pool = filled(6);
  for (const nonce of [0n, 1n, 2n]) addTransaction(pool, state, signed("other", nonce));
  assertEquals([waitingOf(pool, "greedy"), waitingOf(pool, "other")], [[0n, 1n, 2n], [0n, 1n, 2n]]);
  assertEquals(refused(pool, signed("other", 3n)), "mempool_full");
  assertEquals(refused(pool, signed("greedy", 3n)), "mempool_full");
  addTransaction(pool, state, signed("third", 0n));
  assertEquals([pool.hashes.size, waitingOf(pool, "third")], [6, [0n]]);
});

Deno.test("an answer with a deadline finds room among ordinary transactions, and is not pushed out by any", () => {
  const pool = filled(2);
  addTransaction(pool, state, signed("other", 0n, URGENT));
  addTransaction(pool, state, signed("other", 1n, URGENT));
  assertEquals([waitingOf(pool, "greedy"), waitingOf(pool, "other")], [[], [0n, 1n]]);
  assertEquals(refused(pool, signed("third", 0n)), "mempool_full");
});

Deno.test("a full pool is full in bytes too, and what it holds is what it counts", () => {
  const size = signed("greedy", 0n).length;
  const pool = createMempool({ transactions: 100, bytes: 5 * size, perAccount: 64 });
  for (let nonce = 0n; nonce < 5n; nonce++) addTransaction(pool, state, signed("greedy", nonce));
  addTransaction(pool, state, signed("other", 0n));
  const held = [...pool.hashes.values()].reduce((sum, { encoded }) => sum + encoded.length, 0);
  assertEquals([pool.bytes, held, pool.hashes.size], [5 * size, 5 * size, 5]);
});

Deno.test("nobody pushes anything out with a signature that is not theirs", () => {
  const pool = filled(3);
  const forged = signed("other", 0n).slice();
  forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
  assertThrows(() => addTransaction(pool, state, forged));
  assertEquals(waitingOf(pool, "greedy"), [0n, 1n, 2n]);
});
