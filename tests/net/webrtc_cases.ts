/**
 * The suites and a few promises of its own, over the real network. A program, not a test file: see `webrtc_test.ts`.
 *
 * @module
 */
import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertRejects } from "@std/assert/rejects.js";
import { NetError } from "../../net/mod.ts";
import { startWebRtcTransport } from "../../net/webrtc_libp2p.ts";
import { until } from "./harness.ts";
import { testBlobExchange } from "./blob_exchange_suite.ts";
import { testTransport } from "./transport_suite.ts";
import { seedOf, webRtcHarness } from "./webrtc_harness.ts";

/** One promise, kept or not. Printed as one line of JSON for `webrtc_test.ts`. */
export interface Outcome {
  readonly name: string;
  /** What went wrong, or `null`. */
  readonly error: string | null;
}

/** The last line, so that a child that died halfway is noticed. */
export interface Summary {
  readonly ran: number;
}

/** No promise of the network takes longer, even on a busy machine. */
const CASE_MS = 60_000;

const cases: { readonly name: string; readonly run: () => Promise<void> }[] = [];
const declare = (name: string, run: () => Promise<void>) => {
  cases.push({ name, run });
};

testTransport({ name: "webrtc", makeHarness: webRtcHarness, declare });
testBlobExchange({ name: "blobs over webrtc", makeHarness: webRtcHarness, declare });

declare(
  "webrtc: a fixed port that is taken is said to be, and the port is free again after close",
  async () => {
    const a = await startWebRtcTransport({ seed: seedOf(0) });
    const port = Number(/\/udp\/(\d+)\//.exec(a.addresses()[0] ?? "")?.[1]);
    try {
      const error = await assertRejects(
        () => startWebRtcTransport({ seed: seedOf(1), port }),
        NetError,
      ) as NetError;
      assertEquals(error.code, "address_in_use");
    } finally {
      await a.close();
    }
    const b = await startWebRtcTransport({ seed: seedOf(1), port });
    await b.close();
  },
);

declare(
  "webrtc: thirteen nodes find each other through four, and gossip",
  async () => {
    const hubs = await Promise.all(
      [0, 1, 2, 3].map((index) => startWebRtcTransport({ seed: seedOf(index) })),
    );
    const bootstrap = hubs.map((hub) => hub.addresses()[0] ?? "");
    const spokes = await Promise.all(
      Array.from(
        { length: 9 },
        (_, i) => startWebRtcTransport({ seed: seedOf(4 + i), bootstrap, report: () => {} }),
      ),
    );
    const nodes = [...hubs, ...spokes];
    try {
      const heard = new Set<string>();
      for (const node of nodes) node.subscribe("news", () => heard.add(node.self));
      await until("all are connected", () => hubs.every((hub) => hub.peers().length >= 9), 20_000);
      const [author] = spokes;
      if (author === undefined) throw new Error("Nine spokes were started.");
      await until("all have heard", () => {
        author.publish("news", Uint8Array.of(1));
        return heard.size === nodes.length - 1;
      }, 20_000);
      assert(!heard.has(author.self));
    } finally {
      await Promise.all(nodes.map((node) => node.close()));
    }
  },
);

declare(
  "webrtc: nodes that close while others still dial them take nobody down",
  async () => {
    for (let round = 0; round < 3; round++) {
      const first = await startWebRtcTransport({ seed: seedOf(100 * round) });
      const bootstrap = first.addresses();
      const others = await Promise.all(
        Array.from(
          { length: 9 },
          (_, i) => startWebRtcTransport({ seed: seedOf(100 * round + 1 + i), bootstrap, report: () => {} }),
        ),
      );
      await until("all are connected", () => first.peers().length === others.length);
      // Those that stay dial the closed one again and again: packets from strangers, for a port that nobody hears.
      await first.close();
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      await Promise.all(others.map((node) => node.close()));
    }
  },
);

declare(
  "webrtc: a node takes over the port of one that was closed",
  async () => {
    const a = await startWebRtcTransport({ seed: seedOf(0) });
    const port = Number(/\/udp\/(\d+)\//.exec(a.addresses()[0] ?? "")?.[1]);
    await a.close();
    const b = await startWebRtcTransport({ seed: seedOf(1), port });
    const c = await startWebRtcTransport({ seed: seedOf(2) });
    assertEquals(await c.dial(b.addresses()[0] ?? ""), b.self);
    await Promise.all([b.close(), c.close()]);
  },
);

async function outcomeOf(run: () => Promise<void>): Promise<string | null> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`It took longer than ${CASE_MS} ms.`)), CASE_MS);
  try {
    await Promise.race([run(), late.promise]);
    return null;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.stack ?? thrown.message : String(thrown);
  } finally {
    clearTimeout(timer);
  }
}

if (import.meta.main) {
  for (const { name, run } of cases) {
    const outcome: Outcome = { name, error: await outcomeOf(run) };
    console.log(JSON.stringify(outcome));
  }
  const summary: Summary = { ran: cases.length };
  console.log(JSON.stringify(summary));
  Deno.exit(0);
}
