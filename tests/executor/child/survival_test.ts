/** What happens to the host when its executor's process comes to harm: nothing but a typed error. */
import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertRejects } from "@std/assert/rejects.js";
import { childCommand } from "../../../executor/child/child_command_deno.ts";
import {
  type ChildExecutorOptions,
  createChildExecutor,
} from "../../../executor/child/child_executor_deno.ts";
import { ExecutorError } from "../../../executor/errors.ts";
import type { Executor } from "../../../executor/executor.ts";
import { codeOf, loadSample, soon } from "../executor_suite.ts";

function misbehaving(
  misdeed: string,
  flags: readonly string[],
  limits: Partial<ChildExecutorOptions> = {},
): Executor {
  const main = decodeURIComponent(new URL("misbehaving_child.ts", import.meta.url).pathname);
  return createChildExecutor({
    command: Deno.execPath(),
    args: ["run", "--quiet", "--no-prompt", "--allow-read", ...flags, main, misdeed],
    ...limits,
  });
}

async function runInto(executor: Executor): Promise<ExecutorError> {
  const { program } = await loadSample(executor);
  const error = await assertRejects(() => executor.run({ program }, soon()), ExecutorError) as ExecutorError;
  // The next call works: a new child is started, told about the program, and asked.
  const state = await executor.state({ program, segment: 0 }, soon());
  assertEquals(state.entries.map(({ name }) => name), ["w", "frozen", "seen", "loss"]);
  return error;
}

async function survives(executor: Executor, words: RegExp): Promise<void> {
  try {
    const error = await runInto(executor);
    assertEquals(error.code, "crashed");
    assert(words.test(error.message), error.message);
  } finally {
    await executor.close();
  }
}

Deno.test("a child that is killed in the middle of a run gives a typed error, and the next call works", async () => {
  await survives(misbehaving("die", ["--allow-run"]), /SIGKILL/);
});

Deno.test("a child that runs out of heap gives a typed error with its last words, and the next call works", async () => {
  await survives(misbehaving("heap", ["--v8-flags=--max-old-space-size=64"]), /heap|memory/i);
});

Deno.test("a child that takes more memory than it may is killed, and the next call works", async () => {
  // The engine itself needs some 150 MiB; the misdeed takes 64 MiB a step.
  await survives(misbehaving("hog", [], { memoryBytes: 400 * 2 ** 20 }), /memory, more than its 400 MiB/);
});

Deno.test("a child that hangs is killed for its silence, and the next call works", async () => {
  await survives(misbehaving("hang", [], { silenceMs: 1500 }), /no sign of life/);
});

Deno.test("a child that hangs is killed when its caller's deadline passes, and the next call works", async () => {
  const executor = misbehaving("hang", [], { cancelMs: 200 });
  try {
    const { program } = await loadSample(executor);
    assertEquals(
      await codeOf(() => executor.run({ program }, { signal: AbortSignal.timeout(500) })),
      "timed_out",
    );
    assertEquals((await executor.state({ program, segment: 0 }, soon())).entries.length, 4);
  } finally {
    await executor.close();
  }
});

Deno.test("all calls that a dead child owed are told, and what was loaded is loaded again", async () => {
  const executor = misbehaving("die", ["--allow-run"]);
  try {
    const { program } = await loadSample(executor);
    const calls = [executor.run({ program }, soon()), executor.steps({ program, segment: 2 }, soon())];
    const outcomes = await Promise.allSettled(calls);
    assertEquals(outcomes.map((outcome) => outcome.status === "rejected" && outcome.reason.code), [
      "crashed",
      "crashed",
    ]);
    // Segment 3 is inference; its input can be handed over, so that nothing of the training has to run again.
    const { tensors } = await executor.state({ program, segment: 0 }, soon());
    await executor.restore({ program, segment: 3, state: tensors }, soon());
    assertEquals((await executor.steps({ program, segment: 3 }, soon())).roots.length, 3);
  } finally {
    await executor.close();
  }
});

Deno.test("a command that cannot be started and an engine that is not to be had are typed errors", async () => {
  const missing = createChildExecutor({ command: "/nowhere/assay-executor", args: [] });
  assertEquals(await codeOf(() => missing.engine(soon())), "engine_unavailable");
  await missing.close();
  const abacus = createChildExecutor(childCommand("abacus"));
  assertEquals(await codeOf(() => abacus.engine(soon())), "engine_unavailable");
  await abacus.close();
});

Deno.test("a program that is no executor at all is a typed error with what it said", async () => {
  const script = "console.error('I am no executor'); console.log('hello, hello, hello');";
  const executor = createChildExecutor({ command: Deno.execPath(), args: ["eval", script] });
  const error = await assertRejects(() => executor.engine(soon()), ExecutorError) as ExecutorError;
  assertEquals(error.code, "crashed");
  assert(error.message.includes("I am no executor"), error.message);
  await executor.close();
});

Deno.test("a child ends by itself when its host is gone", async () => {
  const { command, args } = childCommand("ort-strict");
  const child = new Deno.Command(command, { args: [...args], stdin: "piped", stdout: "null", stderr: "null" })
    .spawn();
  await child.stdin.close();
  const deadline = setTimeout(() => child.kill("SIGKILL"), 20_000);
  const status = await child.status;
  clearTimeout(deadline);
  assertEquals([status.success, status.signal], [true, null]);
});
