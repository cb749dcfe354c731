import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { equalBytes, programSegments, saltedRunRoot } from "../../../ledger/primitives/mod.ts";
import { movesOf, play } from "../disputes/play.ts";
import {
  AUDITORS,
  COLLATERAL,
  committedRun,
  PROVIDER,
  REQUESTER,
  REWARD,
  tokens,
  type ToyChain,
} from "../disputes/toy_chain.ts";
import { PROGRAM, runProgram, SEED, tensor } from "../disputes/toy_program.ts";
import { auditMoves, playAuditUntil } from "./play.ts";

const honest = runProgram();

/** Wrong in every segment from the first on. */
const lie = runProgram({
  trace: (leaf, { phaseIndex, step }) =>
    phaseIndex === 0 && step === 0 && leaf.node === 2 ? { ...leaf, outputs: [tensor("x")] } : leaf,
});

const PAY = tokens(1);
const OPTIONS = {
  auditors: 2,
  auditPay: PAY,
  auditSharePpm: 0,
  auditSegments: 3,
  auditAbsencePenalty: tokens(2),
  recordDeposit: 0n,
};
/** Segments that each auditor executes: three sampled, and one of its own. */
const EXECUTED = 4n;
/** What the requester has put aside for auditors: pay for two of them in each of four attempts. */
const ESCROW = PAY * 2n * EXECUTED * 4n;

function waitUntilDone(chain: ToyChain): void {
  for (let blocks = 0; chain.task().status !== "done"; blocks++) {
    assert(blocks < 200, `the task is ${chain.task().status}`);
    chain.block();
  }
}

Deno.test("an honest run is audited behind closed doors, opened, and paid; so are its auditors, from the escrow", () => {
  const chain = committedRun(honest, OPTIONS);
  assertEquals(chain.task().status, "auditing");
  assertEquals(chain.balance(REQUESTER), tokens(100) - REWARD - ESCROW);
  playAuditUntil(chain, { provider: honest }, "open_outputs");
  assertEquals(chain.task().status, "auditing");
  assertEquals(chain.task().result?.seed, null);
  playAuditUntil(chain, { provider: honest }, "closed");
  assertEquals(chain.task().status, "submitted");
  assertEquals(chain.task().result?.seed, SEED);
  assertEquals(chain.task().result?.runRoot, saltedRunRoot(SEED, honest.segmentRoots));
  waitUntilDone(chain);
  assertEquals(chain.balance(PROVIDER), tokens(100) + REWARD);
  for (const auditor of AUDITORS.slice(0, 2)) {
    assertEquals(chain.balance(auditor), tokens(100) + EXECUTED * PAY);
    assertEquals(chain.stake("challenger", auditor), tokens(50));
  }
  assertEquals(chain.balance(REQUESTER), tokens(100) - REWARD - 2n * EXECUTED * PAY);
});

Deno.test("an auditor is paid a share of what the provider is paid for a segment", () => {
  // 20 tokens for 7 segments: 70 % of a segment's part is 2 tokens, more than the least pay.
  const chain = committedRun(honest, { ...OPTIONS, auditSharePpm: 700_000 });
  assertEquals(chain.task().auditEscrow, tokens(2) * 2n * EXECUTED * 4n);
  playAuditUntil(chain, { provider: honest }, "closed");
  waitUntilDone(chain);
  for (const auditor of AUDITORS.slice(0, 2)) {
    assertEquals(chain.balance(auditor), tokens(100) + EXECUTED * tokens(2));
  }
  assertEquals(chain.balance(REQUESTER), tokens(100) - REWARD - 2n * EXECUTED * tokens(2));
});

Deno.test("what is audited and by whom is drawn by a beacon after the commitment, from others than the parties", () => {
  const chain = committedRun(honest, { ...OPTIONS, auditors: 3, auditorCount: 2 });
  assertEquals(chain.audit().sampled, []);
  const { sampled, seats, beacon, drawnAt } = playAuditUntil(chain, { provider: honest }, "open_inputs");
  assert(drawnAt > (chain.task().result?.submittedAt ?? 0n));
  assert(beacon.some((byte) => byte > 0));
  assertEquals(sampled.length, 3);
  assertEquals(seats.length, 2);
  for (const { auditor } of seats) assert(AUDITORS.some((known) => equalBytes(known, auditor)));
  const at = sampled.map(({ segment }) => segment);
  const count = programSegments(PROGRAM);
  for (const [i, segment] of at.entries()) {
    const next = at[(i + 1) % at.length] ?? 0;
    const apart = (next - segment + count) % count;
    assert(apart >= 2, `segments ${segment} and ${next} of ${count} are neighbours`);
  }
});

Deno.test("a lie is contradicted by its auditors, disputed by one of them, slashed; the auditors are paid and the task goes on", () => {
  const chain = committedRun(lie, OPTIONS);
  const players = { provider: lie, auditor: () => honest };
  playAuditUntil(chain, players, "closed");
  const [first, second] = chain.audit().seats;
  if (first === undefined || second === undefined) throw new Error("two auditors were drawn");
  chain.open(first.auditor);
  const outcome = play(chain, { provider: lie, challenger: honest });
  assertEquals([outcome.guilty, outcome.reason], ["provider", "wrong_output"]);
  assertEquals(chain.stake("provider", PROVIDER), tokens(100) - COLLATERAL);
  assertEquals(chain.task().status, "open");
  for (const { auditor } of [first, second]) {
    assertEquals(chain.stake("challenger", auditor), tokens(50));
  }
  assertEquals(chain.balance(second.auditor), tokens(100) + EXECUTED * PAY);
  assertEquals(chain.balance(first.auditor), tokens(100) + EXECUTED * PAY + outcome.awarded);
  assertEquals(chain.task().auditEscrow, ESCROW - 2n * EXECUTED * PAY);
});

Deno.test("an auditor that finds a fault and does not dispute it is fined and gets no pay", () => {
  const chain = committedRun(honest, OPTIONS);
  const [wrong] = AUDITORS;
  playAuditUntil(
    chain,
    { provider: honest, auditor: (auditor) => auditor === wrong ? lie : honest },
    "closed",
  );
  waitUntilDone(chain);
  const of = (auditor: Uint8Array) => [chain.balance(auditor), chain.stake("challenger", auditor)];
  const [, right] = AUDITORS;
  if (wrong === undefined || right === undefined) throw new Error("there are two auditors");
  assertEquals(of(wrong), [tokens(100), tokens(48)]);
  assertEquals(of(right), [tokens(100) + EXECUTED * PAY, tokens(50)]);
});

Deno.test("an auditor that contradicts a right segment and disputes it loses its bond, stake and pay", () => {
  const chain = committedRun(honest, { ...OPTIONS, auditFaultPenalty: tokens(25) });
  const [wrong] = AUDITORS;
  if (wrong === undefined) throw new Error("there is an auditor");
  playAuditUntil(
    chain,
    { provider: honest, auditor: (auditor) => auditor === wrong ? lie : honest },
    "closed",
  );
  chain.open(wrong);
  const outcome = play(chain, { provider: honest, challenger: lie });
  assertEquals(outcome.guilty, "challenger");
  assertEquals(chain.stake("challenger", wrong), tokens(25));
  waitUntilDone(chain);
  assertEquals(chain.balance(wrong), tokens(100) - chain.params.challengerBond);
  assertEquals(chain.stake("challenger", wrong), tokens(25), "it is punished once");
});

Deno.test("an auditor that agreed with a segment which a dispute finds wrong loses stake and pay", () => {
  const chain = committedRun(lie, { ...OPTIONS, auditSegments: 6, auditFaultPenalty: tokens(25) });
  const [liar, right] = AUDITORS;
  if (liar === undefined || right === undefined) throw new Error("there are two auditors");
  playAuditUntil(chain, { provider: lie, auditor: (auditor) => auditor === liar ? lie : honest }, "closed");
  assertEquals(chain.audit().sampled.length, programSegments(PROGRAM), "everything is audited");
  chain.open(right);
  assertEquals(play(chain, { provider: lie, challenger: honest }).segment, 0);
  assertEquals(chain.stake("challenger", liar), tokens(25));
  assertEquals(chain.stake("challenger", right), tokens(50));
  assertEquals(chain.balance(liar), tokens(100));
});

Deno.test("an auditor that agreed with a segment about which both sides of a dispute are wrong loses stake and pay too", () => {
  const chain = committedRun(lie, { ...OPTIONS, auditSegments: 6, auditFaultPenalty: tokens(25) });
  const [liar, wrong] = AUDITORS;
  if (liar === undefined || wrong === undefined) throw new Error("there are two auditors");
  const other = runProgram({
    trace: (leaf, { phaseIndex, step }) =>
      phaseIndex === 0 && step === 0 && leaf.node === 2 ? { ...leaf, outputs: [tensor("y")] } : leaf,
  });
  playAuditUntil(chain, { provider: lie, auditor: (auditor) => auditor === liar ? lie : other }, "closed");
  chain.open(wrong);
  assertEquals(play(chain, { provider: lie, challenger: other }).reason, "both_wrong");
  assertEquals(chain.stake("challenger", liar), tokens(25));
  assertEquals(chain.balance(liar), tokens(100));
});

Deno.test("an auditor that waits with its reveal until a dispute is over is not paid for having committed", () => {
  const chain = committedRun(lie, { ...OPTIONS, auditRevealBlocks: 500 });
  const [waiting, right] = AUDITORS;
  if (waiting === undefined || right === undefined) throw new Error("there are two auditors");
  const auditor = (each: Uint8Array) => each === waiting ? lie : honest;
  playAuditUntil(chain, { provider: lie, auditor }, "reveal");
  const reveals = auditMoves(chain, { provider: lie, auditor }).filter(([by]) => by === right);
  assertEquals(chain.block(...reveals), [null]);
  chain.open(right);
  const outcome = play(chain, { provider: lie, challenger: honest });
  assertEquals(outcome.guilty, "provider");
  assertEquals(chain.balance(waiting), tokens(100));
  assertEquals(chain.balance(right), tokens(100) + EXECUTED * PAY + outcome.awarded);
});

Deno.test("a dispute that ends in silence overturns no auditor", () => {
  const chain = committedRun(lie, { ...OPTIONS, auditSegments: 6, auditFaultPenalty: tokens(25) });
  playAuditUntil(chain, { provider: lie }, "closed");
  const [auditor] = AUDITORS;
  if (auditor === undefined) throw new Error("there is an auditor");
  chain.open(auditor);
  while (chain.dispute().stage.kind !== "closed") chain.block();
  assertEquals(chain.dispute().outcome?.reason, "provider_silent");
  for (const each of AUDITORS.slice(0, 2)) assertEquals(chain.stake("challenger", each), tokens(50));
});

Deno.test("a contradiction revealed at the end of the challenge window can still be disputed", () => {
  const chain = committedRun(lie, { ...OPTIONS, challengeBlocks: 2, auditRevealBlocks: 30 });
  const players = { provider: lie, auditor: () => honest };
  playAuditUntil(chain, players, "reveal");
  while (chain.height() + 2n < chain.audit().deadline) chain.block();
  assertEquals(chain.task().status, "submitted", "a result is not final before its auditors have revealed");
  const [reveal] = auditMoves(chain, players);
  if (reveal === undefined) throw new Error("somebody reveals");
  assertEquals(chain.block(reveal), [null]);
  for (let blocks = 0; blocks + 2 < chain.params.roundBlocks; blocks++) chain.block();
  chain.open(reveal[0]);
  assertEquals(movesOf(chain, { provider: lie, challenger: honest }).length, 1);
});

Deno.test("an open dispute is refused as long as the result is behind closed doors", () => {
  const chain = committedRun(honest, OPTIONS);
  const [auditor] = AUDITORS;
  if (auditor === undefined) throw new Error("there is an auditor");
  for (const stage of ["draw", "open_inputs", "commit", "open_outputs"] as const) {
    playAuditUntil(chain, { provider: honest }, stage);
    assertEquals(chain.block([auditor, { kind: "open_dispute", task: chain.taskId }]), ["not_submitted"]);
  }
});
