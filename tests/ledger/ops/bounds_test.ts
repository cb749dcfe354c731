/** Lists in state have an upper bound, and what would exceed it is rejected with a code of its own. */
import { assertEquals } from "@std/assert/equals.js";
import { genesisState, type Operation, UNITS_PER_TOKEN } from "../../../ledger/chain/mod.ts";
import { runOperation } from "../../../ledger/chain/mod.ts";
import { createDraft, heads, MAX_ACTIVE_TASKS, MAX_OFFERS, MAX_STAKERS } from "../../../ledger/state/mod.ts";
import { accounts, minimumStake, paramsInForce, putStake, type Role } from "../../../ledger/state/mod.ts";
import { addressOf, testGenesis } from "../chain/test_chain.ts";
import { mark, postTask, publishOffer } from "../chain/test_task.ts";

/** Runs operations one by one on a state where any account is rich and, if asked for, staked. */
function crowd(role?: Role) {
  const draft = createDraft(genesisState(testGenesis()));
  const params = paramsInForce.get(draft);
  let transactions = 0;
  return {
    draft,
    try(name: string, operation: Operation): string | undefined {
      const sender = addressOf(name);
      accounts.put(draft, sender, { balance: 10_000n * UNITS_PER_TOKEN, nonce: 0n });
      if (role !== undefined) {
        const amount = minimumStake(params, role);
        putStake(draft, role, sender, { amount, locked: 0n, unbonding: [], jailedUntil: 0n });
      }
      const context = {
        chainId: mark("chain"),
        head: heads.get(draft),
        params,
        sender,
        transaction: mark(`transaction ${transactions++}`),
        emit: () => {},
      };
      return runOperation(draft, context, operation)?.code;
    },
  };
}

Deno.test("a role has a bounded number of places; who is in it may still stake more", () => {
  const { try: attempt } = crowd();
  const stake: Operation = { kind: "stake", role: "challenger", amount: 100n * UNITS_PER_TOKEN };
  // The test's genesis has one challenger.
  for (let i = 1; i < MAX_STAKERS; i++) assertEquals(attempt(`staker ${i}`, stake), undefined);
  assertEquals(attempt("one too many", stake), "role_full");
  assertEquals(attempt("staker 1", stake), undefined);
});

Deno.test("the market has a bounded number of tasks that are not final", () => {
  const { try: attempt } = crowd();
  for (let i = 0; i < MAX_ACTIVE_TASKS; i++) assertEquals(attempt("alice", postTask()), undefined);
  assertEquals(attempt("bob", postTask()), "market_full");
});

Deno.test("the market has a bounded number of offers; who is on it may still change its own", () => {
  const { try: attempt } = crowd("provider");
  for (let i = 0; i < MAX_OFFERS; i++) assertEquals(attempt(`provider ${i}`, publishOffer()), undefined);
  assertEquals(attempt("one too many", publishOffer()), "market_full");
  assertEquals(attempt("provider 0", publishOffer({ slots: 1 })), undefined);
});
