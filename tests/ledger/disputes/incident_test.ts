import { assertEquals } from "@std/assert/equals.js";
import type { Operation } from "../../../ledger/chain/mod.ts";
import type { DisputeTurn } from "../../../ledger/disputes/mod.ts";
import { ZERO_HASH } from "../../../ledger/primitives/mod.ts";
import { stakeOf } from "../../../ledger/state/mod.ts";
import { outcomeOf, type Players, playUntil, present } from "./play.ts";
import {
  ARBITERS,
  CHALLENGER,
  OTHER_CHALLENGER,
  PROVIDER,
  REQUESTER,
  submittedRun,
  tokens,
  type ToyChain,
  VALIDATORS,
} from "./toy_chain.ts";
import { CHUNKED, PROGRAM, runProgram, withWrongChunk } from "./toy_program.ts";

const honest = runProgram();
const wrong = runProgram({
  trace: (leaf, { phaseIndex, step }) =>
    phaseIndex === 0 && step === 4 && leaf.node === 1
      ? { ...leaf, outputs: leaf.outputs.map((root) => withWrongChunk(root, 7)) }
      : leaf,
});
const players: Players = { provider: wrong, challenger: honest, appeals: "provider" };

const declare = (engine: string): Operation => ({ kind: "declare_incident", engine, kernelHash: ZERO_HASH });

function vote(chain: ToyChain, engine: string, count: number): readonly (string | null)[] {
  return VALIDATORS.slice(0, count).flatMap((validator) => chain.block([validator, declare(engine)]));
}

const stages: readonly DisputeTurn["kind"][] = [
  "split",
  "bind_step",
  "open_tensor",
  "draw",
  "commit",
  "reveal",
  "verdict",
  "appeal_commit",
  "appeal_reveal",
];

for (const stage of stages) {
  Deno.test(`an engine incident ends a dispute at ${stage}: nobody is slashed or fined, bonds return, the task is refunded`, () => {
    const chain = submittedRun(wrong, {
      program: CHUNKED,
      roundBlocks: 50,
      appealBlocks: 50,
      arbiterCount: 3,
    });
    const before = [PROVIDER, CHALLENGER, ...ARBITERS].map(chain.balance);
    chain.open();
    playUntil(chain, players, stage);
    const [last] = VALIDATORS.slice(2);
    assertEquals(vote(chain, CHUNKED.engine, 2), [null, null]);
    assertEquals(chain.task().status, "disputed");
    assertEquals(chain.block([present(last), declare(CHUNKED.engine)]), [null]);
    const { guilty, reason, forfeited } = outcomeOf(chain.dispute());
    assertEquals([guilty, reason, forfeited], [null, "engine_incident", 0n]);
    assertEquals([PROVIDER, CHALLENGER, ...ARBITERS].map(chain.balance), before);
    assertEquals(chain.task().status, "failed");
    // All but what the task's record keeps for a while.
    assertEquals(chain.balance(REQUESTER), tokens(100) - chain.params.recordDeposit);
    assertEquals(chain.stake("provider", PROVIDER), tokens(100));
    assertEquals(stakeOf(chain.state(), "provider", PROVIDER).locked, 0n);
    for (const arbiter of ARBITERS) assertEquals(chain.stake("arbiter", arbiter), tokens(50));
    // What was scheduled for the dispute finds nothing to do.
    for (let block = 0; block < 60; block++) chain.block();
  });
}

Deno.test("an incident takes more than two thirds of the stake at one time, and concerns its engine only", () => {
  const chain = submittedRun(honest);
  assertEquals(vote(chain, "repops", 3), [null, null, null]);
  assertEquals(chain.task().status, "submitted");
  assertEquals(vote(chain, PROGRAM.engine, 2), [null, null]);
  // One of the two names another engine now, so its vote does not count here any more.
  const [first, , third] = VALIDATORS;
  assertEquals(chain.block([present(first), declare("ort-strict")]), [null]);
  assertEquals(chain.block([present(third), declare(PROGRAM.engine)]), [null]);
  assertEquals(chain.task().status, "submitted");
  assertEquals(chain.block([present(first), declare(PROGRAM.engine)]), [null]);
  assertEquals(chain.task().status, "failed");
});

Deno.test("only validators declare an incident, each once; no task for the engine is posted any more, and none is disputed", () => {
  const chain = submittedRun(honest);
  assertEquals(chain.block([CHALLENGER, declare(PROGRAM.engine)]), ["not_a_validator"]);
  const [first] = VALIDATORS;
  assertEquals(chain.block([present(first), declare(PROGRAM.engine)]), [null]);
  assertEquals(chain.block([present(first), declare(PROGRAM.engine)]), ["already_voted"]);
  const rest = VALIDATORS.slice(1, 3);
  for (const validator of rest) assertEquals(chain.block([validator, declare(PROGRAM.engine)]), [null]);
  assertEquals(chain.block([present(VALIDATORS[3]), declare(PROGRAM.engine)]), ["already_declared"]);
  assertEquals(chain.block([OTHER_CHALLENGER, { kind: "open_dispute", task: chain.taskId }]), [
    "not_submitted",
  ]);
  const post: Operation = {
    kind: "post_task",
    title: "again",
    program: PROGRAM,
    manifest: ZERO_HASH,
    reward: 1n,
    collateral: 1n,
    gain: 0n,
    auditSegments: 0,
    memoryMiB: 1,
    thresholdPpm: null,
    computeBlocks: 10,
  };
  assertEquals(chain.block([REQUESTER, post]), ["engine_faulty"]);
  const other: Operation = { ...post, program: { ...PROGRAM, engineHash: new Uint8Array(32).fill(1) } };
  assertEquals(chain.block([REQUESTER, other]), [null]);
});
