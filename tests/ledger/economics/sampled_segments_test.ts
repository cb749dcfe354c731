/** How many segments are sampled: the inequality of rule 8, checked against a search over fractions. */
import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import fc from "fast-check";
import { sampledSegments, type SamplingTerms } from "../../../ledger/economics/mod.ts";

const terms: fc.Arbitrary<SamplingTerms> = fc.record({
  segments: fc.integer({ min: 1, max: 200 }),
  collateral: fc.bigInt(0n, 10_000n),
  proverSharePpm: fc.constantFrom(0, 250_000, 400_000, 500_000),
  pay: fc.bigInt(0n, 3_000n),
  gain: fc.bigInt(0n, 100_000n),
  asked: fc.integer({ min: 0, max: 200 }),
});

/** Rule 8 by the letter, multiplied out so that nothing is rounded but the loss. */
function deters({ segments, collateral, proverSharePpm, pay, gain }: SamplingTerms, k: number): boolean {
  const loss = collateral - (collateral * BigInt(proverSharePpm) + 999_999n) / 1_000_000n;
  return loss >= pay && loss * BigInt(k) >= gain * BigInt(segments - k);
}

Deno.test("the least sample that deters is taken, and all segments where none does or none is apart", () => {
  fc.assert(fc.property(terms, (given) => {
    const { segments, asked } = given;
    let expected = segments;
    for (let k = Math.max(1, asked); k <= segments / 2; k++) {
      if (deters(given, k) && given.collateral > 0n) {
        expected = k;
        break;
      }
    }
    assertEquals(sampledSegments(given), expected);
  }));
});

Deno.test("more collateral never means that more is sampled, more gain never that less is", () => {
  fc.assert(fc.property(terms, fc.bigInt(0n, 1_000n), (given, more) => {
    const now = sampledSegments(given);
    assert(sampledSegments({ ...given, collateral: given.collateral + more }) <= now);
    assert(sampledSegments({ ...given, gain: given.gain + more }) >= now);
  }));
});

Deno.test("a lie worth 540 that costs 60 has everything opened; one that costs 6000 has nine of 100 segments", () => {
  const task = { segments: 100, collateral: 100n, proverSharePpm: 400_000, pay: 20n, gain: 540n, asked: 1 };
  // 540/600 of the segments would have to be opened, which cannot be without neighbours.
  assertEquals(sampledSegments(task), 100);
  // 540/6540 = 8.26 %.
  assertEquals(sampledSegments({ ...task, collateral: 10_000n }), 9);
});
