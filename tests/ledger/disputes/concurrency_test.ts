import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { disputes, isRunning, openDisputesOf } from "../../../ledger/disputes/mod.ts";
import { type Address, equalBytes, type Hash } from "../../../ledger/primitives/mod.ts";
import { MAX_OPEN_DISPUTES } from "../../../ledger/state/mod.ts";
import { movesOf, type Players, present } from "./play.ts";
import {
  ARBITERS,
  CHALLENGER,
  CROWD,
  OTHER_CHALLENGER,
  PROVIDER,
  submittedRun,
  tokens,
  type ToyChain,
} from "./toy_chain.ts";
import { CHUNKED, runProgram, type ToyRun, withWrongChunk } from "./toy_program.ts";

/** A run with one chunk of one node's first output wrong. */
function wrongAt(node: number, chunk = 0, word = "wrong"): ToyRun {
  return runProgram({
    trace: (leaf, { phaseIndex, step }) =>
      phaseIndex === 0 && step === 4 && leaf.node === node
        ? {
          ...leaf,
          outputs: leaf.outputs.map((root, i) => i === 0 ? withWrongChunk(root, chunk, word) : root),
        }
        : leaf,
  });
}

const honest = runProgram();

/** A dispute with its challenger's run. */
interface Game {
  readonly id: Hash;
  readonly challenger: ToyRun;
}

function open(chain: ToyChain, by: Address, challenger: ToyRun): Game {
  chain.open(by);
  return { id: chain.dispute().id, challenger };
}

function disputeAt(chain: ToyChain, { id }: Game) {
  return present(disputes.get(chain.state(), id));
}

function movesIn(chain: ToyChain, players: Omit<Players, "challenger">, game: Game) {
  chain.turnTo(game.id);
  return movesOf(chain, { ...players, challenger: game.challenger });
}

/** Makes blocks in which everybody moves in every dispute, until something is so. */
function playUntil(
  chain: ToyChain,
  games: readonly Game[],
  players: Omit<Players, "challenger">,
  isSo: () => boolean,
): void {
  for (let blocks = 0; !isSo(); blocks++) {
    assert(blocks < 300, "the disputes hang");
    const moves = games.flatMap((game) => movesIn(chain, players, game));
    assertEquals(chain.block(...moves), moves.map(() => null));
  }
}

function play(chain: ToyChain, games: readonly Game[], players: Omit<Players, "challenger">): void {
  playUntil(chain, games, players, () => openDisputesOf(chain.state(), chain.taskId).length === 0);
}

function reasons(chain: ToyChain, games: readonly Game[]) {
  return games.map((game) => present(disputeAt(chain, game).outcome).reason);
}

function draws(chain: ToyChain): number {
  return chain.events().filter(({ kind }) => kind === "arbiter_drawn").length;
}

Deno.test("a lost dispute clears its leaf only: another of the same result goes on, and convicts", () => {
  const cheating = wrongAt(2);
  const chain = submittedRun(cheating, { program: CHUNKED, roundBlocks: 100 });
  const games = [open(chain, CHALLENGER, wrongAt(0)), open(chain, OTHER_CHALLENGER, honest)];
  const [first] = games.map((game) => [game]);
  const isFirstClosed = () => present(first).every((game) => disputeAt(chain, game).outcome !== null);
  // The second one's provider takes its time.
  playUntil(chain, present(first), { provider: cheating }, isFirstClosed);
  assertEquals(chain.task().status, "disputed");
  play(chain, games, { provider: cheating });
  assertEquals(reasons(chain, games), ["output_confirmed", "wrong_output"]);
  assertEquals([chain.task().status, chain.task().disputes], ["open", 2]);
});

Deno.test("the challenge window stands still until the last dispute is over, and then goes on", () => {
  const chain = submittedRun(honest, { program: CHUNKED });
  const left = chain.task().deadline - chain.height();
  const games = [open(chain, CHALLENGER, wrongAt(0)), open(chain, OTHER_CHALLENGER, wrongAt(1))];
  play(chain, games, { provider: honest });
  assertEquals(reasons(chain, games), ["output_confirmed", "output_confirmed"]);
  assertEquals([chain.task().status, chain.task().deadline - chain.height()], ["submitted", left - 1n]);
});

Deno.test("of more disputes than may run at a time the rest wait without a clock, in their order", () => {
  const chain = submittedRun(honest, { program: CHUNKED, runningDisputes: 1 });
  const games = [
    open(chain, CHALLENGER, wrongAt(0)),
    open(chain, OTHER_CHALLENGER, wrongAt(1)),
    open(chain, present(CROWD[0]), wrongAt(2)),
  ];
  for (let closed = 0; closed < games.length; closed++) {
    const stages = games.map((game) => disputeAt(chain, game));
    assertEquals(stages.map(isRunning), games.map((_, i) => i === closed));
    for (const waiting of stages.slice(closed + 1)) {
      assertEquals([waiting.stage.kind, waiting.deadline, waiting.rounds], ["wait", 0n, 0]);
    }
    playUntil(
      chain,
      games,
      { provider: honest },
      () => games.slice(0, closed + 1).every((game) => disputeAt(chain, game).outcome !== null),
    );
  }
  assertEquals(chain.task().status, "submitted");
  assertEquals(reasons(chain, games), games.map(() => "output_confirmed"));
});

Deno.test("two that come down to the same chunk are judged once; both challengers were wrong and lose their bonds", () => {
  const chain = submittedRun(honest, { program: CHUNKED });
  const before = [CHALLENGER, OTHER_CHALLENGER].map(chain.balance);
  const games = [open(chain, CHALLENGER, wrongAt(1, 7)), open(chain, OTHER_CHALLENGER, wrongAt(1, 7))];
  playUntil(chain, games, { provider: honest }, () => {
    const { stage } = disputeAt(chain, present(games[1]));
    return stage.kind === "merged" && equalBytes(stage.into, present(games[0]).id);
  });
  play(chain, games, { provider: honest });
  assertEquals([reasons(chain, games), draws(chain)], [["output_confirmed", "output_confirmed"], 3]);
  const after = [CHALLENGER, OTHER_CHALLENGER].map(chain.balance);
  assertEquals(after.map((balance, i) => balance - (before[i] ?? 0n)), [-tokens(10), -tokens(10)]);
  assertEquals(chain.task().status, "submitted");
});

Deno.test("the verdict of two merged disputes brings the result down once: the first challenger is rewarded, the other's bond returns", () => {
  const cheating = wrongAt(1, 7);
  const chain = submittedRun(cheating, { program: CHUNKED });
  const before = [CHALLENGER, OTHER_CHALLENGER].map(chain.balance);
  const games = [open(chain, CHALLENGER, honest), open(chain, OTHER_CHALLENGER, honest)];
  play(chain, games, { provider: cheating });
  assertEquals([reasons(chain, games), draws(chain)], [["wrong_output", "result_void"], 3]);
  const after = [CHALLENGER, OTHER_CHALLENGER].map(chain.balance);
  assertEquals(after.map((balance, i) => balance - (before[i] ?? 0n)), [tokens(32), 0n]);
  assertEquals(chain.stake("provider", PROVIDER), tokens(20));
});

Deno.test("of two merged disputes the one whose challenger was right is rewarded, though the other's was first and wrong too", () => {
  const cheating = wrongAt(1, 7);
  const chain = submittedRun(cheating, { program: CHUNKED });
  const before = [CHALLENGER, OTHER_CHALLENGER].map(chain.balance);
  const games = [
    open(chain, CHALLENGER, wrongAt(1, 7, "another lie")),
    open(chain, OTHER_CHALLENGER, honest),
  ];
  play(chain, games, { provider: cheating });
  assertEquals(reasons(chain, games), ["both_wrong", "result_void"]);
  const after = [CHALLENGER, OTHER_CHALLENGER].map(chain.balance);
  assertEquals(after.map((balance, i) => balance - (before[i] ?? 0n)), [0n, tokens(32)]);
});

Deno.test("when the result falls, disputes at every stage and those that wait end: bonds return, no arbiter is fined", () => {
  // The first is decided by wiring long before the others, one of which has its arbiters drawn by then.
  for (const silentAt of ["commit", "appeal_commit"]) {
    const chain = submittedRun(honest, {
      program: CHUNKED,
      runningDisputes: 3,
      arbiterCommitBlocks: 90,
      roundBlocks: 60,
    });
    const others = [OTHER_CHALLENGER, present(CROWD[0]), present(CROWD[1])];
    const before = others.map(chain.balance);
    const games = others.map((by, i) => open(chain, by, wrongAt(i)));
    const ahead = present(games[0]);
    playUntil(
      chain,
      [ahead],
      { provider: honest, appeals: "challenger" },
      () => disputeAt(chain, ahead).stage.kind === silentAt,
    );
    // Now nobody moves any more: the provider falls silent in the others.
    while (chain.task().status === "disputed") chain.block();
    assertEquals(reasons(chain, games)[0], "result_void");
    assertEquals(reasons(chain, games).filter((reason) => reason === "provider_silent").length, 1);
    const gained = others.map((by, i) => chain.balance(by) - (before[i] ?? 0n));
    assertEquals(gained.toSorted((a, b) => Number(a - b)), [0n, 0n, tokens(32)]);
    for (const arbiter of ARBITERS) assertEquals(chain.stake("arbiter", arbiter), tokens(50));
  }
});

Deno.test("a dispute without a verdict ends the others too: the task goes to another provider", () => {
  const chain = submittedRun(honest, { program: CHUNKED });
  const games = [open(chain, CHALLENGER, wrongAt(0)), open(chain, OTHER_CHALLENGER, wrongAt(1))];
  play(chain, games, { provider: honest, arbiter: () => undefined });
  assertEquals(reasons(chain, games).toSorted(), ["no_quorum", "result_void"]);
  assertEquals([chain.task().status, chain.task().excluded], ["open", [PROVIDER]]);
});

Deno.test("an account disputes a result once at a time, and sixteen do at most", () => {
  const chain = submittedRun(honest, { roundBlocks: 100 });
  const opened = CROWD.slice(0, MAX_OPEN_DISPUTES).map((by) => open(chain, by, honest));
  assertEquals(opened.length, 16);
  const openBy = (by: Address) => chain.block([by, { kind: "open_dispute", task: chain.taskId }])[0];
  assertEquals(openBy(present(CROWD[0])), "already_disputing");
  assertEquals(openBy(present(CROWD[16])), "dispute_running");
  assertEquals(
    openDisputesOf(chain.state(), chain.taskId).filter(isRunning).length,
    chain.params.runningDisputes,
  );
});
