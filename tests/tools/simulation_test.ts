/**
 * The simulator as a program: what it prints, its exit status, and that it finds what is broken on purpose.
 */
import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertMatch } from "@std/assert/match.js";
import { assertNotEquals } from "@std/assert/not_equals.js";
import { findMutation, mutations, runConsensus } from "../../tools/simulation/mod.ts";

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function program(...args: readonly string[]): Deno.Command {
  const path = new URL("../../tools/simulation/sim.ts", import.meta.url).pathname;
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--allow-read", path, ...args],
    stdout: "piped",
    stderr: "piped",
  });
}

async function sim(...args: readonly string[]): Promise<Outcome> {
  const { code, stdout, stderr } = await program(...args).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

/** Seeds that every run of the tests goes through, two at a time for two cores: a minute or so. */
const SEEDS = 100;

Deno.test("100 seeds keep every promise", async () => {
  const { code, stdout, stderr } = await sim("--seeds", `${SEEDS}`, "--jobs", "2", "--json");
  assertEquals(code, 0, `${stdout}${stderr}`);
  const { failures, seeds, virtualSeconds } = JSON.parse(stdout);
  assertEquals([failures, seeds], [[], SEEDS]);
  assert(virtualSeconds > 30 * SEEDS);
});

Deno.test("however many seeds run at a time, the report is the same", async () => {
  const reports = await Promise.all(["1", "2"].map(async (jobs) => {
    const { stdout } = await sim("--seeds", "3", "--from", "26", "--jobs", jobs, "--json");
    const { failures, seeds, virtualSeconds, digest } = JSON.parse(stdout);
    return { failures, seeds, virtualSeconds, digest };
  }));
  assertEquals(reports[0], reports[1]);
});

Deno.test("the same seed gives the same digest, another seed another", () => {
  const first = runConsensus(14);
  assertEquals(runConsensus(14), first);
  assertNotEquals(runConsensus(17).digest, first.digest);
});

/** Those that are caught at once; `deno task sim --mutation all` runs all of them. */
const QUICK = [
  "quorum_one_short",
  "forget_nullified_gap",
  "accept_any_signature",
  "skip_state_root",
  "skip_fsync",
  "forget_votes",
  "mint",
];

for (const mutation of QUICK.flatMap((name) => findMutation(name) ?? [])) {
  Deno.test(`the mutation ${mutation.name} is caught within the seeds that it states`, () => {
    const seeds = Array.from({ length: mutation.withinSeeds }, (_, i) => i + 1);
    assert(seeds.some((seed) => runConsensus(seed, mutation).failure !== undefined));
  });
}

Deno.test("mutations have names of their own, and those that run here exist", () => {
  assertEquals(QUICK.filter((name) => findMutation(name) === undefined), []);
  assertEquals(new Set(mutations.map(({ name }) => name)).size, mutations.length);
});

Deno.test("--json prints one object, and the status is 0 when nothing failed", async () => {
  const { code, stdout } = await sim("--seeds", "2", "--from", "26", "--json");
  const report = JSON.parse(stdout);
  assertEquals(Object.keys(report), ["seeds", "failures", "virtualSeconds", "wallSeconds", "digest"]);
  assertEquals([code, report.seeds, report.failures], [0, 2, []]);
  assertMatch(report.digest, /^[0-9a-f]{64}$/);
  assert(report.virtualSeconds > 60);
});

Deno.test("a failure is told with its trace and the command that replays it, and the status is 1", async () => {
  const { code, stdout } = await sim("--seeds", "1", "--mutation", "mint");
  assertEquals(code, 1);
  assertMatch(stdout, /seed 1 +FAILED/);
  assertMatch(stdout, /proposes, notarize 0\/1 on 0/);
  assertMatch(stdout, /supply: after block 1 there are/);
  const replay = /replay: deno task sim (.*)/.exec(stdout)?.[1] ?? "";
  const again = await sim(...replay.split(" "), "--json");
  const { failures } = JSON.parse(again.stdout);
  assertEquals([again.code, failures.length, failures[0]?.invariant], [1, 1, "supply"]);
});

Deno.test("a wrong option is explained, and nothing is run", async () => {
  for (
    const args of [["--sedes", "3"], ["--seeds", "0"], ["--mutation", "nothing"], ["--scenario", "nowhere"]]
  ) {
    const { code, stderr, stdout } = await sim(...args);
    assertEquals([code, stdout], [2, ""]);
    assertMatch(stderr, /deno task sim \[--seeds N\]/);
  }
});

Deno.test("Ctrl-C ends after the seed in progress, with the report of those that were run", async () => {
  const child = program("--seeds", "100000", "--from", "2").spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const said: string[] = [];
  const first = await reader.read();
  said.push(first.value ?? "");
  child.kill("SIGINT");
  for (let next = await reader.read(); !next.done; next = await reader.read()) said.push(next.value);
  const [{ code }] = await Promise.all([child.status, child.stderr.cancel()]);
  assertEquals(code, 0);
  assertMatch(said.join(""), /\d+ seeds, 0 failed; .* digest [0-9a-f]{16}\n$/);
});
