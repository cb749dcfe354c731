/**
 * The demo as a person starts it: a process of its own, real WebRTC, SQLite and executors.
 */
import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { brokenPromises, type DemoReport } from "../../tools/demo/report.ts";
import { processesIn, taskArguments } from "./assay_process.ts";

/** Several times what it takes on two free cores: a loaded machine must not fail a correct demo. */
const DEMO_MS = 300_000;

/** Ctrl-C must end it within this: every wait of its shutdown has a shorter deadline. */
const END_MS = 30_000;

async function startDemo(folder: string, ...args: readonly string[]): Promise<Deno.ChildProcess> {
  return new Deno.Command(Deno.execPath(), {
    args: [...await taskArguments("demo"), ...args],
    cwd: folder,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder)).catch(() => []);
  return entries.map(({ name }) => name);
}

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "assay-demo-test-" }));
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("the demo trains, catches the cheat, pays the honest, and conserves the supply", () =>
  inFolder(async (folder) => {
    const demo = await startDemo(folder, "--json");
    const deadline = setTimeout(() => demo.kill("SIGKILL"), DEMO_MS);
    const { code, stdout, stderr } = await demo.output();
    clearTimeout(deadline);
    const text = new TextDecoder().decode(stdout);
    assertEquals(code, 0, `${text}\n${new TextDecoder().decode(stderr)}`);
    const report: DemoReport = JSON.parse(text);
    assert(report.ok);
    assertEquals(brokenPromises(report, { cheater: "provider-1", threshold: 0.9 }), []);
    const { genesis, issued, burned, now } = report.supply;
    assertEquals(BigInt(now), BigInt(genesis) + BigInt(issued) - BigInt(burned));
    assertEquals(await filesBelow(`${folder}/.assay`), []);
    assertEquals(await processesIn(folder), []);
  }));

Deno.test("Ctrl-C in the middle of the demo leaves no process and no file", () =>
  inFolder(async (folder) => {
    const demo = await startDemo(folder);
    const reader = demo.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let told = "";
    // Everybody is up and work has begun: executors run, stores are open.
    while (!told.includes("in escrow")) {
      const { value, done } = await reader.read();
      assert(!done, `The demo ended by itself:\n${told}`);
      told += value;
    }
    demo.kill("SIGINT");
    const deadline = setTimeout(() => demo.kill("SIGKILL"), END_MS);
    while (!(await reader.read()).done);
    const { code } = await demo.status;
    clearTimeout(deadline);
    await demo.stderr.cancel();
    assertEquals(code, 130);
    assertEquals(await filesBelow(`${folder}/.assay`), []);
    assertEquals(await processesIn(folder), []);
  }));
