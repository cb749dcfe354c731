import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { MAX_CERTIFIERS, MAX_DEMANDS, MAX_OPEN_DEMANDS } from "../../../ledger/availability/mod.ts";
import { answerCost, MAX_COMMITTEES } from "../../../ledger/economics/mod.ts";
import { CHUNK_BYTES } from "../../../ledger/primitives/mod.ts";
import {
  ARBITERS,
  AUDITORS,
  COLLATERAL,
  committedRun,
  OTHER_CHALLENGER,
  PROVIDER,
  REQUESTER,
  REWARD,
  tokens,
  type ToyChain,
} from "../disputes/toy_chain.ts";
import { openInputs } from "../audits/play.ts";
import {
  answer,
  availabilityOf,
  certify,
  demand,
  demanded,
  drawn,
  ended,
  FEE,
  openedResult,
  OPTIONS,
} from "./play.ts";
import { FINAL, OPENED, proofOf, SEGMENT_ROOTS } from "./real_blobs.ts";

const [ARBITER] = ARBITERS, STAKER = ARBITER ?? PROVIDER;
const OUTPUT = { kind: "state", segment: FINAL, tensor: 0 } as const;
const STEP = { kind: "step", segment: 3, step: 1, tensor: 0 } as const;
const INPUT = { kind: "data", tensor: 0 } as const;

/** A result that its committee has certified. */
function heldResult(): ToyChain {
  const chain = openedResult();
  const members = drawn(chain);
  chain.block(...members.map((member) => [member, certify(chain)] as const));
  assertEquals(availabilityOf(chain).stage, "held");
  return chain;
}

Deno.test("a demanded chunk is answered on the ledger, which keeps the height and not the chunk; its cost is paid back, the rest burned", () => {
  const chain = heldResult();
  const open = demanded(chain, STAKER, OUTPUT, 1);
  assertEquals(chain.balance(STAKER), tokens(100) - FEE);
  assertEquals(chain.block([PROVIDER, answer(chain, open)]), [null]);
  const [answered] = availabilityOf(chain).answered;
  assertEquals([answered?.height, answered?.chunk, answered?.answerer], [chain.height(), 1, PROVIDER]);
  const largest = Math.max(...Array.from(chain.state().entries(), ([, value]) => value.length));
  assert(largest < CHUNK_BYTES / 4, `a record has ${largest} bytes`);
  assertEquals(chain.block([STAKER, demand(chain, OUTPUT, 1)]), ["already_demanded"]);
  const burned = chain.burned();
  assertEquals(ended(chain), "done");
  const cost = answerCost(chain.params);
  assert(cost > 0n && cost < FEE);
  assertEquals(chain.balance(PROVIDER), tokens(100) + REWARD + cost);
  assertEquals(chain.balance(STAKER), tokens(100) - FEE);
  assertEquals(chain.burned() - burned, FEE - cost);
});

Deno.test("a provider that does not show a demanded chunk loses all its collateral, and the demand costs nothing", () => {
  const chain = heldResult();
  const { deadline } = demanded(chain, STAKER, STEP);
  while (chain.height() < deadline) {
    assertEquals(chain.task().status, "submitted");
    chain.block();
  }
  assertEquals(chain.stake("provider", PROVIDER), tokens(100) - COLLATERAL);
  assertEquals(chain.balance(STAKER), tokens(100));
  assertEquals([chain.task().status, chain.task().excluded], ["open", [PROVIDER]]);
  // Who certified that it holds the chunk could have shown it.
  const { auditFaultPenalty } = chain.params;
  for (const member of AUDITORS) {
    assertEquals(chain.stake("challenger", member), tokens(50) - auditFaultPenalty);
    assertEquals(chain.balance(member), tokens(100), "and is not paid");
  }
});

Deno.test("anybody may answer: a member that holds the chunk keeps the result and its own stake", () => {
  const chain = heldResult();
  const open = demanded(chain, STAKER, STEP);
  const [member] = AUDITORS;
  if (member === undefined) throw new Error("there are members");
  assertEquals(chain.block([member, answer(chain, open)], [PROVIDER, answer(chain, open)]), [
    null,
    "unknown_demand",
  ]);
  assertEquals(ended(chain), "done");
  assertEquals(chain.balance(member), tokens(100) + OPTIONS.certifierPay + answerCost(chain.params));
});

Deno.test("a requester that does not show its own file ends the task: it is refunded, the provider is free and unharmed", () => {
  const chain = heldResult();
  const { deadline } = demanded(chain, STAKER, INPUT, 2);
  while (chain.height() < deadline) chain.block();
  assertEquals(chain.task().status, "failed");
  assertEquals(chain.stake("provider", PROVIDER), tokens(100));
  assertEquals(chain.balance(PROVIDER), tokens(100));
  // Those who certified have done their part.
  assertEquals(chain.balance(REQUESTER), tokens(100) - 3n * OPTIONS.certifierPay);
  assertEquals(chain.balance(STAKER), tokens(100));
});

Deno.test("a provider keeps its pay by showing the requester's file itself", () => {
  const chain = heldResult();
  const open = demanded(chain, STAKER, INPUT, 2);
  assertEquals(chain.block([PROVIDER, answer(chain, open)]), [null]);
  assertEquals(ended(chain), "done");
});

Deno.test("the challenge window lasts until a demanded chunk was due and as long again, and no result is final before", () => {
  const chain = heldResult();
  while (chain.height() + 2n < chain.task().deadline) chain.block();
  const at = chain.height();
  demanded(chain, STAKER, OUTPUT);
  assertEquals(chain.task().deadline, at + 1n + 2n * BigInt(OPTIONS.demandBlocks));
});

Deno.test("a committee waits for demanded chunks", () => {
  const chain = openedResult();
  const [member] = drawn(chain);
  if (member === undefined) throw new Error("three were drawn");
  while (chain.height() + 2n < availabilityOf(chain).deadline) chain.block();
  const open = demanded(chain, member, OUTPUT);
  chain.block([PROVIDER, answer(chain, open)]);
  for (let blocks = 0; blocks < OPTIONS.demandBlocks; blocks++) chain.block();
  assertEquals(availabilityOf(chain).stage, "certify");
  assertEquals(chain.block([member, certify(chain)]), [null]);
});

Deno.test("auditors wait for demanded inputs, and what is sealed cannot be demanded", () => {
  const run = { steps: [], segmentRoots: SEGMENT_ROOTS };
  const chain = committedRun(run, { ...OPTIONS, auditorCount: 2, auditSegments: 7 });
  while (chain.audit().stage === "draw") chain.block();
  const [auditor] = chain.audit().seats;
  if (auditor === undefined) throw new Error("auditors were drawn");
  const middle = { kind: "state", segment: OPENED, tensor: 0 } as const;
  assertEquals(chain.block([auditor.auditor, demand(chain, middle)]), ["not_opened"]);
  chain.block([PROVIDER, openInputs(chain.audit(), run)]);
  assertEquals(chain.audit().stage, "commit");
  assertEquals(chain.block([auditor.auditor, demand(chain, OUTPUT)]), ["not_opened"]);
  while (chain.height() + 2n < chain.audit().deadline) chain.block();
  const open = demanded(chain, auditor.auditor, middle, 1);
  assertEquals(chain.block([PROVIDER, answer(chain, open)]), [null]);
  for (let blocks = 0; blocks < OPTIONS.demandBlocks; blocks++) chain.block();
  assertEquals(chain.audit().stage, "commit", "time to use what was shown");
  assertEquals(chain.stake("challenger", auditor.auditor), tokens(50));
});

Deno.test("an answer shows the demanded chunk and no other, and a blob that is too short shows that", () => {
  const chain = heldResult();
  const open = demanded(chain, STAKER, OUTPUT, 1);
  const wrong = { ...answer(chain, open), proof: proofOf(OUTPUT, 0) } as ReturnType<typeof answer>;
  assertEquals(chain.block([PROVIDER, wrong]), ["wrong_chunk"]);
  assertEquals(chain.block([PROVIDER, answer(chain, open)]), [null]);
  const beyond = demanded(chain, STAKER, OUTPUT, 4_000_000);
  assertEquals(chain.block([PROVIDER, answer(chain, beyond)]), [null]);
});

Deno.test("who has no stake cannot demand, nor who must serve the blob, nor what the program has not", () => {
  const chain = heldResult();
  assertEquals(
    chain.block(
      [OTHER_CHALLENGER, demand(chain, OUTPUT)], // of this name nobody is staked here
      [PROVIDER, demand(chain, OUTPUT)],
      [REQUESTER, demand(chain, INPUT)],
      [STAKER, demand(chain, { ...OUTPUT, tensor: 3 })],
      [STAKER, demand(chain, { ...STEP, step: 2 })],
      [STAKER, demand(chain, { kind: "graph", phase: 3 })],
      [STAKER, demand(chain, { kind: "state", segment: 5, tensor: 0 })],
      [STAKER, { kind: "demand_chunk", task: PROVIDER, what: OUTPUT, chunk: 0 }],
    ),
    [
      "not_a_staker",
      "own_blob",
      "own_blob",
      "no_such_place",
      "no_such_place",
      "no_such_place",
      "not_opened",
      "not_committed",
    ],
  );
  assertEquals(chain.block([REQUESTER, demand(chain, OUTPUT)], [PROVIDER, demand(chain, INPUT)]), [
    null,
    null,
  ]);
});

Deno.test("strangers' demands are few at once and few in all, and take no member's place", () => {
  const chain = openedResult({ demandFee: tokens(1) });
  const [member] = drawn(chain);
  if (member === undefined) throw new Error("three were drawn");
  const fill = (from: number) =>
    Array.from({ length: MAX_OPEN_DEMANDS }, (_, i) => [STAKER, demand(chain, OUTPUT, from + i)] as const);
  assertEquals(
    chain.block(...fill(100), [STAKER, demand(chain, OUTPUT, 99)], [member, demand(chain, STEP)]),
    [
      ...Array.from({ length: MAX_OPEN_DEMANDS }, () => null),
      "too_many_demands",
      null,
    ],
  );
  assertEquals(chain.block([member, demand(chain, OUTPUT)]), ["too_many_demands"], "one at a time");
  let made = MAX_OPEN_DEMANDS;
  while (made < MAX_DEMANDS) {
    chain.block(...availabilityOf(chain).demands.map((open) => [PROVIDER, answer(chain, open)] as const));
    chain.block(...fill(100 + made));
    made += MAX_OPEN_DEMANDS;
  }
  chain.block(...availabilityOf(chain).demands.map((open) => [PROVIDER, answer(chain, open)] as const));
  assertEquals(chain.block([STAKER, demand(chain, OUTPUT)]), ["too_many_demands"]);
  // A bounded delay, at a price: the result is final in the end.
  chain.block(...availabilityOf(chain).seats.map((seat) => [seat.member, certify(chain)] as const));
  assertEquals(ended(chain), "done");
  const cost = answerCost(chain.params) * BigInt(made + 1);
  assertEquals(chain.balance(PROVIDER), tokens(100) + REWARD + cost);
});

Deno.test("every member of every committee has a place for its demand, also while a dispute keeps those of earlier ones open", () => {
  // While a result is disputed its requester's silence ends nothing: what is demanded of it stays open.
  const chain = openedResult({
    auditors: 0,
    certifierCount: MAX_CERTIFIERS,
    certifierPay: 1n,
    roundBlocks: 400,
  });
  const places = MAX_OPEN_DEMANDS + MAX_CERTIFIERS * MAX_COMMITTEES;
  const demandedOnes = () => availabilityOf(chain).demands.length;
  for (let committee = 0; committee < MAX_COMMITTEES; committee++) {
    const members = drawn(chain);
    if (committee === 0) chain.open();
    const strangers = committee > 0 ? [] : Array.from({ length: MAX_OPEN_DEMANDS }, () => STAKER);
    for (const by of [...strangers, ...members]) {
      assertEquals(chain.block([by, demand(chain, INPUT, demandedOnes())]), [null]);
    }
    while (availabilityOf(chain).stage === "certify") chain.block();
  }
  assertEquals(chain.task().status, "disputed");
  assert(demandedOnes() > MAX_OPEN_DEMANDS + MAX_CERTIFIERS && demandedOnes() <= places);
});
