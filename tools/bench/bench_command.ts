/**
 * `deno task bench [AREA...]`: what the project measures of itself, against what people would use instead.
 *
 * @module
 */
import type { Arguments, Command } from "../cli/command.ts";
import { ToolError } from "../errors.ts";
import { AREA_NAMES, areasNamed } from "./areas.ts";
import { resultTable, summaryLine } from "./report.ts";
import type { Result } from "./result.ts";
import { runArea } from "./run_area.ts";

/** Enough for a median that one disturbed round does not move. */
const DEFAULT_ROUNDS = 5;

/** Of the rounds of one bench: an area of forty benches takes some six minutes. */
const BUDGET_MS = 6_000;

/** For one opening or one sample, on a busy machine. The slowest opening starts a network of four nodes over WebRTC. */
const DEADLINE_MS = 60_000;

function roundsOf(args: Arguments): number {
  const text = args.text("rounds");
  if (text === undefined) return DEFAULT_ROUNDS;
  const rounds = Number(text);
  if (Number.isInteger(rounds) && rounds >= 1 && rounds <= 1000) return rounds;
  throw new ToolError("usage", `--rounds is a whole number from 1 to 1000: got "${text}".`);
}

/** A line that is written over, on a terminal; nothing elsewhere. */
function tell(text: string): void {
  if (Deno.stderr.isTerminal()) Deno.stderr.writeSync(new TextEncoder().encode(`\r\x1b[2K${text}`));
}

/** See the module. */
export const benchCommand: Command = {
  name: "bench",
  summary: `Measures ${AREA_NAMES.join(", ")}, or the areas named.`,
  positional: AREA_NAMES.map(() => "[AREA]"),
  options: {
    json: { kind: "flag", description: "print one JSON object instead of tables" },
    filter: { kind: "text", value: "TEXT", description: "only benches with this in their name" },
    rounds: { kind: "text", value: "N", description: `rounds of each bench (default ${DEFAULT_ROUNDS})` },
  },
  async run(args, signal) {
    const began = performance.now(), json = args.flag("json"), rounds = roundsOf(args);
    const filter = args.text("filter") ?? "";
    const results: Result[] = [];
    for (const area of await areasNamed(args.positional)) {
      const measured = await runArea(area, {
        rounds,
        filter,
        signal,
        // More rounds asked for are more time granted.
        budgetMs: BUDGET_MS * Math.max(1, rounds / DEFAULT_ROUNDS),
        deadlineMs: DEADLINE_MS,
        now: () => performance.now(),
        onBench: ({ name }, at, total) => tell(`${area.name} ${at + 1}/${total}: ${name}`),
      });
      tell("");
      results.push(...measured);
      if (json || measured.length === 0) continue;
      console.log([`${area.name}: ${area.summary}`, "", ...resultTable(measured), ""].join("\n"));
    }
    const report = { seconds: (performance.now() - began) / 1000, results };
    console.log(json ? JSON.stringify(report, null, 2) : summaryLine(report));
    if (results.length === 0) throw new ToolError("usage", `No bench has "${filter}" in its name.`);
    // A target that is missed is a finding; a figure of ours that cannot be taken is a fault.
    return results.some(({ ours }) => ours === null) ? 1 : 0;
  },
};
