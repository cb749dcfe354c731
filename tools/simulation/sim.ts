/**
 * `deno task sim`: runs the simulator from the command line.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse_args.js";
import { findStrategy, strategies } from "./cheats_scenario.ts";
import { findMutation, mutations } from "./mutations/mod.ts";
import { type Campaign, type Report, runAllMutations, runCampaign, summary } from "./report.ts";
import { findScenario, type Scenario, scenarios } from "./scenarios.ts";
import { makeSeedPool } from "./seed_pool_worker.ts";

const USAGE =
  `deno task sim [--seeds N] [--from K] [--scenario NAME] [--mutation NAME] [--cheat NAME] [--jobs N] [--json]
  Runs whole networks under seeds and checks what must hold. Exit status 1 if something did not.

  --seeds N        how many seeds (default 10)
  --from K         the first seed (default 1)
  --scenario NAME  ${[...scenarios.keys()].join(" or ")} (default consensus)
  --cheat NAME     one strategy of the scenario cheats: ${strategies.map(({ name }) => name).join(", ")}
  --mutation NAME  breaks a rule in every honest node: a run should fail; all: every mutation, each until it is caught
                   (${mutations.map(({ name }) => name).join(", ")})
  --jobs N         how many seeds at a time, each in a worker (default: as many as there are processors); results are the same
  --json           one object: seeds, failures, virtualSeconds, wallSeconds, digest; of cheats also strategies

Ctrl-C ends after the seed in progress, with the report of those that were run.`;

/** Largest seed: seeds are 32 bits. */
const MAX_SEED = 2 ** 32 - 1;

function usageError(what: string): never {
  console.error(`${what}\n\n${USAGE}`);
  Deno.exit(2);
}

function wholeNumber(text: string, option: string, least: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > MAX_SEED) {
    usageError(`--${option} is a whole number from ${least} to ${MAX_SEED}: got "${text}".`);
  }
  return value;
}

interface Options {
  readonly seeds: string;
  readonly from: string;
  readonly scenario: string;
  readonly mutation?: string;
  readonly cheat?: string;
  readonly jobs: string;
  readonly json: boolean;
  readonly help: boolean;
}

function readOptions(words: readonly string[]): Options {
  return parseArgs([...words], {
    boolean: ["json", "help"],
    string: ["seeds", "from", "scenario", "mutation", "cheat", "jobs"],
    default: { seeds: "10", from: "1", scenario: "consensus", jobs: `${navigator.hardwareConcurrency}` },
    unknown: (word: string) => usageError(`There is no option "${word}".`),
  });
}

/** Aborted by the first Ctrl-C; the second ends the process at once. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  const stop = () => {
    controller.abort();
    Deno.removeSignalListener("SIGINT", stop);
    console.error("Stopping after this seed. Ctrl-C again stops at once.");
  };
  Deno.addSignalListener("SIGINT", stop);
  return controller.signal;
}

/** The scenario that is asked for; undefined if there is none of the name. */
function scenarioOf({ scenario, cheat }: Options): Scenario | undefined {
  if (cheat !== undefined && findStrategy(cheat) === undefined) {
    return usageError(`There is no cheat "${cheat}".`);
  }
  if (cheat !== undefined && scenario !== "cheats") return usageError("--cheat goes with --scenario cheats.");
  return findScenario(scenario, cheat);
}

/** Runs a campaign with its seeds in workers, if there is more than one at a time. */
async function inWorkers(
  jobs: number,
  { scenario, cheat, mutation }: Options,
  campaign: (elsewhere: Pick<Campaign, "elsewhere">) => Promise<Report>,
): Promise<Report> {
  if (jobs === 1) return await campaign({});
  const names = {
    scenario,
    ...(cheat === undefined ? {} : { cheat }),
    ...(mutation === undefined ? {} : { mutation }),
  };
  const pool = makeSeedPool(jobs);
  try {
    return await campaign({ elsewhere: { atOnce: jobs, run: (seed) => pool.run({ ...names, seed }) } });
  } finally {
    pool.close();
  }
}

async function main(): Promise<number> {
  const options = readOptions(Deno.args);
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  const run = scenarioOf(options);
  if (run === undefined) return usageError(`There is no scenario "${options.scenario}".`);
  const from = wholeNumber(options.from, "from", 0);
  const seeds = wholeNumber(options.seeds, "seeds", 1);
  const mutation = options.mutation === undefined ? undefined : findMutation(options.mutation);
  if (mutation === undefined && options.mutation !== undefined && options.mutation !== "all") {
    return usageError(`There is no mutation "${options.mutation}".`);
  }
  const campaign = {
    scenario: { name: options.scenario, run },
    signal: interruption(),
    now: () => performance.now(),
    tell: options.json ? () => {} : (line: string) => console.log(line),
  };
  if (options.mutation === "all") return (await runAllMutations(campaign)).length === 0 ? 0 : 1;
  const jobs = Math.min(seeds, wholeNumber(options.jobs, "jobs", 1));
  const report = await inWorkers(
    jobs,
    options,
    (elsewhere) => runCampaign({ ...campaign, ...elsewhere, from, seeds, mutation }),
  );
  console.log(options.json ? JSON.stringify(report) : summary(report));
  return report.failures.length === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main());
