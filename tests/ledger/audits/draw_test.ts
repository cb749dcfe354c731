import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { drawSegments } from "../../../ledger/audits/mod.ts";
import { hash, utf8, ZERO_HASH } from "../../../ledger/primitives/mod.ts";

const beacon = (trial: number) => hash("test/beacon", utf8(String(trial)));

Deno.test("drawn segments are as many as wanted, ascending, in range, and no two are neighbours on the circle", () => {
  for (const [segments, count] of [[2, 1], [4, 2], [7, 3], [100, 50], [1000, 64], [65_536, 64]] as const) {
    for (let trial = 0; trial < 50; trial++) {
      const drawn = drawSegments(ZERO_HASH, beacon(trial), segments, count);
      assertEquals(drawn.length, count);
      for (const [i, segment] of drawn.entries()) {
        assert(segment >= 0 && segment < segments);
        const next = drawn[(i + 1) % count] ?? 0;
        if (count > 1) assert((next - segment + segments) % segments >= 2, `${drawn} of ${segments}`);
      }
    }
  }
});

Deno.test("where more than half are wanted, all are drawn", () => {
  assertEquals(drawSegments(ZERO_HASH, beacon(0), 5, 3), [0, 1, 2, 3, 4]);
  assertEquals(drawSegments(ZERO_HASH, beacon(0), 1, 1), [0]);
});

Deno.test("every segment is drawn equally often", () => {
  const segments = 11, count = 3, trials = 6000;
  const seen = new Array<number>(segments).fill(0);
  for (let trial = 0; trial < trials; trial++) {
    for (const segment of drawSegments(ZERO_HASH, beacon(trial), segments, count)) {
      seen[segment] = (seen[segment] ?? 0) + 1;
    }
  }
  const expected = trials * count / segments;
  const chance = count / segments;
  const sigma = Math.sqrt(trials * chance * (1 - chance));
  for (const times of seen) assert(Math.abs(times - expected) < 4.5 * sigma, `${seen}`);
});
