/**
 * Many seeds, and what is told of them: lines for people, or one object for programs.
 *
 * @module
 */
import { bytesToHex, createSha256, utf8 } from "../../ledger/primitives/mod.ts";
import { type Mutation, mutations } from "./mutations/mod.ts";
import type { RunResult, StrategyResult } from "./run_result.ts";
import type { Scenario } from "./scenarios.ts";

/** What came of a seed, and how long it took in milliseconds. */
export interface TimedResult {
  readonly result: RunResult;
  readonly wallMs: number;
}

/** What to run. */
export interface Campaign {
  readonly scenario: { readonly name: string; readonly run: Scenario };
  /** Runs a seed somewhere else, several at a time; by default each is run here, one after another. */
  readonly elsewhere?: { readonly atOnce: number; run(seed: number): Promise<TimedResult> };
  readonly from: number;
  readonly seeds: number;
  readonly mutation: Mutation | undefined;
  readonly signal: AbortSignal;
  /** Milliseconds of true time. */
  now(): number;
  /** Takes a line for people. */
  tell(line: string): void;
}

/** What `--json` prints. */
export interface Report {
  /** Seeds that were run: fewer than asked for if the run was interrupted. */
  readonly seeds: number;
  readonly failures: readonly {
    readonly seed: number;
    readonly invariant: string;
    readonly replay: string;
  }[];
  readonly virtualSeconds: number;
  readonly wallSeconds: number;
  /** SHA-256 (hexadecimal) over the digests of all seeds. */
  readonly digest: string;
  /** The strategies that were played, in a scenario of cheats. */
  readonly strategies?: readonly StrategyReport[];
}

/** One strategy over all seeds. */
export interface StrategyReport {
  readonly name: string;
  readonly role: string;
  readonly runs: number;
  /** Runs that ended as they must: the guilty have lost what the rules say, nobody else anything. */
  readonly kept: number;
  /** Runs in which the guilty lost something. */
  readonly caught: number;
  /** What they lost together in all runs, fees aside, in the smallest unit. Text, because JSON numbers end at 2^53. */
  readonly slashed: string;
  readonly longestVirtualSeconds: number;
}

/** Adds a seed's strategies to the reports of those before. */
function withStrategies(
  reports: readonly StrategyReport[],
  results: readonly StrategyResult[],
): readonly StrategyReport[] {
  return results.map(({ name, role, kept, slashed, virtualMs }) => {
    const before = reports.find((report) => report.name === name);
    return {
      name,
      role,
      runs: (before?.runs ?? 0) + 1,
      kept: (before?.kept ?? 0) + (kept ? 1 : 0),
      caught: (before?.caught ?? 0) + (slashed > 0n ? 1 : 0),
      slashed: (BigInt(before?.slashed ?? 0) + slashed).toString(),
      longestVirtualSeconds: Math.max(before?.longestVirtualSeconds ?? 0, virtualMs / 1000),
    };
  });
}

/** Lines of the trace that are shown with a failure. */
const SHOWN_LINES = 40;

function replayOf({ scenario, mutation }: Campaign, seed: number): string {
  const broken = mutation === undefined ? "" : ` --mutation ${mutation.name}`;
  return `deno task sim --seeds 1 --from ${seed} --scenario ${scenario.name}${broken}`;
}

function tellResult(campaign: Campaign, result: RunResult, wallMs: number): void {
  const { seed, failure, virtualMs, height, description } = result;
  const figures = `height ${height}, ${(virtualMs / 1000).toFixed(0)} s in ${(wallMs / 1000).toFixed(1)} s`;
  campaign.tell(`seed ${seed}  ${failure === undefined ? "ok    " : "FAILED"}  ${figures}  (${description})`);
  if (failure === undefined) return;
  for (const line of failure.trace.slice(-SHOWN_LINES)) campaign.tell(`    ${line}`);
  campaign.tell(`  ${failure.message}`);
  campaign.tell(`  replay: ${replayOf(campaign, seed)}`);
}

/** Lets the host handle what waits, such as Ctrl-C. */
function breathe(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** Results in the order of the seeds, whatever the order in which they come; the next seeds are under way meanwhile. */
async function* resultsOf(campaign: Campaign): AsyncGenerator<TimedResult, void, void> {
  const { scenario, from, seeds, mutation, signal, elsewhere } = campaign;
  const here = async (seed: number): Promise<TimedResult> => {
    const started = campaign.now();
    const result = await scenario.run(seed, mutation);
    return { result, wallMs: campaign.now() - started };
  };
  const { run, atOnce } = elsewhere ?? { run: here, atOnce: 1 };
  const underWay: Promise<TimedResult>[] = [];
  let begun = 0;
  for (let done = 0; done < seeds; done++) {
    for (; begun < Math.min(seeds, done + atOnce) && !signal.aborted; begun++) {
      const running = run(from + begun);
      running.catch(() => {}); // told when its turn comes
      underWay.push(running);
    }
    const next = underWay.shift();
    if (next === undefined) return; // interrupted, and what was under way is done
    yield await next;
    await breathe();
  }
}

/** Runs the seeds, until all are done or the signal fires. */
export async function runCampaign(campaign: Campaign): Promise<Report> {
  const hasher = createSha256();
  const failures: Report["failures"][number][] = [];
  const begun = campaign.now();
  let done = 0, virtualMs = 0;
  let strategies: readonly StrategyReport[] | undefined;
  for await (const { result, wallMs } of resultsOf(campaign)) {
    const { seed } = result;
    done++;
    tellResult(campaign, result, wallMs);
    hasher.update(utf8(result.digest));
    virtualMs += result.virtualMs;
    if (result.strategies !== undefined) strategies = withStrategies(strategies ?? [], result.strategies);
    if (result.failure !== undefined) {
      failures.push({ seed, invariant: result.failure.invariant, replay: replayOf(campaign, seed) });
    }
  }
  return {
    seeds: done,
    failures,
    virtualSeconds: virtualMs / 1000,
    wallSeconds: (campaign.now() - begun) / 1000,
    digest: bytesToHex(hasher.digest()),
    ...(strategies === undefined ? {} : { strategies }),
  };
}

/** A report in one line. */
export function summary({ seeds, failures, virtualSeconds, wallSeconds, digest }: Report): string {
  const ratio = wallSeconds === 0 ? 0 : virtualSeconds / wallSeconds;
  return `${seeds} seeds, ${failures.length} failed; ${virtualSeconds.toFixed(0)} virtual seconds in ${
    wallSeconds.toFixed(1)
  } s ` +
    `(${ratio.toFixed(1)} times real time); digest ${digest.slice(0, 16)}`;
}

/**
 * Runs every mutation until it is caught, at most as many seeds as it states.
 *
 * @returns The names of those that were not caught.
 */
export async function runAllMutations(
  campaign: Omit<Campaign, "mutation" | "from" | "seeds">,
): Promise<readonly string[]> {
  const missed: string[] = [];
  for (const mutation of mutations) {
    if (campaign.signal.aborted) break;
    let caught: string | undefined;
    for (let seed = 1; seed <= mutation.withinSeeds && caught === undefined; seed++) {
      const { failure } = await campaign.scenario.run(seed, mutation);
      if (failure !== undefined) caught = `caught by "${failure.invariant}" at seed ${seed}`;
      await breathe();
    }
    if (caught === undefined) missed.push(mutation.name);
    campaign.tell(
      `${mutation.name.padEnd(24)} ${
        caught ?? `NOT CAUGHT within ${mutation.withinSeeds} seeds`
      }  (${mutation.breaks})`,
    );
  }
  return missed;
}
