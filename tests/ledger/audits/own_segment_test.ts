/** The segment that an auditor checks besides those sampled: whose it is to say, what it finds, and what it answers for. */
import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import type { Operation } from "../../../ledger/chain/mod.ts";
import {
  auditCommitment,
  drawSegments,
  ownSegmentInput,
  shownOwnSegment,
} from "../../../ledger/audits/mod.ts";
import {
  type Address,
  hash,
  type Phase,
  programSegments,
  signerFromSeed,
  utf8,
  ZERO_HASH,
} from "../../../ledger/primitives/mod.ts";
import { play } from "../disputes/play.ts";
import {
  AUDITORS,
  COLLATERAL,
  committedRun,
  PROVIDER,
  tokens,
  type ToyChain,
} from "../disputes/toy_chain.ts";
import { isOwnVouchedFor } from "../../../ledger/audits/findings.ts";
import { PROGRAM, runProgram, stepsOf, tensor, type ToyRun } from "../disputes/toy_program.ts";
import { commitTo, findingOf, nonceOf, openOutputs, ownOf, playAuditUntil, revealOf } from "./play.ts";

const honest = runProgram();
const SEGMENTS = programSegments(PROGRAM);
const OPTIONS = {
  auditors: 2,
  auditPay: tokens(1),
  auditSharePpm: 0,
  auditSegments: 3,
  auditAbsencePenalty: tokens(2),
  auditFaultPenalty: tokens(25),
  recordDeposit: 0n,
};

/** The first step of each segment that carries the state, by phase and step. */
const FIRST_STEPS: Readonly<Record<number, readonly [number, number]>> = {
  0: [0, 0],
  1: [0, 3],
  2: [0, 6],
  5: [2, 0],
  6: [2, 1],
};

/** Wrong in one segment; the ones after it are honest work on a wrong state. */
function wrongIn(segment: number): ToyRun {
  const [phase, first] = FIRST_STEPS[segment] ?? [-1, -1];
  return runProgram({
    trace: (leaf, { phaseIndex, step }) =>
      phaseIndex === phase && step === first && leaf.node === 2 ? { ...leaf, outputs: [tensor("x")] } : leaf,
  });
}

/** What somebody finds who executes a run's segments from the states that the run claims: it differs where the run is wrong. */
function executed(lie: ToyRun, segment: number): ToyRun {
  const right = new Set(stepsOf(lie, segment));
  return {
    steps: lie.steps.map((step, i) => right.has(step) ? honest.steps[i] ?? step : step),
    segmentRoots: lie.segmentRoots.map((root, i) => i === segment ? honest.segmentRoots[i] ?? root : root),
  };
}

function two(): readonly [Address, Address] {
  const [one, other] = AUDITORS;
  if (one === undefined || other === undefined) throw new Error("there are two auditors");
  return [one, other];
}

function waitUntilDone(chain: ToyChain): void {
  for (let blocks = 0; chain.task().status !== "done"; blocks++) {
    assert(blocks < 200, `the task is ${chain.task().status}`);
    chain.block();
  }
}

interface Hidden {
  readonly chain: ToyChain;
  readonly lie: ToyRun;
  readonly segment: number;
  /** The one whose own segment is wrong, and the other, who looks elsewhere. */
  readonly finder: Address;
  readonly other: Address;
}

/** A chain at the stage of commitments whose result is wrong in one segment that is not sampled, and is one auditor's own. */
function hiddenLie(): Hidden {
  for (const segment of Object.keys(FIRST_STEPS).map(Number)) {
    const lie = wrongIn(segment), chain = committedRun(lie, OPTIONS);
    const { sampled } = playAuditUntil(chain, { provider: lie }, "commit");
    assertEquals(sampled.length, 3);
    const finders = two().filter((auditor) => ownOf(chain, auditor).segment === segment);
    const [finder] = finders, other = two().find((auditor) => auditor !== finder);
    if (finders.length === 1 && finder !== undefined && other !== undefined) {
      assert(sampled.every((each) => each.segment !== segment));
      return { chain, lie, segment, finder, other };
    }
  }
  throw new Error("in none of the runs is the wrong segment the own one of exactly one auditor");
}

Deno.test("an auditor's own segment is not sampled, follows one that is, and is noted when it commits, not before", () => {
  const chain = committedRun(honest, OPTIONS);
  const { sampled, seats } = playAuditUntil(chain, { provider: honest }, "commit");
  assertEquals(seats.map(({ own }) => own), [null, null]);
  const at = new Set(sampled.map(({ segment }) => segment));
  for (const auditor of two()) {
    const { segment } = ownOf(chain, auditor);
    assert(segment !== null && !at.has(segment) && at.has((segment + SEGMENTS - 1) % SEGMENTS), `${segment}`);
    assertEquals(chain.block([auditor, commitTo(chain, auditor, honest)]), [null]);
    const seat = chain.audit().seats.find((each) => each.auditor === auditor || each.own === segment);
    assertEquals(seat?.own, segment);
  }
});

Deno.test("every segment is an auditor's own equally often", () => {
  const segments = 9, phases: Phase[] = [{ ...phaseOf(0), steps: segments, segmentSteps: 1 }];
  const program = { ...PROGRAM, phases }, trials = 450;
  const seen = new Array<number>(segments).fill(0);
  for (let trial = 0; trial < trials; trial++) {
    const beacon = hash("test/beacon", utf8(String(trial)));
    const key = signerFromSeed(hash("test/seed", utf8(String(trial % 7))));
    const sampled = drawSegments(ZERO_HASH, beacon, segments, 3)
      .map((segment) => ({ segment, input: null, output: null, trace: null }));
    const input = {
      chainId: ZERO_HASH,
      beacon,
      task: ZERO_HASH,
      attempt: 1,
      runRoot: ZERO_HASH,
      auditor: key.address,
    };
    const own = shownOwnSegment({ sampled }, program, input, key.prove(ownSegmentInput(input))) ?? segments;
    seen[own] = (seen[own] ?? 0) + 1;
  }
  const sigma = Math.sqrt(trials / segments * (1 - 1 / segments));
  for (const times of seen) assert(Math.abs(times - trials / segments) < 4.5 * sigma, `${seen}`);
});

function phaseOf(index: number): Phase {
  const phase = PROGRAM.phases[index];
  if (phase === undefined) throw new RangeError(`no phase ${index}`);
  return phase;
}

Deno.test("an auditor neither chooses its own segment nor leaves it out: no other proof is accepted, and none is not either", () => {
  const chain = committedRun(honest, OPTIONS);
  playAuditUntil(chain, { provider: honest }, "commit");
  const [one, other] = two();
  const right = commitTo(chain, one, honest);
  if (right.kind !== "audit_commit" || right.own === null) {
    throw new Error("a commitment with a segment of its own");
  }
  const before = chain.audit();
  for (const own of [null, ownOf(chain, other).proof, right.own.with(40, 1), new Uint8Array(80)]) {
    assertEquals(chain.block([one, { ...right, own }]), ["wrong_own_segment"]);
  }
  assertEquals(chain.audit(), before);
  // Findings about the sampled segments alone can be committed to, and never revealed.
  const { task, attempt, sampled } = before, nonce = nonceOf(one);
  const findings = sampled.map(({ segment }) => findingOf(honest, segment));
  const commitment = auditCommitment({ task, attempt, auditor: one, nonce, findings });
  assertEquals(chain.block([one, { ...right, commitment }]), [null]);
  playAuditUntil(chain, { provider: honest }, "reveal");
  assertEquals(chain.block([one, { kind: "audit_reveal", task, nonce, findings }]), ["wrong_reveal"]);
  assertEquals(chain.block([one, revealOf(chain, one, honest)]), ["wrong_reveal"]);
});

Deno.test("where all segments are sampled there is none of an auditor's own, and nothing to prove", () => {
  const chain = committedRun(honest, { ...OPTIONS, auditSegments: 6 });
  playAuditUntil(chain, { provider: honest }, "commit");
  const [one] = two(), right = commitTo(chain, one, honest) as Extract<Operation, { kind: "audit_commit" }>;
  assertEquals(right.own, null);
  assertEquals(chain.block([one, { ...right, own: new Uint8Array(80) }]), ["wrong_own_segment"]);
  assertEquals(chain.block([one, right]), [null]);
  playAuditUntil(chain, { provider: honest }, "closed");
  assertEquals(chain.audit().own, []);
  waitUntilDone(chain);
  assertEquals(chain.balance(one), tokens(100) + BigInt(SEGMENTS) * OPTIONS.auditPay);
});

Deno.test("a lie in a segment that was not sampled is found by the auditor whose own it is, and the other keeps its pay", () => {
  const { chain, lie, segment, finder, other } = hiddenLie();
  const right = executed(lie, segment);
  playAuditUntil(chain, { provider: lie, auditor: (by) => by === finder ? right : lie }, "closed");
  chain.open(finder);
  const outcome = play(chain, { provider: lie, challenger: honest });
  assertEquals([outcome.guilty, outcome.segment], ["provider", segment]);
  assertEquals(chain.stake("provider", PROVIDER), tokens(100) - COLLATERAL);
  assertEquals(chain.balance(finder), tokens(104) + outcome.awarded);
  assertEquals([chain.balance(other), chain.stake("challenger", other)], [tokens(104), tokens(50)]);
});

Deno.test("an auditor that vouches for a wrong segment of its own loses stake and pay when somebody else disputes it", () => {
  const { chain, lie, segment, finder, other } = hiddenLie();
  playAuditUntil(chain, { provider: lie }, "closed");
  chain.open(other);
  const outcome = play(chain, { provider: lie, challenger: honest });
  assertEquals([outcome.guilty, outcome.segment], ["provider", segment]);
  assertEquals([chain.balance(finder), chain.stake("challenger", finder)], [tokens(100), tokens(25)]);
  assertEquals(chain.stake("challenger", other), tokens(50));
});

Deno.test("an auditor that makes up what it found in its own segment contradicts it, must dispute it, and is fined if it does not", () => {
  const chain = committedRun(honest, OPTIONS);
  playAuditUntil(chain, { provider: honest }, "commit");
  const [liar, right] = two(), { segment } = ownOf(chain, liar);
  const made = {
    ...honest,
    segmentRoots: honest.segmentRoots.map((root, i) => i === segment ? ZERO_HASH : root),
  };
  playAuditUntil(chain, { provider: honest, auditor: (by) => by === liar ? made : honest }, "closed");
  waitUntilDone(chain);
  const of = (auditor: Address) => [chain.balance(auditor), chain.stake("challenger", auditor)];
  assertEquals(of(liar), [tokens(100), tokens(48)]);
  assertEquals(of(right), [tokens(104), tokens(50)]);
});

/** Which segments start from the state after a segment, and so make it public when they are sampled. */
const FOLLOWERS: Readonly<Record<number, readonly number[]>> = { 0: [1], 1: [2], 2: [3, 4, 5], 5: [6] };

Deno.test("a provider that opens false traces of own segments takes no pay, but for roots that could be known unexecuted", () => {
  // What the result is decides what is whose own: with several runs, some of these segments were public, and some not.
  const seen = { secret: 0, known: 0 };
  for (const run of [honest, ...Object.keys(FIRST_STEPS).map((segment) => wrongIn(Number(segment)))]) {
    const chain = committedRun(run, OPTIONS);
    const audit = playAuditUntil(chain, { provider: run }, "open_outputs");
    const right = openOutputs(audit, run) as Extract<Operation, { kind: "audit_open_outputs" }>;
    const outputs = right.outputs.map((output, i) =>
      i < audit.sampled.length ? output : { ...output, trace: ZERO_HASH }
    );
    assertEquals(chain.block([PROVIDER, { ...right, outputs }]), [null]);
    playAuditUntil(chain, { provider: run }, "closed");
    const closed = chain.audit(), { seats, sampled } = closed;
    const [first, second] = seats;
    waitUntilDone(chain);
    for (const { auditor, own } of seats) {
      const wasKnown = own === SEGMENTS - 1 ||
        sampled.some(({ segment }) => FOLLOWERS[own ?? -1]?.includes(segment));
      const isShared = first?.own === second?.own;
      seen[wasKnown ? "known" : "secret"]++;
      assertEquals(chain.balance(auditor), tokens(wasKnown && !isShared ? 103 : 104), `own ${own}`);
    }
    // What an earlier provider has opened was known to all.
    for (const seat of seats) {
      const again = { ...closed, attempt: 2 };
      assertEquals(isOwnVouchedFor(again, seat, PROGRAM), first?.own === second?.own);
    }
  }
  assert(seen.secret > 0 && seen.known > 0, JSON.stringify(seen));
});
