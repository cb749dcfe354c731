import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { runQuery } from "../../../ledger/chain/mod.ts";
import { VOTING_EPOCHS } from "../../../ledger/governance/mod.ts";
import { accountOf, paramsInForce } from "../../../ledger/state/mod.ts";
import { addressOf, STAKE, START, type TestChain } from "../chain/test_chain.ts";
import {
  approve,
  DEPOSIT,
  EPOCH,
  governedChain,
  propose,
  ROUND,
  statusOf,
  UNBONDING,
  vote,
  VOTING,
} from "./governed_chain.ts";

const roundBlocks = (chain: TestChain) => paramsInForce.get(chain.state()).roundBlocks;

Deno.test("a proposal that two thirds approve changes the parameters at an epoch's first block, after unbonding", () => {
  const chain = governedChain();
  chain.advance(2);
  const id = chain.accept("val1", ROUND);
  const counted = chain.height() + VOTING_EPOCHS * BigInt(EPOCH);
  for (const name of ["val1", "val2"]) chain.accept(name, vote(id, true));
  chain.accept("val3", vote(id, false));
  chain.advance(Number(counted - chain.height()) - 1);
  assertEquals(statusOf(chain, id), "voting");
  chain.advance(1);
  const passed = runQuery(chain.state(), "proposal", id);
  assertEquals([passed?.status, passed?.approving, passed?.opposing], ["passed", 2n * STAKE, STAKE]);
  const executesAt = passed?.executesAt ?? 0n;
  assertEquals((executesAt - 1n) % BigInt(EPOCH), 0n, "the first height of an epoch");
  assert(executesAt > counted + BigInt(UNBONDING), "who leaves when it is decided is free before it is done");
  assert(executesAt <= counted + BigInt(UNBONDING + EPOCH), "no later than the next epoch");
  chain.advance(Number(executesAt - chain.height()) - 1);
  assertEquals(roundBlocks(chain), 40);
  chain.advance(1);
  assertEquals(roundBlocks(chain), 77);
  assertEquals(statusOf(chain, id), "executed");
  assertEquals(chain.kinds().filter((kind) => kind.startsWith("proposal_")).at(-1), "proposal_executed");
});

Deno.test("several parameters change together, amounts and numbers alike", () => {
  const chain = governedChain();
  const change = propose({ name: "blockReward", value: 5n }, { name: "proverSharePpm", value: 500_000n });
  approve(chain, chain.accept("val1", change));
  chain.advance(40);
  const { blockReward, proverSharePpm } = paramsInForce.get(chain.state());
  assertEquals([blockReward, proverSharePpm], [5n, 500_000]);
});

Deno.test("the deposit is held while the vote lasts, returned when enough voted, burned when too few did", () => {
  for (const voters of [["val1", "val2", "val3"], ["val1"]]) {
    const chain = governedChain();
    const balance = () => accountOf(chain.state(), addressOf("val1")).balance;
    const id = chain.accept("val1", ROUND);
    assertEquals(balance(), START - DEPOSIT);
    for (const name of voters) chain.accept(name, vote(id, false));
    chain.advance(VOTING);
    const expired = voters.length === 1;
    assertEquals(statusOf(chain, id), expired ? "expired" : "rejected");
    assertEquals(balance(), expired ? START - DEPOSIT : START);
    assertEquals(runQuery(chain.state(), "supply", null).burned, expired ? DEPOSIT : 0n);
    chain.advance(30);
    assertEquals(roundBlocks(chain), 40);
  }
});

Deno.test("half of the votes are not two thirds", () => {
  const chain = governedChain();
  const id = chain.accept("val1", ROUND);
  chain.accept("val1", vote(id, true));
  chain.accept("val2", vote(id, false));
  chain.advance(VOTING);
  assertEquals(statusOf(chain, id), "rejected");
});

Deno.test("a validator votes once, whatever it would say the second time", () => {
  const chain = governedChain();
  const id = chain.accept("val1", ROUND);
  chain.accept("val2", vote(id, true));
  for (const again of [true, false]) assertEquals(chain.send("val2", vote(id, again)).code, "already_voted");
  chain.advance(VOTING);
  assertEquals(runQuery(chain.state(), "proposal", id)?.approving, STAKE);
});

Deno.test("stake that came after the proposal does not vote, not even added to stake that may", () => {
  const chain = governedChain();
  const id = chain.accept("val1", ROUND);
  chain.accept("alice", { kind: "stake", role: "validator", amount: 5n * STAKE });
  chain.accept("val2", { kind: "stake", role: "validator", amount: 5n * STAKE });
  chain.advance(EPOCH - 2);
  assertEquals(chain.send("alice", vote(id, true)).code, "no_voting_stake");
  chain.accept("val2", vote(id, true));
  chain.advance(EPOCH);
  assertEquals(runQuery(chain.state(), "proposal", id)?.approving, STAKE);
});

Deno.test("stake that has left does not vote, and a vote whose stake leaves before the count counts for nothing", () => {
  const chain = governedChain();
  const id = chain.accept("val1", ROUND);
  const leave = (name: string) => chain.accept(name, { kind: "unstake", role: "validator", amount: STAKE });
  leave("val3");
  assertEquals(chain.send("val3", vote(id, true)).code, "no_voting_stake");
  for (const name of ["val1", "val2"]) chain.accept(name, vote(id, true));
  leave("val2");
  chain.advance(VOTING);
  const ended = runQuery(chain.state(), "proposal", id);
  assertEquals([ended?.approving, ended?.electorate, ended?.status], [STAKE, 3n * STAKE, "expired"]);
});
