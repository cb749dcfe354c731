import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertRejects } from "@std/assert/rejects.js";
import { NetError } from "../../net/mod.ts";
import { startWebRtcTransport } from "../../net/webrtc_libp2p.ts";
import { until } from "./harness.ts";
import { testTransport } from "./transport_suite.ts";
import { NATIVE_HANDLES, seedOf, webRtcHarness } from "./webrtc_harness.ts";

testTransport({ name: "webrtc", makeHarness: webRtcHarness, sanitize: NATIVE_HANDLES });

Deno.test({
  name: "webrtc: a fixed port that is taken is said to be, and the port is free again after close",
  ...NATIVE_HANDLES,
  fn: async () => {
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
});

Deno.test({
  name: "webrtc: thirteen nodes find each other through four, and gossip",
  ...NATIVE_HANDLES,
  fn: async () => {
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
});
