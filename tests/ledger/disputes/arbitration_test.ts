import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { drawArbiters, nodeVerdict, tally, UNAVAILABLE } from "../../../ledger/disputes/mod.ts";
import type { Candidate } from "../../../ledger/state/mod.ts";
import { type Address, bytesToHex, equalBytes, hash, utf8 } from "../../../ledger/primitives/mod.ts";
import { outcomeOf, play, type Players, playUntil } from "./play.ts";
import {
  ARBITERS,
  CHALLENGER,
  PROVIDER,
  REQUESTER,
  submittedRun,
  tokens,
  type ToyChain,
} from "./toy_chain.ts";
import { turnOf } from "./toy_party.ts";
import { runProgram, tensor } from "./toy_program.ts";

const honest = runProgram();
const wrong = runProgram({
  trace: (leaf, { phaseIndex, step }) =>
    phaseIndex === 0 && step === 4 && leaf.node === 1 ? { ...leaf, outputs: [tensor("wrong")] } : leaf,
});

const falseChallenge: Players = { provider: honest, challenger: wrong };
const cheat: Players = { provider: wrong, challenger: honest };

interface Money {
  readonly provider: bigint;
  readonly providerStake: bigint;
  readonly challenger: bigint;
  readonly requester: bigint;
  /** Balances of all arbiters in sum, and their stakes. */
  readonly arbiters: bigint;
  readonly arbiterStakes: bigint;
  readonly burned: bigint;
}

function moneyOf(chain: ToyChain): Money {
  const sum = (amounts: bigint[]) => amounts.reduce((total, amount) => total + amount, 0n);
  return {
    provider: chain.balance(PROVIDER),
    providerStake: chain.stake("provider", PROVIDER),
    challenger: chain.balance(CHALLENGER),
    requester: chain.balance(REQUESTER),
    arbiters: sum(ARBITERS.map((arbiter) => chain.balance(arbiter))),
    arbiterStakes: sum(ARBITERS.map((arbiter) => chain.stake("arbiter", arbiter))),
    burned: chain.burned(),
  };
}

/** What a dispute changed, in tokens (exact: no amount here has a fraction of a token unless the test says so). */
function changes(chain: ToyChain, players: Players): Record<keyof Money, number> {
  const before = moneyOf(chain);
  chain.open();
  play(chain, players);
  const after = moneyOf(chain);
  const change = (key: keyof Money) => Number(after[key] - before[key]) / 1e9;
  return {
    provider: change("provider"),
    providerStake: change("providerStake"),
    challenger: change("challenger"),
    requester: change("requester"),
    arbiters: change("arbiters"),
    arbiterStakes: change("arbiterStakes"),
    burned: change("burned"),
  };
}

const nothing = {
  provider: 0,
  providerStake: 0,
  challenger: 0,
  requester: 0,
  arbiters: 0,
  arbiterStakes: 0,
  burned: 0,
};

/** The seat of an arbiter among the drawn, in order. */
function seatOf(chain: ToyChain, arbiter: Address): number {
  const { stage } = chain.dispute();
  if (stage.kind !== "commit" && stage.kind !== "reveal") throw new Error("no arbiters are drawn");
  return stage.seats.findIndex((seat) => equalBytes(seat.arbiter, arbiter));
}

Deno.test("a proven lie costs the collateral: 40 % to the challenger, a token to each of three arbiters, the rest burned", () => {
  const chain = submittedRun(wrong);
  assertEquals(changes(chain, cheat), {
    ...nothing,
    providerStake: -80,
    challenger: 32,
    arbiters: 3,
    burned: 45,
  });
  assertEquals(outcomeOf(chain.dispute()).reason, "wrong_output");
  assert(chain.events().some(({ kind, amount }) => kind === "slashed" && amount === tokens(80)));
});

Deno.test("a false challenge costs the bond: a token to each of three arbiters, 20 % to the provider, the rest burned", () => {
  // Half of the 10 tokens is for others: 3 to arbiters, so 2 of the provider's 4 are left.
  assertEquals(changes(submittedRun(honest), falseChallenge), {
    ...nothing,
    challenger: -10,
    provider: 2,
    arbiters: 3,
    burned: 5,
  });
});

Deno.test("where fees would exceed half of what is forfeited they are cut evenly, and the winner gets nothing", () => {
  const chain = submittedRun(honest, { challengerBond: tokens(4) });
  // Three arbiters share 2 of 4 tokens; what does not divide by three goes to the provider.
  const before = moneyOf(chain);
  chain.open();
  const outcome = play(chain, falseChallenge);
  assertEquals([outcome.arbiterFees, outcome.awarded, outcome.burned], [1_999_999_998n, 2n, 2_000_000_000n]);
  assertEquals(moneyOf(chain).arbiters - before.arbiters, 1_999_999_998n);
});

Deno.test("an absent arbiter is fined and unpaid, and two of three decide", () => {
  for (const stayAway of ["commit", "reveal"]) {
    const chain = submittedRun(wrong);
    const isAbsent = (arbiter: Address) => seatOf(chain, arbiter) === 1;
    const players: Players = stayAway === "commit"
      ? { ...cheat, arbiter: (arbiter, verdict) => isAbsent(arbiter) ? undefined : verdict }
      : { ...cheat, reveals: (arbiter) => !isAbsent(arbiter) };
    assertEquals(changes(chain, players), {
      ...nothing,
      providerStake: -80,
      challenger: 32,
      arbiters: 2,
      arbiterStakes: -1,
      burned: 47,
    });
  }
});

Deno.test("an arbiter outvoted is paid and keeps its stake: else voting with the expected majority would pay", () => {
  const chain = submittedRun(honest);
  const dissent: Players = {
    ...falseChallenge,
    arbiter: (arbiter, verdict) => seatOf(chain, arbiter) === 0 ? tensor("dissent") : verdict,
  };
  assertEquals(changes(chain, dissent), { ...nothing, challenger: -10, provider: 2, arbiters: 3, burned: 5 });
});

Deno.test("without a quorum nobody is slashed, the bond returns, and the task goes to another provider", () => {
  const chain = submittedRun(honest);
  const players: Players = {
    ...falseChallenge,
    arbiter: (arbiter) => tensor(`opinion ${seatOf(chain, arbiter)}`),
  };
  assertEquals(changes(chain, players), nothing);
  const { guilty, reason, forfeited } = outcomeOf(chain.dispute());
  assertEquals([guilty, reason, forfeited], [null, "no_quorum", 0n]);
  assertEquals([chain.task().status, chain.task().excluded], ["open", [PROVIDER]]);
});

Deno.test("arbiters who all stay away are fined, and nobody else pays", () => {
  const chain = submittedRun(wrong);
  assertEquals(changes(chain, { ...cheat, arbiter: () => undefined }), {
    ...nothing,
    arbiterStakes: -3,
    burned: 3,
  });
  assertEquals(outcomeOf(chain.dispute()).reason, "no_quorum");
});

Deno.test("an arbiter who committed is not fined where too few others did for reveals to be opened", () => {
  const chain = submittedRun(wrong);
  const players: Players = {
    ...cheat,
    arbiter: (arbiter, verdict) => seatOf(chain, arbiter) === 0 ? verdict : undefined,
  };
  assertEquals(changes(chain, players), { ...nothing, arbiterStakes: -2, burned: 2 });
});

Deno.test("where too few have committed for a quorum, nobody waits for reveals", () => {
  const chain = submittedRun(wrong);
  chain.open();
  const { awaited } = playUntil(chain, cheat, "commit");
  const { deadline } = chain.dispute();
  const first = awaited[0] ?? PROVIDER;
  const outcome = play(chain, {
    ...cheat,
    arbiter: (arbiter, verdict) => equalBytes(arbiter, first) ? verdict : undefined,
  });
  assertEquals([outcome.reason, outcome.closedAt], [
    "no_quorum",
    deadline + BigInt(chain.params.appealBlocks),
  ]);
});

Deno.test("inputs that no arbiter can get convict the provider, who must keep them", () => {
  const chain = submittedRun(honest);
  assertEquals(changes(chain, { ...falseChallenge, arbiter: () => UNAVAILABLE }), {
    ...nothing,
    providerStake: -80,
    challenger: 32,
    arbiters: 3,
    burned: 45,
  });
  assertEquals(outcomeOf(chain.dispute()).reason, "inputs_unavailable");
});

Deno.test("a task without attempts left is refunded when its last result falls", () => {
  const chain = submittedRun(wrong, { maxAttempts: 1 });
  assertEquals(changes(chain, cheat).requester, 20);
  assertEquals(chain.task().status, "failed");
});

Deno.test("parties are never drawn though they stake as arbiters; of too few arbiters all are drawn; of none no verdict comes", () => {
  for (const arbiters of [5, 2, 1]) {
    const chain = submittedRun(wrong, { arbiters, arbiterCount: 3 });
    chain.open();
    const { awaited } = playUntil(chain, cheat, "commit");
    assertEquals(awaited.length, Math.min(3, arbiters));
    const drawn = new Set(awaited.map(bytesToHex));
    assertEquals(drawn.size, awaited.length);
    for (const party of [REQUESTER, PROVIDER, CHALLENGER]) assert(!drawn.has(bytesToHex(party)));
    assertEquals(play(chain, cheat).reason, "wrong_output");
  }
  const chain = submittedRun(wrong, { arbiters: 0 });
  assertEquals(changes(chain, cheat), nothing);
  assertEquals(outcomeOf(chain.dispute()).reason, "no_quorum");
});

Deno.test("arbiters who stake after the opening are not drawn", () => {
  const chain = submittedRun(wrong, { arbiters: 1 });
  chain.open();
  playUntil(chain, cheat, "draw");
  const late = ARBITERS.slice(1).map((arbiter) =>
    [arbiter, { kind: "stake", role: "arbiter", amount: tokens(60) }] as const
  );
  assertEquals(chain.block(...late), [null, null, null, null]);
  const turn = playUntil(chain, cheat, "commit");
  assertEquals(turn.awaited, ARBITERS.slice(0, 1));
});

Deno.test("arbiters are drawn by stake: a quarter of the stake takes about a quarter of the first seats", () => {
  const pool: Candidate[] = [10n, 20n, 10n, 0n].map((stake, i) => ({
    address: hash("test", utf8(String(i))),
    stake,
  }));
  const counts = new Map<string, number>();
  for (let i = 0; i < 4000; i++) {
    const drawn = drawArbiters(pool, hash("test/dispute", utf8(String(i))), hash("test/beacon"), 3);
    assertEquals(drawn.length, 3);
    const first = bytesToHex(drawn[0] ?? new Uint8Array());
    counts.set(first, (counts.get(first) ?? 0) + 1);
  }
  const shares = pool.map(({ address }) => (counts.get(bytesToHex(address)) ?? 0) / 4000);
  for (const [i, expected] of [0.25, 0.5, 0.25, 0].entries()) {
    // Four standard deviations of 4000 draws.
    assert(Math.abs((shares[i] ?? 1) - expected) < 0.032, `${shares[i]} instead of ${expected}`);
  }
});

Deno.test("a verdict needs more than half of the drawn, absent ones included", () => {
  const seat = (verdict: string | null) => ({
    arbiter: tensor("arbiter"),
    commitment: tensor("commitment"),
    verdict: verdict === null ? null : tensor(verdict),
  });
  assertEquals(tally(["a", "a", null].map(seat)), tensor("a"));
  assertEquals(tally(["a", null, null].map(seat)), undefined);
  assertEquals(tally(["a", "a", "b", "b"].map(seat)), undefined);
  assertEquals(tally(["a", "b", "a", "a"].map(seat)), tensor("a"));
  assertEquals(tally([]), undefined);
});

Deno.test("a verdict depends on the node, on every output and its order, and none means that inputs are missing", () => {
  const [a, b] = [tensor("a"), tensor("b")];
  const leaf = { node: 1, inputs: [tensor("input")], outputs: [tensor("claimed")] };
  const verdicts = [
    ...[[], [a], [a, b], [b, a]].map((outputs) => nodeVerdict(leaf, outputs)),
    nodeVerdict({ ...leaf, node: 2 }, [a]),
    UNAVAILABLE,
  ];
  assertEquals(new Set(verdicts.map(bytesToHex)).size, verdicts.length);
});

Deno.test("all commit early, then all reveal early: nobody waits for a window", () => {
  const chain = submittedRun(wrong, { arbiterCommitBlocks: 1000, arbiterRevealBlocks: 1000 });
  chain.open();
  playUntil(chain, cheat, "commit");
  const start = chain.height();
  playUntil(chain, cheat, "verdict");
  assertEquals(chain.height() - start, 2n);
  play(chain, cheat);
  assertEquals(chain.height() - start, 2n + BigInt(chain.params.appealBlocks));
  assertEquals(turnOf(chain.dispute()).kind, "closed");
});
