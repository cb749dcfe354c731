import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import fc from "fast-check";
import { OPERATION_KINDS } from "../../../ledger/chain/mod.ts";
import { allFuzzes } from "./properties.ts";
import { allScenes } from "./scenes.ts";

/** Inputs for each property: some seconds. `deno task fuzz` tries millions. */
const RUNS: Readonly<Record<string, number>> = {
  "decoders": 8_000,
  "genesis files": 300,
  "operations": 4_000,
};

for (const { name, property, outcomes } of allFuzzes()) {
  Deno.test(`${name}: whatever is changed is refused with a typed error, or is sound`, () => {
    fc.assert(property, { numRuns: RUNS[name] ?? 1_000 });
    assert(outcomes.size > 1, "some inputs are refused and some are not, or the changes are too dull");
  });
}

Deno.test("the scenes of the fuzzing have every kind of operation", () => {
  const kinds = new Set(allScenes().flatMap(({ intents }) => intents.map(([, { kind }]) => kind)));
  const missing = OPERATION_KINDS.filter((kind) => !kinds.has(kind));
  assertEquals(missing, []);
});
