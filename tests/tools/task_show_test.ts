/** What `assay task show` says of disputes and of the output, from records as the API hands them out. */
import { assertEquals } from "@std/assert/equals.js";
import type { Availability, AvailabilityStage } from "../../ledger/availability/mod.ts";
import type { Dispute, Outcome } from "../../ledger/disputes/mod.ts";
import { UNITS_PER_TOKEN } from "../../ledger/mod.ts";
import { toJson } from "../../tools/api/json.ts";
import { availabilityFields } from "../../tools/cli/availability_text.ts";
import { disputeLines } from "../../tools/cli/dispute_text.ts";

const address = (fill: number) => new Uint8Array(32).fill(fill);

const outcome: Outcome = {
  guilty: "provider",
  reason: "wrong_output",
  forfeited: 100n * UNITS_PER_TOKEN,
  awarded: 50n * UNITS_PER_TOKEN,
  arbiterFees: 0n,
  burned: 50n * UNITS_PER_TOKEN,
  closedAt: 90n,
  segment: 1,
  phase: 0,
  step: 7,
  tree: "nodes",
  node: 19,
  output: 0,
  chunk: 3,
  appeal: null,
  element: 50_000,
  block: 13,
};

function outcomeLine(changed: Partial<Outcome> | null): string {
  const dispute: Dispute = {
    id: address(1),
    task: address(2),
    attempt: 1,
    requester: address(3),
    provider: address(4),
    challenger: address(5),
    bond: 0n,
    runRoot: address(6),
    seed: address(7),
    openedAt: 10n,
    rounds: 9,
    stage: changed === null ? { kind: "wait" } : { kind: "closed" },
    deadline: 0n,
    outcome: changed === null ? null : { ...outcome, ...changed },
  };
  return disputeLines(toJson(dispute)).at(-1)?.replace(/^ *outcome +/, "") ?? "";
}

Deno.test("a dispute's end is told down to the block of a sum that it came to", () => {
  assertEquals(
    outcomeLine({}),
    "guilty: provider, wrong_output, step 7, node 19, output 0, chunk 3, element 50000, block 13 of its sum, 100 AIGENSYN taken",
  );
});

Deno.test("a dispute's end is told no further than it came, with what the appeal made of it", () => {
  const nothing = { output: null, chunk: null, element: null, block: null };
  assertEquals(
    outcomeLine({ ...nothing, tree: "outputs", node: 2, reason: "provider_silent", appeal: "upheld" }),
    "guilty: provider, provider_silent, step 7, output 2, 100 AIGENSYN taken, upheld on appeal",
  );
  assertEquals(
    outcomeLine({ ...nothing, guilty: null, reason: "result_void", step: null, node: null, forfeited: 0n }),
    "nobody guilty, result_void, no step, 0 AIGENSYN taken",
  );
  assertEquals(outcomeLine(null), "running: wait");
});

function availability(stage: AvailabilityStage): ReadonlyMap<string, string> {
  const record: Availability = {
    task: address(2),
    attempt: 1,
    provider: address(4),
    requester: address(3),
    stage,
    deadline: 40n,
    holdUntil: 0n,
    taken: 5,
    opened: [],
    draws: 2,
    seats: [{ member: address(8), certified: true }, { member: address(9), certified: false }],
    certified: [address(8)],
    fee: 1n,
    demands: [{
      id: address(10),
      by: address(5),
      what: { kind: "state", segment: 3, tensor: 1 },
      chunk: 4,
      deadline: 60n,
    }],
    answered: [{
      id: address(11),
      by: address(5),
      what: { kind: "manifest" },
      chunk: 0,
      answerer: address(3),
      height: 33n,
    }],
  };
  return new Map(availabilityFields(toJson(record)));
}

Deno.test("each stage of an output's availability has a sentence of its own, with what it waits for", () => {
  const sentences: Readonly<Record<AvailabilityStage, string>> = {
    sealed: "not public yet: auditors come first",
    draw: "a committee is drawn at height 40",
    certify:
      "committee 2: 1 of 2 members certified that they hold the output; the others have until height 40",
    held: "held: 1 of 2 members of the committee certified that they hold the whole output",
    unheld: "nobody certified that they hold the output: the result will not be paid",
    unasked: "not certified: there was nobody to be drawn",
  };
  for (const [stage, sentence] of Object.entries(sentences)) {
    assertEquals(availability(stage as AvailabilityStage).get("availability"), sentence);
  }
});

Deno.test("demanded and shown chunks are named by their place", () => {
  const fields = availability("held");
  assertEquals(
    fields.get("  demanded"),
    "state, segment 3, tensor 1, chunk 4; who must serve it loses at height 60",
  );
  assertEquals(fields.get("  shown"), "manifest, chunk 0, in the block of height 33");
  assertEquals(availabilityFields(toJson(null)), []);
});
