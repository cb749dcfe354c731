import { assertEquals } from "@std/assert/equals.js";
import { assertRejects } from "@std/assert/rejects.js";
import { makeMemoryMesh, makeMemoryNetwork, NetError, testSigner, type Timers } from "../../net/mod.ts";
import { makeMemoryTransport } from "../../net/mod.ts";
import { memoryHarness } from "./harness.ts";
import { testTransport } from "./transport_suite.ts";

testTransport({ name: "memory", makeHarness: () => memoryHarness(), declare: Deno.test });

/** Time that stands still until it is moved. */
function makeVirtualTimers(): Timers & { run(ms: number): Promise<void> } {
  let now = 1_000;
  let order = 0;
  const pending = new Map<number, { readonly at: number; readonly callback: () => void }>();
  const settle = async () => {
    for (let turn = 0; turn < 50; turn++) await Promise.resolve();
  };
  return {
    now: () => now,
    after(ms, callback) {
      const id = order++;
      pending.set(id, { at: now + ms, callback });
      return () => pending.delete(id);
    },
    async run(ms) {
      const end = now + ms;
      await settle();
      while (true) {
        const [next] = [...pending].filter(([, timer]) => timer.at <= end).toSorted(([i, a], [j, b]) =>
          a.at - b.at || i - j
        );
        if (next === undefined) break;
        pending.delete(next[0]);
        now = next[1].at;
        next[1].callback();
        await settle();
      }
      now = end;
    },
  };
}

Deno.test("memory: delays run on the injected clock alone, and take as long as they say", async () => {
  const timers = makeVirtualTimers();
  const network = makeMemoryNetwork({ timers, latency: () => 40 });
  const [a, b] = [0, 1].map((index) => makeMemoryTransport(network, { signer: testSigner(index) }));
  if (a === undefined || b === undefined) throw new Error("two nodes were made");
  b.handle("/time/1", () => Promise.resolve(Uint8Array.of(1)));
  const dialled = a.dial(b.addresses()[0] ?? "");
  await timers.run(100);
  await dialled;
  const started = timers.now();
  let answeredAt = 0;
  const asked = a.request(b.self, "/time/1", new Uint8Array(0), { timeoutMs: 1_000 }).then(() =>
    answeredAt = timers.now()
  );
  await timers.run(500);
  await asked;
  assertEquals(answeredAt - started, 80);
  await Promise.all([a.close(), b.close()]);
});

Deno.test("memory: a lost message passes its sender's deadline", async () => {
  const timers = makeVirtualTimers();
  let lossy = false;
  const network = makeMemoryNetwork({ timers, latency: () => 5, loss: () => lossy });
  const [a, b] = [0, 1].map((index) => makeMemoryTransport(network, { signer: testSigner(index) }));
  if (a === undefined || b === undefined) throw new Error("two nodes were made");
  b.handle("/x/1", () => Promise.resolve());
  const dialled = a.dial(b.addresses()[0] ?? "");
  await timers.run(100);
  await dialled;
  lossy = true;
  const lost = assertRejects(
    () => a.request(b.self, "/x/1", new Uint8Array(1), { timeoutMs: 700 }),
    NetError,
    "700 ms",
  );
  await timers.run(701);
  await lost;
  await Promise.all([a.close(), b.close()]);
});

Deno.test("memory: a mesh connects everybody with everybody", async () => {
  const mesh = await makeMemoryMesh(4);
  assertEquals(mesh.transports.map((transport) => transport.peers().length), [3, 3, 3, 3]);
  await mesh.close();
  assertEquals(mesh.transports.map((transport) => transport.peers().length), [0, 0, 0, 0]);
});

Deno.test("memory: an address belongs to one node", () => {
  const network = makeMemoryNetwork();
  network.link("00", "memory/a");
  let code = "";
  try {
    network.link("01", "memory/a");
  } catch (thrown) {
    if (thrown instanceof NetError) code = thrown.code;
  }
  assertEquals(code, "address_in_use");
});
