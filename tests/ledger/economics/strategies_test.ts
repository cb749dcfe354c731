/** The wagers: their chances against plays by the rules of the draw, their conditions against exact sums. */
import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import {
  auditPayOf,
  type Circumstances,
  conditionsOf,
  exampleOf,
  expectedGain,
  isDeterred,
  missed,
  netLoss,
  sampledSegments,
  slotsGivenUp,
  strategies,
  type Strategy,
} from "../../../ledger/economics/mod.ts";
import { devParams, UNITS_PER_TOKEN } from "../../../ledger/mod.ts";
import { type Played, playWager } from "../../../tools/simulation/economics/mod.ts";
import { makeDice } from "../../../tools/simulation/mod.ts";

const EXAMPLE = exampleOf(devParams(), 20n * UNITS_PER_TOKEN);

function strategyOf(name: string): Strategy {
  const found = strategies.find((strategy) => strategy.name === name);
  if (found === undefined) throw new RangeError(`There is no strategy "${name}"`);
  return found;
}

/** Small runs, in which chances are neither 0 nor 1, with bias and collusion. */
const SETTINGS: readonly Circumstances[] = [
  { ...EXAMPLE, segments: 12, sampled: 3, auditors: 2, colludingPpm: 300_000, slots: 0, bribedPpm: 300_000 },
  {
    ...EXAMPLE,
    segments: 10,
    sampled: 4,
    auditors: 3,
    colludingPpm: 500_000,
    slots: 1,
    bribedPpm: 450_000,
    certifiers: 4,
  },
  {
    ...EXAMPLE,
    segments: 9,
    sampled: 2,
    auditors: 1,
    colludingPpm: 200_000,
    slots: 2,
    arbiters: 5,
    certifiers: 6,
  },
];

const PLAYED: Readonly<Record<string, Played>> = {
  "skip steps": "one wrong segment",
  "stale weights": "one wrong segment",
  "wrong metric": "one wrong segment",
  "early stop": "half of the segments wrong",
  "fewer bits": "every segment wrong",
  "other data": "every segment wrong",
  "colluding auditors": "auditors collude",
  "bribed committee": "a committee is bribed",
  "false complaints": "a committee is kept from its quorum",
  "bribed arbiter, no appeal": "a majority is bribed",
};

const PLAYS = 2_000;

for (const [name, played] of Object.entries(PLAYED)) {
  Deno.test(`${name}: caught as often as the formula says, and brings what it says`, () => {
    const strategy = strategyOf(name);
    for (const [seed, circumstances] of SETTINGS.entries()) {
      const wager = strategy.wager(circumstances);
      const chance = Number(wager.caught.numerator) / Number(wager.caught.denominator);
      const { caught } = playWager(played, circumstances, PLAYS, makeDice(seed + 1));
      // Four standard errors of a binomial, and one play for what is certain.
      const error = 4 * Math.sqrt(PLAYS * chance * (1 - chance)) + 1;
      assert(Math.abs(caught - PLAYS * chance) <= error, `${caught} of ${PLAYS}, expected ${PLAYS * chance}`);
      const gained = Number(wager.wins) * (PLAYS - caught) - Number(wager.loses) * caught;
      const most = Number(wager.wins + wager.loses) * error;
      assert(Math.abs(gained - Number(expectedGain(wager)) * PLAYS) <= most + PLAYS, "gain");
    }
  });
}

Deno.test("a sample misses segments in a row as often as counting all samples shows", () => {
  for (const [segments, sampled] of [[6, 2], [7, 3], [9, 3], [8, 4]] as const) {
    const samples = Array.from({ length: 2 ** segments }, (_, bits) => bits).filter((bits) =>
      bits.toString(2).replaceAll("0", "").length === sampled &&
      Array.from({ length: segments }, (_, i) => i).every((i) =>
        !(bits >> i & 1 && bits >> (i + 1) % segments & 1)
      )
    );
    for (let wrong = 1; wrong <= segments; wrong++) {
      const missing = samples.filter((bits) => (bits & (2 ** wrong - 1)) === 0).length;
      const { numerator, denominator } = missed(segments, sampled, wrong);
      assertEquals(
        numerator * BigInt(samples.length),
        BigInt(missing) * denominator,
        `${segments} ${sampled} ${wrong}`,
      );
    }
  }
});

Deno.test("the sample of rule 8 deters a lie about one segment where nobody colludes and the beacon is not biased", () => {
  const skip = strategyOf("skip steps");
  for (let gain = 1n; gain < 400n; gain += 7n) {
    const terms = { ...EXAMPLE, gain: gain * UNITS_PER_TOKEN, colludingPpm: 0, slots: 0 };
    const sampled = sampledSegments({ ...terms, asked: 1 });
    assert(isDeterred(skip.wager({ ...terms, sampled })), `gain ${gain}`);
    if (sampled > 1 && sampled < terms.segments) {
      // Rule 8 leaves own segments out: without them one fewer would not do.
      const fewer = BigInt(sampled - 1), loss = netLoss(terms.collateral, terms.proverSharePpm);
      const isEnough = fewer * loss >= (BigInt(terms.segments) - fewer) * terms.gain;
      assert(!isEnough, `gain ${gain}: one fewer would do`);
    }
  }
});

Deno.test("another draw costs as many slots as playing all draws out shows", () => {
  // Every draw suits or not, each with the chance 1/3; the draws are the subsets of the slots that are left empty.
  const once = { numerator: 1n, denominator: 3n };
  for (const slots of [0, 1, 2, 3]) {
    const draws = 2 ** slots;
    let given = 0, all = 0;
    for (let outcome = 0; outcome < 3 ** draws; outcome++) {
      const suits = Array.from({ length: draws }, (_, i) => Math.floor(outcome / 3 ** i) % 3 === 0);
      const sizes = suits.flatMap((isSuited, subset) =>
        isSuited ? [subset.toString(2).replaceAll("0", "").length] : []
      );
      given += sizes.length === 0 ? 0 : Math.min(...sizes);
      all++;
    }
    const { numerator, denominator } = slotsGivenUp(once, slots);
    assertEquals(numerator * BigInt(all), BigInt(given) * denominator, `${slots} slots`);
  }
});

Deno.test("slots before a draw raise what a lie brings, and the price of empty ones lowers it again", () => {
  const skip = strategyOf("skip steps");
  const at = (slots: number, emptySlot: bigint) => expectedGain(skip.wager({ ...EXAMPLE, slots, emptySlot }));
  assert(at(2, 0n) > at(0, 0n));
  assert(at(2, UNITS_PER_TOKEN) < at(2, 0n));
  assertEquals(at(0, UNITS_PER_TOKEN), at(0, 0n));
});

Deno.test("under the parameters of a test network every condition holds and every strategy is deterred", () => {
  assertEquals(conditionsOf(devParams()).filter(({ holds }) => !holds), []);
  assertEquals(strategies.filter((each) => !isDeterred(each.wager(EXAMPLE))).map(({ name }) => name), []);
});

Deno.test("what an auditor of the example risks is the penalty of audits, not that of arbiters", () => {
  const params = devParams({ auditAbsencePenalty: 7n, arbiterAbsencePenalty: 5n });
  assertEquals(exampleOf(params, UNITS_PER_TOKEN).auditPenalty, 7n);
});

Deno.test("an auditor of any task earns what auditing costs where a provider keeps half, and a little where segments are tiny", () => {
  const params = devParams();
  for (const pay of [1n, 1_000n, UNITS_PER_TOKEN, 20n * UNITS_PER_TOKEN, 10n ** 15n]) {
    for (const segments of [1, 3, 100, 65_536]) {
      const earned = auditPayOf({ pay, segments }, params);
      assert(earned >= params.auditPay && 2n * BigInt(segments) * earned >= pay, `${pay} for ${segments}`);
    }
    const { auditPay, auditCost } = exampleOf(params, pay);
    assert(auditPay >= auditCost, `the example that pays ${pay}`);
  }
  assertEquals(auditPayOf({ pay: 20n * UNITS_PER_TOKEN, segments: 100 }, params), UNITS_PER_TOKEN / 10n);
});

Deno.test("a parameter that breaks a condition is named", () => {
  const broken = conditionsOf(devParams({ proverSharePpm: 600_000 })).filter(({ holds }) => !holds);
  assertEquals(broken.map(({ says }) => says), [
    "At least half of a slash is burned, so nobody wins by proving its own fault.",
  ]);
});
