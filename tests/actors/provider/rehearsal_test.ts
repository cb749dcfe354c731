import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertRejects } from "@std/assert/rejects.js";
import { estimateRun, rehearse } from "../../../actors/provider/rehearsal.ts";
import { createOrtStrict } from "../../../executor/engines/ort_strict_ort.ts";
import { createLocalExecutor, encodeManifest, type Executor } from "../../../executor/mod.ts";
import { fakeActivity } from "../fake_activity.ts";
import { fitting, STEPS } from "../network/small_programs.ts";

Deno.test("an estimate is the time of the timed steps and the usual one's for each other step", () => {
  // 40 + 3 * 10 are timed; 96 steps of (30 + 1) / 3 are to come.
  assertEquals(estimateRun([{ steps: 100, timed: [40, 10, 10, 10] }]), 70 + 96 * 31 / 3);
  assertEquals(estimateRun([{ steps: 1, timed: [5] }, { steps: 3, timed: [7] }]), 5 + 7 + 2 * 8);
  assertEquals(estimateRun([{ steps: 2, timed: [5, 5] }, { steps: 2, timed: [] }]), null);
});

Deno.test("a million steps that the clock cannot see are not taken to be nothing", () => {
  assertEquals(estimateRun([{ steps: 1_000_003, timed: [0, 0, 0, 0] }]), 999_999 / 3);
});

async function withProgram(
  work: (
    executor: Executor,
    program: Awaited<ReturnType<Executor["load"]>>,
  ) => Promise<void>,
): Promise<void> {
  const executor = createLocalExecutor(await createOrtStrict());
  const call = { signal: AbortSignal.timeout(20_000) };
  try {
    const { manifest, blobs } = fitting(await executor.engine(call));
    await work(executor, await executor.load({ manifest: encodeManifest(manifest), blobs }, call));
  } finally {
    await executor.close();
  }
}

/** An executor whose steps take a time by the test's clock. */
function slow(executor: Executor, step: () => void): Executor {
  return {
    ...executor,
    rehearse: (request, call, listener) =>
      executor.rehearse(request, call, (event) => {
        step();
        listener?.(event);
      }),
  };
}

/** Sleeps in turns of the event loop: the test's clock stands still meanwhile. */
const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

Deno.test("a program whose steps take a second is found to take as many seconds as it has steps", () =>
  withProgram(async (executor, program) => {
    let now = 0;
    const activity = fakeActivity({ now: () => now, sleep: turn });
    const runMs = await rehearse(slow(executor, () => now += 1_000), program, 60_000, activity);
    assert(runMs !== null && Math.abs(runMs - STEPS * 1_000) <= STEPS, `${runMs} ms`);
  }));

/** An executor that is busy until it is told to stop. */
function stuck(executor: Executor): Executor {
  return {
    ...executor,
    rehearse: (_, { signal }) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
  };
}

Deno.test("a rehearsal that does not end in its time is broken off and tells nothing", () =>
  withProgram(async (executor, program) => {
    let now = 0;
    const activity = fakeActivity({
      now: () => now,
      sleep: (ms) => {
        now += ms;
        return turn();
      },
    });
    assertEquals(await rehearse(stuck(executor), program, 1_000, activity), null);
    assert(now >= 1_000 && now < 1_100, `broken off after ${now} ms`);
  }));

Deno.test("a rehearsal ends when its activity is called off", () =>
  withProgram(async (executor, program) => {
    const off = new AbortController();
    const activity = fakeActivity({
      signal: off.signal,
      sleep: () =>
        turn().then(() => off.abort(new RangeError("called off"))).then(() => off.signal.throwIfAborted()),
    });
    await assertRejects(() => rehearse(stuck(executor), program, 1_000, activity), RangeError, "called off");
  }));

Deno.test("what keeps a program from running here is said before it is accepted", () =>
  withProgram(async (executor, program) => {
    const broken: Executor = { ...executor, rehearse: () => Promise.reject(new RangeError("out of memory")) };
    const activity = fakeActivity({ sleep: turn });
    await assertRejects(() => rehearse(broken, program, 1_000, activity), RangeError, "out of memory");
  }));
