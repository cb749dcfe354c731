import { assertEquals } from "@std/assert/equals.js";
import { assertNotEquals } from "@std/assert/not_equals.js";
import { signVote } from "../../../ledger/consensus/votes.ts";
import { runQuery, UNITS_PER_TOKEN } from "../../../ledger/chain/mod.ts";
import { accountOf, stakeOf, validatorSetOf } from "../../../ledger/state/mod.ts";
import { addressOf, signerOf, STAKE, START, type TestChain, testChain } from "./test_chain.ts";
import { mark } from "./test_task.ts";

const FREE = { feePerByte: 0n, feePerWeight: 0n, blockReward: 0n, epochBlocks: 5, unbondingBlocks: 20 };

function members(chain: TestChain, epoch: bigint): readonly Uint8Array[] | undefined {
  return validatorSetOf(chain.state(), epoch)?.validators.map(({ address }) => address);
}

Deno.test("a new validator joins the set that is fixed in the next epoch, for the epoch after", () => {
  const chain = testChain(FREE);
  chain.accept("alice", { kind: "stake", role: "validator", amount: 5_000n * UNITS_PER_TOKEN });
  assertEquals(members(chain, 1n)?.length, 3);
  assertEquals(members(chain, 2n), undefined);
  chain.advance(4);
  assertEquals(members(chain, 2n), undefined);
  chain.advance(1);
  assertEquals(chain.height(), 6n);
  assertEquals(members(chain, 2n)?.[0], addressOf("alice"), "the largest stake comes first");
  assertEquals(members(chain, 2n)?.length, 4);
  assertEquals(members(chain, 1n)?.length, 3, "a fixed set stays fixed");
});

Deno.test("each epoch has a seed of its own, and old sets are forgotten when no evidence counts any more", () => {
  const chain = testChain(FREE);
  chain.advance(41);
  const seeds = [8n, 9n].map((epoch) => validatorSetOf(chain.state(), epoch)?.seed);
  assertNotEquals(seeds[0], seeds[1]);
  assertEquals(seeds.map((seed) => seed?.length), [32, 32]);
  const kept = Array.from({ length: 10 }, (_, n) => BigInt(n)).filter((n) => members(chain, n) !== undefined);
  assertEquals(kept, [4n, 5n, 6n, 7n, 8n, 9n]);
});

Deno.test("when every validator leaves, the last set stays in office", () => {
  const chain = testChain(FREE);
  for (const name of ["val1", "val2", "val3"]) {
    chain.accept(name, { kind: "unstake", role: "validator", amount: STAKE });
  }
  chain.advance(8);
  assertEquals(members(chain, 2n)?.length, 3);
});

function conflictingVotes(chain: TestChain, name: string, block: string) {
  const address = addressOf(name);
  const index = members(chain, 0n)?.findIndex((member) => member.every((byte, i) => byte === address[i])) ??
    -1;
  const proposal = { epoch: 0n, view: 3n, parentView: 2n, height: 3n, block: mark(block) };
  return signVote(signerOf(name), chain.chainId, index, { kind: "notarize", proposal });
}

Deno.test("two conflicting votes cost a validator a share of its stake and its place, once, and reward the reporter", () => {
  const chain = testChain({ ...FREE, equivocationSlashPpm: 100_000, proverSharePpm: 400_000 });
  const first = conflictingVotes(chain, "val2", "one");
  const second = conflictingVotes(chain, "val2", "two");
  chain.accept("bob", { kind: "report_equivocation", first, second });
  const slashed = STAKE / 10n;
  const stake = stakeOf(chain.state(), "validator", addressOf("val2"));
  assertEquals(stake.amount, STAKE - slashed);
  assertEquals(accountOf(chain.state(), addressOf("bob")).balance, START + slashed * 4n / 10n);
  assertEquals(runQuery(chain.state(), "supply", null).burned, slashed * 6n / 10n);
  const again = chain.send("bob", { kind: "report_equivocation", first: second, second: first });
  assertEquals(again.code, "already_punished");
  chain.advance(8);
  assertEquals(members(chain, 2n)?.length, 2);
});

Deno.test("votes that do not conflict, or are forged, or of a forgotten epoch, punish nobody", () => {
  const chain = testChain(FREE);
  const first = conflictingVotes(chain, "val2", "one");
  const second = conflictingVotes(chain, "val2", "two");
  const forged = { ...second, signature: new Uint8Array(64) };
  const code = (a: typeof first, b: typeof first) =>
    chain.send("bob", { kind: "report_equivocation", first: a, second: b }).code;
  assertEquals(code(first, first), "no_equivocation");
  assertEquals(code(first, forged), "no_equivocation");
  assertEquals(code(first, { ...conflictingVotes(chain, "val3", "two") }), "no_equivocation");
  chain.advance(40);
  assertEquals(code(first, second), "evidence_too_old");
  assertEquals(stakeOf(chain.state(), "validator", addressOf("val2")).amount, STAKE);
});
