import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertRejects } from "@std/assert/rejects.js";
import { makeBlobAccess, makeMemoryJournal } from "../../../actors/mod.ts";
import { computeRun } from "../../../actors/work/mod.ts";
import { createOrtStrict } from "../../../executor/engines/ort_strict_ort.ts";
import {
  createLocalExecutor,
  encodeManifest,
  type Executor,
  type RunRequest,
} from "../../../executor/mod.ts";
import { makeBlobExchange, makeMemoryBlobStore, makeMemoryMesh } from "../../../net/mod.ts";
import { fakeActivity } from "../fake_activity.ts";
import { fitting, STEPS } from "../network/small_programs.ts";

/** An executor that notes what it is asked to run, and dies after so many steps if told to. */
function watched(executor: Executor, requests: RunRequest[], diesAfter = Infinity): Executor {
  let steps = 0;
  return {
    ...executor,
    run(request, options, listener) {
      requests.push(request);
      return executor.run(request, options, (event) => {
        listener?.(event);
        if (event.kind === "step" && ++steps > diesAfter) throw new RangeError("the executor died");
      });
    },
  };
}

Deno.test("a run that was interrupted goes on from its checkpoint, and a finished one is not run again", async () => {
  const mesh = await makeMemoryMesh(1);
  const [transport] = mesh.transports;
  if (transport === undefined) throw new RangeError("A mesh of one has one transport");
  const store = makeMemoryBlobStore();
  const exchange = makeBlobExchange(transport, store, { timers: mesh.network.timers });
  const shared = { blobs: makeBlobAccess(store, exchange), journal: makeMemoryJournal() };
  const call = { signal: AbortSignal.timeout(20_000) };
  const open = async () => createLocalExecutor(await createOrtStrict());
  const first = await open(), second = await open();
  try {
    const built = fitting(await first.engine(call));
    const files = { manifest: encodeManifest(built.manifest), blobs: built.blobs };
    const program = await first.load(files, call);
    const whole = await first.run({ program: program.id }, call);

    // A minute passes with each look at the clock, so every segment is due for a checkpoint.
    let time = 0;
    const activity = fakeActivity({ now: () => time += 60_000 });
    const requests: RunRequest[] = [];
    const dying = watched(first, requests, STEPS - 2);
    await assertRejects(() => computeRun({ ...shared, executor: dying }, program, "t", activity), RangeError);
    await new Promise((resolve) => setTimeout(resolve, 50)); // the checkpoint is written beside the run

    await second.load(files, call);
    const alive = watched(second, requests);
    const run = await computeRun({ ...shared, executor: alive }, program, "t", activity);
    assertEquals(run.segmentRoots, whole.segmentRoots);
    assertEquals([run.metric, requests[1]?.from?.segment], [BigInt(STEPS), 2]);
    assert(activity.events.some((event) => event.kind === "task_progress" && event.step === STEPS));

    assertEquals(await computeRun({ ...shared, executor: alive }, program, "t", activity), run);
    assertEquals(requests.length, 2);
  } finally {
    await first.close();
    await second.close();
    exchange.close();
    await mesh.close();
  }
});
