import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { longestAvailability } from "../../../ledger/availability/mod.ts";
import { AUDITORS, PROVIDER, REQUESTER, REWARD, tokens } from "../disputes/toy_chain.ts";
import {
  ABSENCE,
  answer,
  availabilityOf,
  certify,
  decided,
  demanded,
  drawn,
  ended,
  FEE,
  openedResult,
  PAY,
} from "./play.ts";
import { FINAL } from "./real_blobs.ts";

const OUTPUT = { kind: "state", segment: FINAL, tensor: 0 } as const;
/** What the requester puts aside: pay for three members of three committees in each of four attempts. */
const ESCROW = PAY * 3n * 3n * 4n;

Deno.test("a result is paid when its committee certifies, and no later than without one; members are paid from the escrow", () => {
  const plain = openedResult({ certifierCount: 0 });
  ended(plain);
  const chain = openedResult();
  assertEquals(chain.balance(REQUESTER), tokens(100) - REWARD - ESCROW);
  const members = drawn(chain);
  assertEquals(members.length, 3);
  assertEquals(
    chain.block(...members.map((member) => [member, certify(chain)] as const)),
    members.map(() => null),
  );
  assertEquals(availabilityOf(chain).stage, "held");
  assertEquals(ended(chain), "done");
  assertEquals(chain.height(), plain.height());
  assertEquals(chain.balance(PROVIDER), tokens(100) + REWARD);
  for (const member of members) assertEquals(chain.balance(member), tokens(100) + PAY);
  assertEquals(chain.balance(REQUESTER), tokens(100) - REWARD - 3n * PAY);
});

Deno.test("two thirds of the seats are not enough: it takes more", () => {
  const chain = openedResult();
  const [first, second] = drawn(chain);
  if (first === undefined || second === undefined) throw new Error("three were drawn");
  chain.block([first, certify(chain)], [second, certify(chain)]);
  while (availabilityOf(chain).stage === "certify") chain.block();
  assertEquals(availabilityOf(chain).stage, "draw");
});

Deno.test("a member that is silent is fined and drawn no more; those who certified count again", () => {
  const chain = openedResult();
  const [first, second, silent] = drawn(chain);
  if (first === undefined || second === undefined || silent === undefined) {
    throw new Error("three were drawn");
  }
  chain.block([first, certify(chain)], [second, certify(chain)]);
  assertEquals(decided(chain), "held");
  assertEquals(availabilityOf(chain).seats.map(({ certified }) => certified), [true, true]);
  assertEquals(chain.stake("challenger", silent), tokens(50) - ABSENCE);
  assertEquals(chain.stake("challenger", first), tokens(50));
  assertEquals(ended(chain), "done");
  assertEquals(
    [first, second, silent].map((member) => chain.balance(member)),
    [tokens(100) + PAY, tokens(100) + PAY, tokens(100)],
  );
});

Deno.test("with more challengers than seats others are drawn when one is silent, without the provider and the requester", () => {
  const chain = openedResult({ auditors: 3, certifierCount: 1 });
  const [silent] = drawn(chain);
  while (availabilityOf(chain).draws < 2) chain.block();
  const [next] = availabilityOf(chain).seats;
  assert(next !== undefined && silent !== undefined);
  if (next === undefined || silent === undefined) throw new Error("somebody was drawn twice");
  assert(String(next.member) !== String(silent));
  assert(AUDITORS.some((auditor) => String(auditor) === String(next.member)));
});

Deno.test("who has certified in a committee without a quorum is paid, and answers for it, also when others are drawn then", () => {
  // Of three challengers two have seats: the second committee has whom the first one had in some of these chains, and in some not.
  const seen = new Set<string>();
  for (let wait = 0; wait < 16; wait++) {
    const chain = openedResult({ certifierCount: 2, certifyBlocks: 6 + Math.floor(wait / 2) });
    const [first, second] = drawn(chain), isAnswered = wait % 2 === 0;
    if (first === undefined || second === undefined) throw new Error("two were drawn");
    assertEquals(chain.block([first, certify(chain)]), [null]);
    const complaint = demanded(chain, second, OUTPUT);
    assertEquals(chain.block([PROVIDER, answer(chain, complaint)]), [null]);
    while (availabilityOf(chain).draws < 2) chain.block();
    const again = availabilityOf(chain).seats.find(({ member }) => String(member) === String(first));
    assertEquals(again?.certified ?? true, true, "who is drawn again counts again");
    const last = demanded(chain, REQUESTER, OUTPUT, 1);
    if (isAnswered) assertEquals(chain.block([PROVIDER, answer(chain, last)]), [null]);
    ended(chain);
    assertEquals(
      [chain.balance(first), chain.stake("challenger", first)],
      isAnswered
        ? [tokens(100) + PAY, tokens(50)]
        : [tokens(100), tokens(50) - chain.params.auditFaultPenalty],
    );
    seen.add(`${again === undefined ? "not" : "drawn again"}, ${isAnswered ? "shown" : "withheld"}`);
  }
  assertEquals(seen.size, 4, [...seen].join("; "));
});

Deno.test("what no committee holds is not paid: nobody is slashed, the task is open to others, the requester loses nothing", () => {
  const chain = openedResult();
  const start = chain.height();
  assertEquals(decided(chain), "unheld");
  assert(Number(chain.height() - start) <= longestAvailability(availabilityOf(chain).taken, chain.params));
  assertEquals(ended(chain), "open");
  assertEquals(chain.stake("provider", PROVIDER), tokens(100));
  assertEquals(chain.balance(PROVIDER), tokens(100));
  assertEquals(chain.task().excluded, [PROVIDER]);
  assertEquals(chain.task().auditEscrow, ESCROW, "nobody certified, so nobody was paid");
  // All three were silent: then nobody was left to draw.
  for (const auditor of AUDITORS) assertEquals(chain.stake("challenger", auditor), tokens(50) - ABSENCE);
});

Deno.test("on the last attempt the requester is refunded", () => {
  const chain = openedResult({ maxAttempts: 1 });
  assertEquals(ended(chain), "failed");
  assertEquals(chain.balance(REQUESTER), tokens(100));
  assertEquals(chain.stake("provider", PROVIDER), tokens(100));
});

Deno.test("where attempts are left and nobody comes, the requester is refunded as soon as a task that is open has waited", () => {
  const chain = openedResult({ openBlocks: 30 });
  // One of three certifies, which is too few, and yet it has worked; the others say that they could not fetch.
  const [member, ...others] = drawn(chain);
  if (member === undefined) throw new Error("three were drawn");
  assertEquals(chain.block([member, certify(chain)]), [null]);
  for (const [i, other] of others.entries()) {
    const open = demanded(chain, other, OUTPUT, i);
    assertEquals(chain.block([PROVIDER, answer(chain, open)]), [null]);
  }
  assertEquals(ended(chain), "open");
  const { reward, auditEscrow, attempt, deadline } = chain.task();
  assertEquals([reward, attempt], [REWARD, 1]);
  assertEquals(deadline, chain.height() + 30n);
  while (chain.task().status === "open") chain.block();
  assertEquals([chain.task().status, chain.height()], ["failed", deadline]);
  assertEquals(chain.balance(REQUESTER), tokens(100) - (ESCROW - auditEscrow), "but for who has certified");
  assertEquals(ESCROW - auditEscrow, chain.balance(member) - tokens(100));
  for (const other of [PROVIDER, ...others]) assertEquals(chain.balance(other), tokens(100));
});

Deno.test("a requester takes back at once a task whose result nobody holds", () => {
  const chain = openedResult();
  assertEquals(ended(chain), "open");
  assertEquals(chain.block([REQUESTER, { kind: "cancel_task", task: chain.taskId }]), [null]);
  assertEquals([chain.task().status, chain.balance(REQUESTER)], ["cancelled", tokens(100)]);
});

Deno.test("a result that nobody holds is still judged first: its challenge window and its disputes come to their end", () => {
  // Fined, they would have too little stake to dispute.
  const chain = openedResult({ certifierAbsencePenalty: 0n });
  const end = chain.task().deadline;
  assertEquals(decided(chain), "unheld");
  if (chain.height() < end) assertEquals(chain.task().status, "submitted");
  const [challenger] = AUDITORS;
  if (challenger === undefined) throw new Error("there are challengers");
  chain.open(challenger);
  for (let blocks = 0; blocks < 4; blocks++) chain.block();
  assertEquals(chain.task().status, "disputed", "the dispute is not cut short");
  ended(chain);
  assert(
    chain.stake("provider", PROVIDER) < tokens(100),
    "the provider was silent in the dispute, and lost it",
  );
});

Deno.test("a member that says what it could not fetch is not fined, and gets the fee back if nobody holds the result", () => {
  const chain = openedResult();
  const members = drawn(chain);
  const [honest] = members;
  if (honest === undefined) throw new Error("three were drawn");
  // All chunks it demands are answered in time, and yet it cannot get the rest.
  const open = demanded(chain, honest, OUTPUT);
  assertEquals(chain.balance(honest), tokens(100) - FEE);
  assertEquals(chain.block([PROVIDER, answer(chain, open)]), [null]);
  assertEquals(decided(chain), "unheld");
  assertEquals(ended(chain), "open");
  assertEquals(chain.stake("challenger", honest), tokens(50));
  assertEquals(chain.balance(honest), tokens(100));
  assertEquals(
    chain.balance(PROVIDER),
    tokens(100),
    "nobody is paid for an answer that should not have been needed",
  );
});

Deno.test("only a member certifies, once, and only while it is asked", () => {
  const chain = openedResult({ auditors: 3, certifierCount: 2 });
  assertEquals(chain.block([PROVIDER, certify(chain)]), ["wrong_stage"]);
  const [member] = drawn(chain);
  const stranger = AUDITORS.find((auditor) =>
    !availabilityOf(chain).seats.some((seat) => String(seat.member) === String(auditor))
  );
  if (member === undefined || stranger === undefined) throw new Error("two of three were drawn");
  assertEquals(
    chain.block([stranger, certify(chain)], [member, certify(chain)], [member, certify(chain)], [
      REQUESTER,
      { kind: "certify_result", task: member },
    ]),
    ["not_a_certifier", null, "already_certified", "not_committed"],
  );
});
