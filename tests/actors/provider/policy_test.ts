import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertStringIncludes } from "@std/assert/string_includes.js";
import { RESERVE_BLOCKS, SAFETY, windowReason } from "../../../actors/provider/policy.ts";

const ONE = { slots: 1 }, BLOCK_MS = 500;

Deno.test("a window is taken from the block on that holds the run with its margin and the reserve", () => {
  const runMs = 10_000;
  const least = RESERVE_BLOCKS + SAFETY * runMs / BLOCK_MS;
  const reason = (computeBlocks: number) =>
    windowReason(ONE, { computeBlocks }, { runMs, blockMs: BLOCK_MS });
  assertEquals(reason(least), null);
  const short = reason(least - 1);
  assert(short !== null);
  assertStringIncludes(
    short,
    `its window of ${least - 1} blocks of 0.5 s is too short: a run takes 10.0 s here`,
  );
});

Deno.test("a provider with several slots counts on all of them being busy", () => {
  const task = { computeBlocks: RESERVE_BLOCKS + 50 }, timing = { runMs: 10_000, blockMs: BLOCK_MS };
  assertEquals(windowReason(ONE, task, timing), null);
  assert(windowReason({ slots: 2 }, task, timing) !== null);
});

Deno.test("a window that only holds the reserve is declined whatever the run takes", () => {
  const reason = windowReason(ONE, { computeBlocks: RESERVE_BLOCKS }, { runMs: 0, blockMs: BLOCK_MS });
  assertStringIncludes(reason ?? "", "before a result is final");
});

Deno.test("a program whose first steps take too long to tell is declined", () => {
  const reason = windowReason(ONE, { computeBlocks: 1_000 }, { runMs: null, blockMs: BLOCK_MS });
  assertStringIncludes(reason ?? "", "took too long to tell");
});
