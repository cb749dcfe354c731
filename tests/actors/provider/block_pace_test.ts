import { assertEquals } from "@std/assert/equals.js";
import { makeBlockPace } from "../../../actors/provider/block_pace.ts";

Deno.test("the pace of blocks is known after four notes, and neither a pause nor a catch-up changes it", () => {
  const pace = makeBlockPace();
  for (const i of [0, 1, 2]) pace.note(BigInt(10 + i), i * 250);
  pace.note(12n, 700); // the same block again says nothing
  assertEquals(pace.blockMs(), undefined);
  pace.note(14n, 1_000); // two blocks at once
  assertEquals(pace.blockMs(), 250);
  pace.note(15n, 61_000); // a minute without blocks
  pace.note(300n, 61_100); // and all that was missed
  pace.note(301n, 61_350);
  assertEquals(pace.blockMs(), 250);
});

Deno.test("a network that has become faster is known to be so", () => {
  const pace = makeBlockPace();
  let now = 0;
  for (let height = 1n; height <= 60n; height++) pace.note(height, now += height <= 40n ? 1_000 : 200);
  assertEquals(pace.blockMs(), 200);
});
