import { assertEquals } from "@std/assert/equals.js";
import { assertRejects } from "@std/assert/rejects.js";
import { ActorError, startActorNode, type SupervisionReport } from "../../../actors/runtime/mod.ts";
import { inWorker } from "../../../actors/runtime/worker_host_worker.ts";
import { makeMemoryMesh } from "../../../net/mod.ts";
import type { Adder } from "./troubled_worker.ts";

async function withWorker(
  test: (
    ask: (words: string, timeoutMs?: number) => Promise<string>,
    reports: SupervisionReport[],
  ) => Promise<void>,
) {
  const mesh = await makeMemoryMesh(1);
  const reports: SupervisionReport[] = [];
  const adder: Adder = {
    add(a, b, onHalf) {
      onHalf((a + b) / 2);
      return Promise.resolve(a + b);
    },
  };
  const [transport] = mesh.transports;
  if (transport === undefined) throw new RangeError("A mesh of one has one transport");
  const node = startActorNode({
    transport,
    timers: mesh.network.timers,
    random: (length) => crypto.getRandomValues(new Uint8Array(length)),
    actors: [inWorker({
      role: "troubled",
      topics: [],
      module: new URL("./troubled_worker.ts", import.meta.url),
      permissions: "none",
      settings: "mine",
      services: { adder },
      heartbeat: { everyMs: 50, silentMs: 2500 },
    })],
    policy: { firstPauseMs: 10 },
    onReport: (report) => reports.push(report),
  });
  const ask = async (words: string, timeoutMs = 60_000) => {
    const question = new TextEncoder().encode(words);
    return new TextDecoder().decode(
      await node.ask({ peer: node.self, role: "troubled" }, question, timeoutMs),
    );
  };
  try {
    await test(ask, reports);
  } finally {
    await node.stop();
    await mesh.close();
  }
}

/** Asks until the replaced worker answers. */
async function failuresAfter(
  words: string,
  ask: (words: string, timeoutMs?: number) => Promise<string>,
  reports: SupervisionReport[],
): Promise<readonly string[]> {
  await assertRejects(() => ask(words, 2000), ActorError);
  assertEquals(await ask("count"), "0 of mine");
  return reports.flatMap((report) => report.kind === "failed" ? [report.error.code] : []);
}

Deno.test("an actor in a worker keeps its state, uses its host's services, and may do nothing else", async () => {
  await withWorker(async (ask) => {
    assertEquals(await ask("count"), "0 of mine");
    assertEquals(await ask("count"), "1 of mine");
    assertEquals(await ask("add"), "6 3");
    assertEquals(await ask("read"), "NotCapable");
  });
});

Deno.test("a turn that throws in a worker, an uncaught error and a silent exit each cost one incarnation, not the host", async () => {
  await withWorker(async (ask, reports) => {
    assertEquals(await failuresAfter("throw", ask, reports), ["failed"]);
    assertEquals(await failuresAfter("crash", ask, reports), ["failed", "crashed"]);
    assertEquals(await failuresAfter("close", ask, reports), ["failed", "crashed", "silent"]);
  });
});

Deno.test("a worker in a busy loop is noticed by its silence and replaced", async () => {
  await withWorker(async (ask, reports) => {
    assertEquals(await failuresAfter("spin", ask, reports), ["silent"]);
  });
});
