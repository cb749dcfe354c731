/**
 * A network of several nodes in a process of its own, measured on the clock: waiting is part of what a network does.
 * Arguments: `memory`|`webrtc` and `roundTrip`|`throughput`|`gossip`.
 *
 * @module
 */
import type { Transport } from "../../../net/mod.ts";
import type { Contender } from "../bench.ts";
import { ToolError } from "../../errors.ts";
import { serveContender } from "../serve_contender.ts";
import { median } from "../statistics.ts";
import { type Mesh, nodeAt, openMesh } from "./meshes.ts";

const PROTOCOL = "/assay/bench/1", TOPIC = "assay/bench";
const REQUEST = { timeoutMs: 20_000 };

/** Measures one thing of a mesh: each call is a sample. */
type Measurement = (mesh: Mesh) => () => Promise<number>;

/** Of a sample. */
const ROUND_TRIPS = 200;

/** Median milliseconds from asking to being answered, 64 bytes each way. */
const roundTrip: Measurement = (mesh) => {
  const asker = nodeAt(mesh, 0), answerer = nodeAt(mesh, 1), message = new Uint8Array(64);
  answerer.handle(PROTOCOL, (_, received) => Promise.resolve(received));
  return async () => {
    const times: number[] = [];
    for (let i = 0; i < ROUND_TRIPS; i++) {
      const start = performance.now();
      await asker.request(answerer.self, PROTOCOL, message, REQUEST);
      times.push(performance.now() - start);
    }
    return median(times);
  };
};

/** Bytes of a message and messages under way at once: blobs travel so. */
const MESSAGE_BYTES = 1024 * 1024, AT_ONCE = 4, MESSAGES = 16;

/** Megabytes a second one way. */
const throughput: Measurement = (mesh) => {
  const asker = nodeAt(mesh, 0), answerer = nodeAt(mesh, 1), message = new Uint8Array(MESSAGE_BYTES).fill(7);
  answerer.handle(PROTOCOL, () => Promise.resolve());
  const line = async (count: number) => {
    for (let i = 0; i < count; i++) await asker.request(answerer.self, PROTOCOL, message, REQUEST);
  };
  return async () => {
    const start = performance.now();
    await Promise.all(Array.from({ length: AT_ONCE }, () => line(MESSAGES / AT_ONCE)));
    return MESSAGES * MESSAGE_BYTES / 1e6 / ((performance.now() - start) / 1000);
  };
};

/** Of a sample, and how long one may take to reach everybody. */
const GOSSIPED = 30, GOSSIP_LIMIT_MS = 5_000;

/** Bytes of a gossiped message. */
const GOSSIP_BYTES = 1024;

/** Median milliseconds until a message of one node has reached all others. */
const gossip: Measurement = (mesh) => {
  const [author, ...others] = mesh.transports;
  if (author === undefined) throw new ToolError("failed", "Gossip needs nodes.");
  let count = 0;
  return async () => {
    const times: number[] = [];
    for (let i = 0; i < GOSSIPED; i++) times.push(await spread(author, others, count++));
    return median(times);
  };
};

async function spread(author: Transport, others: readonly Transport[], number: number): Promise<number> {
  const message = new Uint8Array(GOSSIP_BYTES);
  new DataView(message.buffer).setUint32(0, number);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const waiting = new Set(others);
  const stops = others.map((other) =>
    other.subscribe(TOPIC, (_, received) => {
      if (new DataView(received.buffer, received.byteOffset).getUint32(0) !== number) return;
      waiting.delete(other);
      if (waiting.size === 0) resolve();
    })
  );
  const timer = setTimeout(() => {
    reject(
      new ToolError("failed", `A message did not reach ${waiting.size} nodes in ${GOSSIP_LIMIT_MS} ms.`),
    );
  }, GOSSIP_LIMIT_MS);
  try {
    const start = performance.now();
    await author.publish(TOPIC, message);
    await promise;
    return performance.now() - start;
  } finally {
    clearTimeout(timer);
    for (const stop of stops) stop();
  }
}

/** For subscriptions to become known: gossipsub tells its neighbours once a second. */
const SETTLE_MS = 2_500;

const MEASUREMENTS: Readonly<Record<string, { readonly nodes: number; readonly measure: Measurement }>> = {
  roundTrip: { nodes: 2, measure: roundTrip },
  throughput: { nodes: 2, measure: throughput },
  gossip: { nodes: 4, measure: gossip },
};

async function open([kind = "", name = ""]: readonly string[]): Promise<Contender> {
  const measurement = MEASUREMENTS[name];
  if (measurement === undefined) throw new ToolError("failed", `There is no measurement "${name}".`);
  const mesh = await openMesh(kind, measurement.nodes);
  if (name === "gossip") {
    // Subscribed all the time, so that nobody leaves the topic between two messages.
    for (const transport of mesh.transports) transport.subscribe(TOPIC, () => {});
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  }
  return { sample: measurement.measure(mesh), close: () => mesh.close() };
}

if (import.meta.main) await serveContender(open);
