import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { longestAudit } from "../../../ledger/audits/mod.ts";
import {
  AUDITORS,
  COLLATERAL,
  committedRun,
  PROVIDER,
  REQUESTER,
  tokens,
  type ToyChain,
  VALIDATORS,
} from "../disputes/toy_chain.ts";
import { ZERO_HASH } from "../../../ledger/primitives/mod.ts";
import { PROGRAM, runProgram } from "../disputes/toy_program.ts";
import { type AuditPlayers, playAuditUntil } from "./play.ts";

const honest = runProgram();
const PAY = tokens(1);
/** Segments that each auditor executes: three sampled, and one of its own. */
const EXECUTED = 4n;
const OPTIONS = {
  auditors: 2,
  auditPay: PAY,
  auditSharePpm: 0,
  auditSegments: 3,
  auditAbsencePenalty: tokens(2),
  recordDeposit: 0n,
};

/** Lets the window of the present stage pass. */
function waitOut(chain: ToyChain): void {
  const { deadline } = chain.audit();
  while (chain.height() < deadline) chain.block();
}

for (const stage of ["open_inputs", "open_outputs"] as const) {
  Deno.test(`a provider that is silent at ${stage} loses all its collateral, as for fraud, and the task goes on`, () => {
    const chain = committedRun(honest, OPTIONS);
    playAuditUntil(chain, { provider: honest }, stage);
    const burned = chain.burned();
    waitOut(chain);
    assertEquals(chain.stake("provider", PROVIDER), tokens(100) - COLLATERAL);
    assertEquals(chain.burned() - burned, COLLATERAL, "nobody gains by it");
    assertEquals([chain.task().status, chain.task().result], ["open", null]);
    assert(chain.task().excluded.length === 1);
    // Who had committed by then has worked, and is paid.
    const earned = stage === "open_outputs" ? EXECUTED * PAY : 0n;
    for (const auditor of AUDITORS.slice(0, 2)) assertEquals(chain.balance(auditor), tokens(100) + earned);
  });
}

for (const stage of ["open_inputs", "open_outputs", "closed"] as const) {
  Deno.test(`an engine incident while an audit is at ${stage} pays auditors for what they have done, and refunds the rest`, () => {
    const chain = committedRun(honest, OPTIONS);
    playAuditUntil(chain, { provider: honest }, stage);
    for (const validator of VALIDATORS.slice(0, 3)) {
      const declared = { kind: "declare_incident", engine: PROGRAM.engine, kernelHash: ZERO_HASH } as const;
      assertEquals(chain.block([validator, declared]), [null]);
    }
    assertEquals(chain.task().status, "failed");
    const earned = stage === "open_inputs" ? 0n : EXECUTED * PAY;
    for (const auditor of AUDITORS.slice(0, 2)) {
      assertEquals(chain.balance(auditor), tokens(100) + earned);
      assertEquals(chain.stake("challenger", auditor), tokens(50), "nobody is fined");
    }
    assertEquals(chain.balance(REQUESTER), tokens(100) - 2n * earned);
    // What was scheduled for the audit finds nothing to do.
    for (let block = 0; block < 60; block++) chain.block();
  });
}

Deno.test("an auditor that does not commit is fined, and the audit goes on with the others", () => {
  const chain = committedRun(honest, OPTIONS);
  const [absent, present] = AUDITORS;
  if (absent === undefined || present === undefined) throw new Error("there are two auditors");
  playAuditUntil(chain, { provider: honest, moves: (_, by) => by !== absent }, "closed");
  assertEquals(chain.audit().seats.map(({ auditor }) => auditor), [present]);
  assertEquals(chain.stake("challenger", absent), tokens(48));
  while (chain.task().status !== "done") chain.block();
  assertEquals([chain.balance(absent), chain.balance(present)], [tokens(100), tokens(104)]);
});

Deno.test("an auditor that does not reveal is fined and not paid, and the result is final without it", () => {
  const chain = committedRun(honest, OPTIONS);
  const [absent, present] = AUDITORS;
  if (absent === undefined || present === undefined) throw new Error("there are two auditors");
  playAuditUntil(
    chain,
    { provider: honest, moves: (stage, by) => stage !== "reveal" || by !== absent },
    "closed",
  );
  assertEquals(chain.stake("challenger", absent), tokens(48));
  while (chain.task().status !== "done") chain.block();
  assertEquals([chain.balance(absent), chain.balance(present)], [tokens(100), tokens(104)]);
});

Deno.test("if no drawn auditor commits, others are drawn for the same segments", () => {
  const chain = committedRun(honest, { ...OPTIONS, auditors: 3, auditorCount: 1, auditSegments: 1 });
  const commits = playAuditUntil(chain, { provider: honest }, "commit");
  const [absent] = commits.seats;
  if (absent === undefined) throw new Error("somebody was drawn");
  const players: AuditPlayers = { provider: honest, moves: (_, by) => by !== absent.auditor };
  waitOut(chain);
  assertEquals(chain.audit().stage, "draw");
  const again = playAuditUntil(chain, players, "commit");
  assertEquals(again.draws, 2);
  assertEquals([again.sampled, again.beacon], [commits.sampled, commits.beacon]);
  assert(again.seats.every(({ auditor }) => auditor !== absent.auditor));
  playAuditUntil(chain, players, "closed");
  assertEquals(chain.task().status, "submitted");
});

Deno.test("if nobody ever commits, the audit ends in the blocks that can be computed for it, and the result is opened", () => {
  const chain = committedRun(honest, { ...OPTIONS, auditors: 3, auditorCount: 1 });
  const start = chain.height();
  while (chain.audit().stage !== "open_outputs") {
    // The provider waits for the last block before its deadline; the auditors stay away.
    while (chain.height() + 2n < chain.audit().deadline) chain.block();
    const moves: AuditPlayers = { provider: honest, moves: (stage) => stage === "open_inputs" };
    playAuditUntil(chain, moves, chain.audit().stage === "open_inputs" ? "commit" : chain.audit().stage);
    waitOut(chain);
  }
  assertEquals(chain.audit().draws, 3);
  for (const auditor of AUDITORS) assertEquals(chain.stake("challenger", auditor), tokens(48));
  const took = Number(chain.height() - start);
  assert(took <= longestAudit(chain.audit().taken, chain.params), `took ${took} blocks`);
  playAuditUntil(chain, { provider: honest }, "closed");
  assertEquals(chain.task().status, "submitted");
});

Deno.test("a chain without challengers has no audits: the provider opens its result, and must", () => {
  const opened = committedRun(honest, { auditors: 0 });
  playAuditUntil(opened, { provider: honest }, "closed");
  assertEquals([opened.task().status, opened.audit().sampled], ["submitted", []]);
  const silent = committedRun(honest, { auditors: 0 });
  playAuditUntil(silent, { provider: honest }, "open_outputs");
  waitOut(silent);
  assertEquals(silent.stake("provider", PROVIDER), tokens(100) - COLLATERAL);
});
