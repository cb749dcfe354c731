/**
 * `deno task fuzz [--runs N] [--seed S] [--only NAME]`: tries every property of `properties.ts` on many inputs, and says how many had
 * which outcome. Without `--runs` each has as many as make the whole a matter of ten to twenty minutes on one core. A failure prints the
 * smallest input that shows it and exits with status 1; the same seed finds it again.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse_args.js";
import fc from "fast-check";
import { allFuzzes } from "./properties.ts";

/** Inputs between two lines of progress. */
const BATCH = 20_000;

/** Inputs of each property, by default. */
const DEFAULT_RUNS: Readonly<Record<string, number>> = {
  "decoders": 1_000_000,
  "genesis files": 100_000,
  "operations": 1_000_000,
};

const options = parseArgs(Deno.args, { string: ["runs", "seed", "only"] });
const seed = Number(options.seed ?? 1);
const begun = performance.now();
let all = 0;

for (const { name, property, outcomes } of allFuzzes()) {
  if (options.only !== undefined && options.only !== name) continue;
  const runs = Number(options.runs ?? DEFAULT_RUNS[name] ?? 1_000_000);
  const started = performance.now();
  for (let done = 0; done < runs; done += BATCH) {
    fc.assert(property, { numRuns: Math.min(BATCH, runs - done), seed: seed + done });
    const seconds = (performance.now() - started) / 1000;
    const tried = Math.min(done + BATCH, runs);
    console.log(`${name}: ${tried} of ${runs}, ${Math.round(tried / seconds)} a second`);
  }
  all += runs;
  for (const [outcome, count] of [...outcomes].sort()) console.log(`  ${outcome}: ${count}`);
}
const minutes = ((performance.now() - begun) / 60_000).toFixed(1);
console.log(`${all} inputs in ${minutes} minutes: each was refused with a typed error, or sound`);
