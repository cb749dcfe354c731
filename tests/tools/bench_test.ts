import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertRejects } from "@std/assert/rejects.js";
import { assertStringIncludes } from "@std/assert/string_includes.js";
import { assertThrows } from "@std/assert/throws.js";
import { ToolError } from "../../tools/errors.ts";
import { AREA_NAMES, areasNamed } from "../../tools/bench/areas.ts";
import { type Bench, inProcess, type OpenContender } from "../../tools/bench/bench.ts";
import { childContender } from "../../tools/bench/child_contender.ts";
import { measure, type MeasureOptions } from "../../tools/bench/measure.ts";
import { resultTable, summaryLine } from "../../tools/bench/report.ts";
import { type Result, resultsOf } from "../../tools/bench/result.ts";
import { runArea, selectBenches } from "../../tools/bench/run_area.ts";
import { median, pairedRatio } from "../../tools/bench/statistics.ts";
import { playDispute } from "../../tools/bench/verification/dispute_cost.ts";

/** A clock that stands still unless told otherwise. */
function options(changes: Partial<MeasureOptions> = {}): MeasureOptions {
  const { signal } = new AbortController();
  return { rounds: 3, budgetMs: 1_000, deadlineMs: 1_000, signal, now: () => 0, ...changes };
}

/** An entrant that gives these figures in turn, after a first one to warm up. */
function scripted(figures: readonly number[], log: string[] = [], name = ""): OpenContender {
  let at = -1;
  return inProcess(() => {
    log.push(name);
    return at++ < 0 ? 1_000_000 : figures[at - 1] ?? NaN;
  });
}

const failing: OpenContender = () => Promise.reject(new Error("not installed\nand more lines"));

function bench(entrants: Bench["entrants"], changes: Partial<Bench> = {}): Bench {
  return {
    name: "product",
    unit: "runs/s",
    better: "more",
    entrants,
    rows: [{ name: "product", ours: "ours", peer: "peer", target: 1.5 }],
    ...changes,
  };
}

async function onlyResult(measured: Bench, changes: Partial<MeasureOptions> = {}): Promise<Result> {
  const [result] = resultsOf(measured, await measure(measured, options(changes)));
  if (result === undefined) throw new RangeError("the bench has no row");
  return result;
}

Deno.test("a median is the middle value, or the mean of the two in the middle", () => {
  assertEquals(median([9]), 9);
  assertEquals(median([5, 1, 100]), 5);
  assertEquals(median([4, 1, 2, 100]), 3);
  assertThrows(() => median([]), RangeError);
});

Deno.test("a paired ratio compares within rounds: a machine that slows down for both changes nothing", () => {
  // The second round ran ten times slower, for both.
  assertEquals(pairedRatio([20, 2, 30], [10, 1, 10], "more"), 2);
  // The ratio of the medians would be 1.
  assertEquals(pairedRatio([10, 20, 90], [5, 20, 30], "more"), 2);
  assertEquals(pairedRatio([20, 2, 30], [10, 1, 10], "less"), 0.5);
  assertThrows(() => pairedRatio([1], [1, 2], "more"), RangeError);
});

Deno.test("a result has the medians, the paired ratio and whether the target is met; the warm-up does not count", async () => {
  const result = await onlyResult(bench({ ours: scripted([20, 2, 30]), peer: scripted([10, 1, 10]) }));
  assertEquals(result, {
    name: "product",
    ours: 20,
    peer: 10,
    peerName: "peer",
    unit: "runs/s",
    ratio: 2,
    target: 1.5,
    met: true,
    note: null,
  });
  assertEquals(JSON.parse(JSON.stringify(result)), result);
});

Deno.test("where less is better, a ratio above 1 is still better, and a target without peer is an upper bound", async () => {
  const figures = { ours: scripted([5, 5, 5]), peer: scripted([10, 10, 10]) };
  assertEquals((await onlyResult(bench(figures, { better: "less" }))).ratio, 2);
  const alone = (target: number) =>
    onlyResult(
      bench({ ours: scripted([5, 5, 5]) }, { better: "less", rows: [{ name: "a", ours: "ours", target }] }),
    );
  const { peer, peerName, ratio, met } = await alone(6);
  assertEquals({ peer, peerName, ratio, met }, { peer: null, peerName: null, ratio: null, met: true });
  assertEquals((await alone(4)).met, false);
});

Deno.test("a peer that is not there gives a row that says why, and nothing fails", async () => {
  const result = await onlyResult(bench({ ours: scripted([1, 1, 1]), peer: failing }));
  assertEquals([result.ours, result.peer, result.ratio, result.met], [1, null, null, null]);
  assertEquals(result.note, "peer unavailable: not installed");
});

Deno.test("a peer that fails, hangs or measures nonsense on the way is unavailable, and ours is measured on", async () => {
  const hanging: OpenContender = () =>
    Promise.resolve({ sample: () => new Promise<number>(() => {}), close: () => Promise.resolve() });
  for (const peer of [scripted([7]), hanging, inProcess(() => 0)]) {
    const result = await onlyResult(bench({ ours: scripted([1, 2, 3]), peer }), { deadlineMs: 30 });
    assertEquals([result.ours, result.peer, result.ratio], [2, null, null]);
    assertStringIncludes(result.note ?? "", "peer unavailable: ");
  }
});

Deno.test("what we cannot measure of ourselves does not meet its target", async () => {
  const result = await onlyResult(bench({ ours: failing, peer: scripted([1, 1, 1]) }));
  assertEquals([result.ours, result.met, result.note], [null, false, "ours unavailable: not installed"]);
});

Deno.test("entrants take turns, in an order that turns around, and are closed at the end", async () => {
  const log: string[] = [];
  const closing = (open: OpenContender): OpenContender => async (signal) => ({
    ...await open(signal),
    close: () => Promise.resolve(void log.push("closed")),
  });
  const entrants = {
    a: closing(scripted([1, 1], log, "a")),
    b: closing(scripted([1, 1], log, "b")),
  };
  await measure(bench(entrants), options({ rounds: 2 }));
  assertEquals(log, ["a", "b", "a", "b", "b", "a", "closed", "closed"]);
});

Deno.test("the budget ends the rounds, but never within one and never before the first", async () => {
  let now = 0;
  const slow = inProcess(() => {
    now += 400;
    return 1;
  });
  const outcomes = await measure(bench({ ours: slow, peer: slow }), options({ rounds: 50, now: () => now }));
  for (const outcome of outcomes.values()) {
    assertEquals(outcome.kind === "measured" && outcome.samples.length, 2);
  }
  const none = await measure(bench({ ours: slow }), options({ budgetMs: 0, now: () => now }));
  const [only] = none.values();
  assertEquals(only?.kind === "measured" && only.samples.length, 1);
});

Deno.test("an interrupted measurement ends with the reason of the interruption, with everything closed", async () => {
  const controller = new AbortController();
  let closed = 0;
  const interrupting: OpenContender = () =>
    Promise.resolve({
      sample: () => {
        controller.abort(new ToolError("failed", "Interrupted."));
        return Promise.resolve(1);
      },
      close: () => Promise.resolve(void closed++),
    });
  const measuring = measure(bench({ ours: interrupting }), options({ signal: controller.signal }));
  await assertRejects(() => measuring, ToolError, "Interrupted.");
  assertEquals(closed, 1);
});

Deno.test("a table shows what is met, what is not, and below it why something is missing", () => {
  const base = { unit: "runs/s", note: null };
  const results: readonly Result[] = [
    { ...base, name: "a", ours: 3.14159, peer: 2, peerName: "other", ratio: 1.5708, target: 1.5, met: true },
    {
      ...base,
      name: "b",
      ours: 12_345.6,
      peer: null,
      peerName: null,
      ratio: null,
      target: 20_000,
      met: false,
    },
    {
      ...base,
      name: "c",
      ours: 1,
      peer: null,
      peerName: "gone",
      ratio: null,
      target: null,
      met: null,
      note: "gone unavailable: no such package",
    },
  ];
  const text = resultTable(results);
  assertEquals(text.slice(2).map((line) => line.split(/\s{2,}/)), [
    ["a", "3.14", "2", "runs/s", "other", "1.57x", "1.5x", "met"],
    ["b", "12,346", "runs/s", "20,000", "BELOW TARGET"],
    ["c", "1", "runs/s", "gone", "unavailable"],
    ["gone unavailable: no such package"],
  ]);
  assertEquals(
    summaryLine({ seconds: 61.4, results }),
    "3 figures in 61 s; 1 of 2 targets met, 1 with something unavailable",
  );
});

Deno.test("a filter finds benches by their own name and by their rows', whatever the case", async () => {
  const named = (name: string, row: string) =>
    bench({ ours: scripted([1]) }, { name, rows: [{ name: row, ours: "ours" }] });
  const area = { name: "x", summary: "", benches: [named("MatMul", "MatMul high"), named("step", "CNN")] };
  assertEquals(selectBenches(area, "matmul").map(({ name }) => name), ["MatMul"]);
  assertEquals(selectBenches(area, "cnn").map(({ name }) => name), ["step"]);
  assertEquals(selectBenches(area).length, 2);
  const results = await runArea(area, { ...options({ rounds: 1 }), filter: "high" });
  assertEquals(results.map(({ name, ours }) => [name, ours]), [["MatMul high", 1]]);
});

Deno.test("every area loads, its rows name entrants that exist, and an unknown area is refused by name", async () => {
  for (const area of await areasNamed([])) {
    assert(area.benches.length > 0, area.name);
    for (const { rows, entrants } of area.benches) {
      for (const { name, ours, peer } of rows) {
        assert(ours in entrants, name);
        assert(peer === undefined || peer in entrants, name);
      }
    }
  }
  assertEquals((await areasNamed(["net"])).map(({ name }) => name), ["net"]);
  assert(AREA_NAMES.includes("executor"));
  await assertRejects(() => areasNamed(["speed"]), ToolError, 'no bench area "speed"');
});

/** `bench_entrant.ts` in one of its manners. */
function entrant(...args: readonly string[]): OpenContender {
  return childContender({
    module: new URL("bench_entrant.ts", import.meta.url),
    args,
    permissions: ["--no-check"],
  });
}

/** A process starts slowly when everything else does. */
const PATIENT = { deadlineMs: 60_000 };

Deno.test("an entrant in a process of its own answers each request with a figure", async () => {
  const open = entrant("figure", "7");
  const result = await onlyResult(bench({ ours: open, peer: open }), PATIENT);
  assertEquals([result.ours, result.ratio, result.note], [7, 1, null]);
});

Deno.test("a process that dies, at its start or later, is an unavailable entrant with its last words", async () => {
  const ours = () => scripted([1, 1, 1]);
  const { note } = await onlyResult(bench({ ours: ours(), peer: entrant("dies") }), PATIENT);
  assertEquals(note, "peer unavailable: its process ended (3): no such package");
  const later = await onlyResult(bench({ ours: ours(), peer: entrant("crashes") }), PATIENT);
  assertEquals(later.ours, 1);
  assertStringIncludes(later.note ?? "", "its process ended (9)");
});

Deno.test("the dispute that is measured ends at the chunk that was cheated with, after the rounds of its four descents", () => {
  const { rounds, blocksToVerdict, blocks, transactions, bytes } = playDispute();
  // 500 segments, 20 steps, 1,000 nodes, 256 chunks, by 16: 3 + 2 + 3 + 2.
  assertEquals(rounds, 10);
  assert(blocksToVerdict > 2 * rounds && blocks > blocksToVerdict);
  assert(transactions > 2 * rounds && bytes > 0 && bytes < 64 * 1024, `${transactions} with ${bytes} bytes`);
});
