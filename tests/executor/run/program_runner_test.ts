import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertRejects } from "@std/assert/rejects.js";
import { batchIndices, equalBytes, merkleRoot, stateRoot } from "../../../ledger/primitives/mod.ts";
import { ExecutorError } from "../../../executor/errors.ts";
import { claimOfFault, runProgram, type SegmentResult } from "../../../executor/run/mod.ts";
import { rootOfTensor, type Tensor } from "../../../executor/tensor.ts";
import { must } from "../must.ts";
import { BATCH, openBench, ROWS, WIDTH } from "./sample_programs.ts";

async function collect(run: AsyncIterable<SegmentResult>): Promise<SegmentResult[]> {
  const results: SegmentResult[] = [];
  for await (const result of run) results.push(result);
  return results;
}

function floats(tensor: Tensor | undefined): number[] {
  if (!(tensor?.data instanceof Float32Array)) throw new TypeError("float32 expected");
  return [...tensor.data];
}

async function codeOf(work: () => Promise<unknown>): Promise<string> {
  return (await assertRejects(work, ExecutorError) as ExecutorError).code;
}

Deno.test("training computes what the formula says, and inference applies the last state", async () => {
  await using bench = await openBench();
  const segments = await collect(runProgram(bench.runner));
  // The same in double precision, straight from the definition.
  const numbers = (index: number) => {
    const { blob } = must(bench.opened.data[index]).header;
    return new Float32Array(
      must(bench.built.blobs.find(({ id }) => equalBytes(id, blob))).bytes.slice().buffer,
    );
  };
  const x = numbers(0), y = numbers(1);
  let w = floats(bench.runner.initialState[0]);
  for (let step = 0; step < 10; step++) {
    const rows = [...batchIndices({ rows: ROWS, size: BATCH, seed: 7n }, step)].map(Number);
    const errors = rows.map((row) =>
      w.reduce((sum, v, k) => sum + v * (x[row * WIDTH + k] ?? 0), 0) - (y[row] ?? 0)
    );
    w = w.map((v, k) =>
      v - 0.01 * rows.reduce((sum, row, i) => sum + (x[row * WIDTH + k] ?? 0) * (errors[i] ?? 0), 0)
    );
  }
  const final = segments[2]?.state;
  floats(final?.[0]).forEach((value, k) =>
    assert(Math.abs(value - (w[k] ?? 0)) < 1e-4, `w[${k}] ${value} ${w[k]}`)
  );
  assertEquals(final?.[2]?.data, BigInt64Array.of(10n));
  const predictions = segments.slice(3).flatMap(({ outputs }) =>
    outputs.flatMap(([tensor]) => floats(tensor))
  );
  assertEquals(predictions.length, 24);
  predictions.forEach((value, row) => {
    const expected = w.reduce((sum, v, k) => sum + v * (x[row * WIDTH + k] ?? 0), 0);
    assert(Math.abs(value - expected) < 1e-3);
  });
});

Deno.test("segment roots are what the commitment format says", async () => {
  await using bench = await openBench();
  const segments = await collect(runProgram(bench.runner));
  assertEquals(segments.map(({ segment }) => segment), [0, 1, 2, 3, 4]);
  for (const { segment, root, state, outputs } of segments) {
    const names = ["w", "frozen", "seen", "loss"];
    const expected = segment < 3
      ? stateRoot(state.map((tensor, i) => ({ name: names[i] ?? "", root: rootOfTensor(tensor) })))
      : merkleRoot(
        outputs.map(([y]) => stateRoot(y === undefined ? [] : [{ name: "y", root: rootOfTensor(y) }])),
      );
    assertEquals(root, expected);
  }
});

Deno.test("a tensor that no step changes stays the same object, so it is hashed once", async () => {
  await using bench = await openBench();
  const segments = await collect(runProgram(bench.runner));
  assert(segments.every(({ state }) => state[1] === bench.runner.initialState[1]));
});

Deno.test("a run that goes on from any committed state gives the same roots as the whole run", async () => {
  await using bench = await openBench();
  const whole = await collect(runProgram(bench.runner));
  for (let segment = 1; segment < whole.length; segment++) {
    const before = must(whole[segment - 1]);
    // Fresh tensors, as they would come off the network.
    const state = before.state.map((tensor) => ({ ...tensor, data: tensor.data.slice() }));
    await using fresh = await openBench();
    const rest = await collect(runProgram(fresh.runner, { from: { segment, state } }));
    assertEquals(rest.map(({ root }) => root), whole.slice(segment).map(({ root }) => root));
  }
});

Deno.test("the roots of a segment's steps end with the segment's root, and each is the state it leads to", async () => {
  await using bench = await openBench();
  const state = bench.runner.initialState;
  const { root, stepRoots } = await bench.runner.runSegment(0, state, { everyStep: true });
  assertEquals(stepRoots.length, 4);
  assertEquals(stepRoots.at(-1), root);
  const third = await bench.runner.stateBefore({ segment: 0, step: 3 }, state);
  const names = ["w", "frozen", "seen", "loss"];
  assertEquals(
    stepRoots[2],
    stateRoot(third.map((tensor, i) => ({ name: names[i] ?? "", root: rootOfTensor(tensor) }))),
  );
});

Deno.test("a cheat in one step changes the roots from its segment on, and none before", async () => {
  await using honest = await openBench();
  await using cheat = await openBench(undefined, claimOfFault({ phase: 0, step: 5, tensor: 0 }));
  const [ours, theirs] = [await collect(runProgram(honest.runner)), await collect(runProgram(cheat.runner))];
  const equal = ours.map(({ root }, i) => root.toString() === theirs[i]?.root.toString());
  assertEquals(equal, [true, false, false, false, false]);
});

Deno.test("a run stops at its signal, with a deadline told from a cancellation", async () => {
  await using bench = await openBench();
  const controller = new AbortController();
  const cancelled = () =>
    collect(
      runProgram(bench.runner, {
        signal: controller.signal,
        onStep: ({ step }) => step === 2 && controller.abort(),
      }),
    );
  assertEquals(await codeOf(cancelled), "cancelled");
  const late = new AbortController();
  late.abort(new DOMException("late", "TimeoutError"));
  assertEquals(await codeOf(() => collect(runProgram(bench.runner, { signal: late.signal }))), "timed_out");
});

Deno.test("segments and steps that do not exist are refused", async () => {
  await using bench = await openBench();
  const state = bench.runner.initialState;
  assertEquals(await codeOf(() => bench.runner.runSegment(5, state)), "bad_request");
  assertEquals(await codeOf(() => bench.runner.traceStep({ segment: 1, step: 3 }, state)), "bad_request");
  assertEquals(await codeOf(() => bench.runner.traceStep({ segment: 2, step: 10 }, state)), "bad_request");
});
