/**
 * `deno task fuzz [--runs N] [--seed S] [--only NAME]`: tries every property of `properties.ts` on N inputs each, a million by
 * default, and says how many had which outcome. A failure prints the smallest input that shows it and exits with status 1; the same
 * seed finds it again.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse_args.js";
import fc from "fast-check";
import { allFuzzes } from "./properties.ts";

/** Inputs between two lines of progress. */
const BATCH = 20_000;

const options = parseArgs(Deno.args, { string: ["runs", "seed", "only"] });
const runs = Number(options.runs ?? 1_000_000);
const seed = Number(options.seed ?? 1);

for (const { name, property, outcomes } of allFuzzes()) {
  if (options.only !== undefined && options.only !== name) continue;
  const started = performance.now();
  for (let done = 0; done < runs; done += BATCH) {
    fc.assert(property, { numRuns: Math.min(BATCH, runs - done), seed: seed + done });
    const seconds = (performance.now() - started) / 1000;
    const tried = Math.min(done + BATCH, runs);
    console.log(`${name}: ${tried} of ${runs}, ${Math.round(tried / seconds)} a second`);
  }
  for (const [outcome, count] of [...outcomes].sort()) console.log(`  ${outcome}: ${count}`);
}
