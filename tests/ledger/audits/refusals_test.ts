import { assertEquals } from "@std/assert/equals.js";
import type { Operation } from "../../../ledger/chain/mod.ts";
import { type Address, hash, ZERO_HASH } from "../../../ledger/primitives/mod.ts";
import { AUDITORS, committedRun, PROVIDER, REQUESTER, tokens, type ToyChain } from "../disputes/toy_chain.ts";
import { runProgram, SEED } from "../disputes/toy_program.ts";
import { commitTo, nonceOf, openInputs, openOutputs, ownOf, playAuditUntil, revealOf } from "./play.ts";

const honest = runProgram();
const players = { provider: honest };

/** Long windows: these tests make many blocks that change nothing. */
const PATIENT = {
  auditors: 2,
  auditSegments: 3,
  roundBlocks: 100,
  auditCommitBlocks: 100,
  auditRevealBlocks: 100,
  auditPay: tokens(1),
  auditSharePpm: 0,
};

/** The code with which an operation is refused, which changes nothing. */
function refused(chain: ToyChain, sender: Address, operation: Operation): string | null {
  const before = chain.audit();
  const [code] = chain.block([sender, operation]);
  assertEquals(chain.audit(), before);
  return code ?? null;
}

function two(): readonly [Address, Address] {
  const [one, other] = AUDITORS;
  if (one === undefined || other === undefined) throw new Error("there are two auditors");
  return [one, other];
}

Deno.test("every move is refused to strangers, at the wrong stage, and for a task without a result", () => {
  const chain = committedRun(honest, PATIENT);
  const [one] = two();
  const moves = () => ({
    open_inputs: openInputs(chain.audit(), honest),
    commit: commitTo(chain, one, honest),
    open_outputs: openOutputs(chain.audit(), honest),
    reveal: revealOf(chain, one, honest),
  });
  for (const stage of ["open_inputs", "commit", "open_outputs", "reveal"] as const) {
    playAuditUntil(chain, players, stage);
    for (const [kind, move] of Object.entries(moves())) {
      const isProviders = kind.startsWith("open");
      const [right, stranger] = isProviders ? [PROVIDER, one] : [one, REQUESTER];
      assertEquals(refused(chain, stranger, move), isProviders ? "not_the_provider" : "not_an_auditor");
      if (kind !== stage) assertEquals(refused(chain, right, move), "wrong_stage");
      assertEquals(refused(chain, right, { ...move, task: ZERO_HASH } as Operation), "unknown_audit");
    }
  }
});

Deno.test("inputs that are not those of the sampled segments, in the run, are refused", () => {
  const chain = committedRun(honest, PATIENT);
  playAuditUntil(chain, players, "open_inputs");
  const right = openInputs(chain.audit(), honest);
  if (right.kind !== "audit_open_inputs") throw new Error("an opening");
  const { inputs } = right;
  const at = inputs.findIndex((input) => input !== null);
  const opening = inputs[at] ?? null;
  if (opening === null) throw new Error("three segments apart start from another");
  const wrong = [
    inputs.with(at, null),
    inputs.with(at, { ...opening, root: hash("test/other") }),
    inputs.with(at, { ...opening, salt: hash("test/other") }),
    inputs.slice(0, -1),
    [...inputs, null],
    [],
  ];
  for (const each of wrong) {
    assertEquals(refused(chain, PROVIDER, { ...right, inputs: each }), "wrong_input");
  }
  assertEquals(chain.block([PROVIDER, right]), [null]);
});

Deno.test("another seed, other outputs, and outputs at other places are refused", () => {
  const chain = committedRun(honest, PATIENT);
  playAuditUntil(chain, players, "open_outputs");
  const right = openOutputs(chain.audit(), honest);
  if (right.kind !== "audit_open_outputs") throw new Error("an opening");
  const { outputs } = right;
  assertEquals(refused(chain, PROVIDER, { ...right, seed: hash("test/other") }), "wrong_seed");
  const [first] = outputs;
  if (first === undefined) throw new Error("something is sampled");
  const wrong = [
    outputs.with(0, { ...first, root: hash("test/other") }),
    outputs.toReversed(),
    outputs.slice(1),
    [...outputs, first],
  ];
  for (const each of wrong) {
    assertEquals(refused(chain, PROVIDER, { ...right, outputs: each }), "wrong_output");
  }
  assertEquals(chain.block([PROVIDER, right]), [null]);
  assertEquals(chain.task().result?.seed, SEED);
});

Deno.test("an auditor commits once and reveals once, exactly what it committed to", () => {
  const chain = committedRun(honest, PATIENT);
  const [one, other] = two();
  playAuditUntil(chain, players, "commit");
  assertEquals(chain.block([one, commitTo(chain, one, honest)]), [null]);
  assertEquals(refused(chain, one, commitTo(chain, one, honest)), "already_committed");
  assertEquals(chain.block([other, commitTo(chain, other, honest)]), [null]);
  playAuditUntil(chain, players, "reveal");
  const right = revealOf(chain, one, honest);
  if (right.kind !== "audit_reveal") throw new Error("a reveal");
  assertEquals(refused(chain, one, { ...right, nonce: ZERO_HASH }), "wrong_reveal");
  assertEquals(refused(chain, one, { ...right, findings: right.findings.slice(1) }), "wrong_reveal");
  assertEquals(chain.block([one, right]), [null]);
  assertEquals(refused(chain, one, right), "already_revealed");
});

Deno.test("a copied commitment cannot be revealed, and a lazy auditor that copies is fined like an absent one", () => {
  const chain = committedRun(honest, { ...PATIENT, auditAbsencePenalty: tokens(2) });
  const [one, copycat] = two();
  playAuditUntil(chain, players, "commit");
  const commit = commitTo(chain, one, honest);
  const { proof: own } = ownOf(chain, copycat);
  assertEquals(chain.block([one, commit], [copycat, { ...commit, own } as Operation]), [null, null]);
  playAuditUntil(chain, players, "reveal");
  assertEquals(chain.block([one, revealOf(chain, one, honest)]), [null]);
  // It knows everything by now: nonce, findings, and what the provider opened.
  const copied = revealOf(chain, one, honest);
  assertEquals(refused(chain, copycat, copied), "wrong_reveal");
  assertEquals(refused(chain, copycat, { ...copied, nonce: nonceOf(copycat) } as Operation), "wrong_reveal");
  while (chain.audit().stage === "reveal") chain.block();
  while (chain.task().status !== "done") chain.block();
  assertEquals(chain.stake("challenger", copycat), tokens(48));
  assertEquals([chain.balance(one), chain.balance(copycat)], [tokens(104), tokens(100)]);
});
