/**
 * The catalogue of cheats in simulated time: one seed of each strategy. `deno task sim --scenario cheats --seeds 50` plays more.
 */
import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { cheats } from "../../tools/simulation/cheats/mod.ts";
import { playCheat } from "../../tools/simulation/cheats_scenario.ts";
import { playValidatorCheat, validatorCheats } from "../../tools/simulation/validator_cheats.ts";
import { runCampaign } from "../../tools/simulation/mod.ts";

const SEED = 3;

for (const cheat of cheats) {
  Deno.test(`${cheat.name}: ${cheat.ends}`, async () => {
    const { failure } = await playCheat(cheat, SEED);
    assertEquals(failure?.message, undefined);
  });
}

for (const cheat of validatorCheats) {
  Deno.test(`${cheat.name}: ${cheat.ends}`, () => {
    assertEquals(playValidatorCheat(cheat, SEED).failure?.message, undefined);
  });
}

Deno.test("the catalogue has at least 20 strategies, of every role, each with a name of its own", () => {
  assert(cheats.length >= 20);
  assertEquals(new Set(cheats.map(({ name }) => name)).size, cheats.length);
  assertEquals(
    new Set(cheats.map(({ role }) => role)),
    new Set(["provider", "challenger", "arbiter", "requester"]),
  );
});

Deno.test("a campaign adds up each strategy over its seeds", async () => {
  const results = [[true, 5n], [true, 0n], [false, 0n]] as const;
  const report = await runCampaign({
    scenario: {
      name: "cheats",
      run: (seed) => {
        const [kept, slashed] = results[seed] ?? [true, 0n];
        const strategies = [{
          name: "a lie",
          role: "provider",
          kept,
          slashed,
          virtualMs: 1_000 * (seed + 1),
        }];
        return {
          seed,
          description: "",
          failure: undefined,
          virtualMs: 0,
          height: 0n,
          digest: "",
          strategies,
        };
      },
    },
    from: 0,
    seeds: 3,
    mutation: undefined,
    signal: new AbortController().signal,
    now: () => 0,
    tell: () => {},
  });
  assertEquals(report.strategies, [
    { name: "a lie", role: "provider", runs: 3, kept: 2, caught: 1, slashed: "5", longestVirtualSeconds: 3 },
  ]);
});
