import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import type { Operation } from "../../../ledger/chain/mod.ts";
import {
  appealCommitment,
  appealQuorum,
  type AppealSeat,
  longestDispute,
  tallyAppeal,
  UNAVAILABLE,
} from "../../../ledger/disputes/mod.ts";
import { type Address, equalBytes } from "../../../ledger/primitives/mod.ts";
import {
  claimedVerdict,
  honestVerdict,
  movesOf,
  outcomeOf,
  play,
  type Players,
  playUntil,
  present,
  saltOf,
} from "./play.ts";
import {
  ARBITERS,
  CHALLENGER,
  OTHER_CHALLENGER,
  PROVIDER,
  submittedRun,
  tokens,
  type ToyChain,
  VALIDATORS,
} from "./toy_chain.ts";
import { PROGRAM, runProgram, tensor } from "./toy_program.ts";

const honest = runProgram();
const wrong = runProgram({
  trace: (leaf, { phaseIndex, step }) =>
    phaseIndex === 0 && step === 4 && leaf.node === 1 ? { ...leaf, outputs: [tensor("wrong")] } : leaf,
});

/** A cheat with arbiters in league, who say what it claims. */
function cheatOn(chain: ToyChain): Players {
  return { provider: wrong, challenger: honest, arbiter: () => claimedVerdict(chain) };
}

const [appealBond, collateral, bond] = [tokens(20), tokens(80), tokens(10)];

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}

function moneyOf(chain: ToyChain) {
  return {
    provider: chain.balance(PROVIDER) + chain.stake("provider", PROVIDER),
    challenger: chain.balance(CHALLENGER),
    arbiters: sum(ARBITERS.map((arbiter) => chain.balance(arbiter) + chain.stake("arbiter", arbiter))),
    validators: sum(VALIDATORS.map((validator) => chain.balance(validator))),
    burned: chain.burned(),
  };
}

/** What a dispute changed, in tokens. */
function changes(chain: ToyChain, players: Players) {
  const before = moneyOf(chain);
  chain.open();
  play(chain, players);
  const after = moneyOf(chain);
  const change = (key: keyof typeof before) => Number(after[key] - before[key]) / 1e9;
  return {
    provider: change("provider"),
    challenger: change("challenger"),
    arbiters: change("arbiters"),
    validators: change("validators"),
    burned: change("burned"),
  };
}

Deno.test("no slash executes before the appeal window is over", () => {
  const chain = submittedRun(wrong, { appealBlocks: 7 });
  chain.open();
  playUntil(chain, { provider: wrong, challenger: honest }, "verdict");
  const { deadline } = chain.dispute();
  assertEquals(deadline - chain.height(), 7n);
  while (chain.height() < deadline - 1n) {
    chain.block();
    assertEquals([chain.stake("provider", PROVIDER), chain.task().status], [tokens(100), "disputed"]);
  }
  chain.block();
  assertEquals([chain.stake("provider", PROVIDER), chain.task().status], [tokens(20), "open"]);
});

Deno.test("bribed arbiters who confirm a lie lose half of their stake when the challenger appeals, and the liar its collateral", () => {
  const chain = submittedRun(wrong);
  const changed = changes(chain, { ...cheatOn(chain), appeals: "challenger" });
  const outcome = outcomeOf(chain.dispute());
  assertEquals([outcome.guilty, outcome.reason, outcome.appeal], ["provider", "wrong_output", "overturned"]);
  // Of the collateral: 4 tokens to the validators who judged, 32 to the challenger. Of three stakes of 50: half, and 40 % of it.
  assertEquals(changed, {
    provider: -80,
    challenger: 32 + 30,
    arbiters: -75,
    validators: 4,
    burned: 44 + 45,
  });
  assertEquals([outcome.forfeited, outcome.arbiterFees], [collateral, tokens(4)]);
});

Deno.test("an honest provider that bribed arbiters convicted is cleared on appeal; the challenger loses its bond", () => {
  const chain = submittedRun(honest);
  const players: Players = {
    provider: honest,
    challenger: wrong,
    arbiter: () => tensor("bribed"),
    appeals: "provider",
  };
  // The bond of 10 pays four validators and leaves one for the provider, who also gets 40 % of three slashes of 25.
  assertEquals(changes(chain, players), {
    provider: 1 + 30,
    challenger: -10,
    arbiters: -75,
    validators: 4,
    burned: 5 + 45,
  });
  assertEquals([outcomeOf(chain.dispute()).reason, chain.task().status], ["output_confirmed", "submitted"]);
});

Deno.test("an appeal in vain costs its bond, of which the validators are paid and the rest burns; arbiters who were right keep all", () => {
  const chain = submittedRun(wrong);
  const players: Players = { provider: wrong, challenger: honest, appeals: "provider" };
  assertEquals(changes(chain, players), {
    provider: -80 - 20,
    challenger: 32,
    arbiters: 3,
    validators: 4,
    burned: 45 + 16,
  });
  assertEquals(outcomeOf(chain.dispute()).appeal, "upheld");
  assertEquals(appealBond, chain.params.appealBond);
});

Deno.test("without two thirds of the validators' stake nobody is slashed, all bonds return, and the task goes to another provider", () => {
  const stayAway: readonly Partial<Players>[] = [
    { validator: (validator, verdict) => isAmong(validator, 2) ? verdict : undefined },
    { revealsOnAppeal: (validator) => isAmong(validator, 2) },
    { validator: (validator, verdict) => isAmong(validator, 2) ? verdict : tensor("dissent") },
  ];
  for (const absence of stayAway) {
    const chain = submittedRun(wrong);
    const players: Players = { ...cheatOn(chain), appeals: "challenger", ...absence };
    assertEquals(changes(chain, players), {
      provider: 0,
      challenger: 0,
      arbiters: 0,
      validators: 0,
      burned: 0,
    });
    const { guilty, reason, appeal } = outcomeOf(chain.dispute());
    assertEquals([guilty, reason, appeal], [null, "no_quorum", "undecided"]);
    assertEquals([chain.task().status, chain.task().excluded], ["open", [PROVIDER]]);
  }
});

function isAmong(validator: Address, first: number): boolean {
  return VALIDATORS.slice(0, first).some((other) => equalBytes(other, validator));
}

Deno.test("three of four equal validators decide an appeal", () => {
  const chain = submittedRun(wrong);
  chain.open();
  const players: Players = {
    ...cheatOn(chain),
    appeals: "challenger",
    validator: (validator, verdict) => isAmong(validator, 3) ? verdict : undefined,
  };
  assertEquals(play(chain, players).reason, "wrong_output");
});

Deno.test("a committee that came to no verdict may be passed over: the validators decide in its place", () => {
  const chain = submittedRun(wrong);
  chain.open();
  const players: Players = {
    provider: wrong,
    challenger: honest,
    arbiter: () => undefined,
    appeals: "challenger",
  };
  const outcome = play(chain, players);
  assertEquals([outcome.reason, outcome.appeal], ["wrong_output", "overturned"]);
  // The arbiters' absence is fined as ever, and no more than that.
  assertEquals(sum(ARBITERS.map((arbiter) => chain.stake("arbiter", arbiter))), tokens(5 * 50 - 3));
});

Deno.test("arbiters who could not have the inputs are not slashed though the validators had them", () => {
  const chain = submittedRun(honest);
  const players: Players = {
    provider: honest,
    challenger: wrong,
    arbiter: () => UNAVAILABLE,
    appeals: "provider",
  };
  chain.open();
  assertEquals(play(chain, players).reason, "output_confirmed");
  assertEquals(sum(ARBITERS.map((arbiter) => chain.stake("arbiter", arbiter))), tokens(5 * 50));
});

Deno.test("only the parties appeal, once, in time, with a bond; only validators judge, each once and what it committed to", () => {
  const chain = submittedRun(wrong, { arbiterCommitBlocks: 50, arbiterRevealBlocks: 50, appealBlocks: 20 });
  chain.open();
  const players: Players = { provider: wrong, challenger: honest };
  playUntil(chain, players, "reveal");
  const { id } = chain.dispute();
  const appeal: Operation = { kind: "appeal_verdict", dispute: id };
  const [one, two] = [present(VALIDATORS[0]), present(VALIDATORS[1])];
  const verdict = honestVerdict(chain);
  const commitment = appealCommitment({ dispute: id, validator: one, salt: saltOf(one), verdict });
  const commit: Operation = { kind: "appeal_commit", dispute: id, commitment };
  const reveal: Operation = { kind: "appeal_reveal", dispute: id, salt: saltOf(one), verdict };
  assertEquals(chain.block([CHALLENGER, appeal]), ["wrong_stage"]);
  playUntil(chain, players, "verdict");
  assertEquals(chain.block([OTHER_CHALLENGER, appeal], [one, commit]), ["not_a_party", "wrong_stage"]);
  assertEquals(chain.block([CHALLENGER, appeal], [CHALLENGER, appeal]), [null, "wrong_stage"]);
  assertEquals(chain.block([CHALLENGER, commit], [one, reveal]), ["not_an_elector", "wrong_stage"]);
  assertEquals(chain.block([one, commit], [one, commit], [two, commit]), [null, "already_committed", null]);
  for (const late of VALIDATORS.slice(2)) chain.block([late, commit]);
  assertEquals(chain.dispute().stage.kind, "appeal_reveal");
  assertEquals(chain.block([two, reveal], [one, { ...reveal, verdict: tensor("x") }]), [
    "wrong_reveal",
    "wrong_reveal",
  ]);
  assertEquals(chain.block([one, reveal], [one, reveal]), [null, "already_revealed"]);
  while (chain.dispute().stage.kind !== "closed") chain.block();
  assertEquals(outcomeOf(chain.dispute()).appeal, "undecided");
  assertEquals(chain.block([CHALLENGER, appeal]), ["dispute_closed"]);

  const poor = submittedRun(wrong, { appealBond: tokens(1000) });
  poor.open();
  playUntil(poor, players, "verdict");
  assertEquals(poor.block([CHALLENGER, { kind: "appeal_verdict", dispute: poor.dispute().id }]), [
    "insufficient_bond",
  ]);
});

Deno.test("however late everybody moves, a dispute with an appeal ends within the blocks that can be computed for it", () => {
  const chain = submittedRun(wrong);
  chain.open();
  const start = chain.height();
  const players: Players = { provider: wrong, challenger: honest, appeals: "provider" };
  while (chain.dispute().stage.kind !== "closed") {
    while (chain.height() + 2n < chain.dispute().deadline) chain.block();
    chain.block(...movesOf(chain, players));
  }
  assertEquals(outcomeOf(chain.dispute()).appeal, "upheld");
  const took = Number(chain.height() - start), most = longestDispute(PROGRAM, chain.params);
  assert(took <= most, `took ${took} of at most ${most} blocks`);
  assertEquals(chain.params.challengerBond, bond);
});

Deno.test("a verdict on appeal needs more than two thirds of all stake, absent stake included", () => {
  const seat = (stake: bigint, verdict: string | null): AppealSeat => ({
    validator: tensor("validator"),
    stake,
    commitment: tensor("commitment"),
    verdict: verdict === null ? null : tensor(verdict),
  });
  assertEquals([appealQuorum(3n), appealQuorum(4n), appealQuorum(300n)], [3n, 3n, 201n]);
  assertEquals(tallyAppeal([seat(67n, "a"), seat(33n, null)]), tensor("a"));
  assertEquals(tallyAppeal([seat(66n, "a"), seat(34n, null)]), undefined);
  assertEquals(tallyAppeal([seat(40n, "a"), seat(20n, "b"), seat(40n, "a")]), tensor("a"));
  assertEquals(tallyAppeal([seat(50n, "a"), seat(50n, "b")]), undefined);
  assertEquals(tallyAppeal([]), undefined);
});
