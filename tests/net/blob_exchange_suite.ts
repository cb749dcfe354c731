/**
 * What blob transfer promises, over each kind of network.
 *
 * @module
 */
import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertRejects } from "@std/assert/rejects.js";
import { blobRoot, bytesToHex, CHUNK_BYTES, encode } from "../../ledger/primitives/mod.ts";
import {
  type BlobExchange,
  BlobManifest,
  type BlobStore,
  CHUNK_PROTOCOL,
  type FetchProgress,
  type Handler,
  makeBlobExchange,
  makeMemoryBlobStore,
  MANIFEST_PROTOCOL,
  manifestOf,
  NetError,
} from "../../net/mod.ts";
import { systemTimers } from "../../net/timers_system.ts";
import { idOf, type TestNode, until, withNodes } from "./harness.ts";
import type { SuiteOptions } from "./transport_suite.ts";

/** 40 chunks, the last of them short. */
const BLOB = Uint8Array.from({ length: 39 * CHUNK_BYTES + 12_345 }, (_, i) => (i * 2654435761) >>> 24);
const ID = bytesToHex(blobRoot(BLOB));

interface BlobNode extends TestNode {
  readonly store: BlobStore;
  readonly exchange: BlobExchange;
}

function withExchange(node: TestNode, store: BlobStore = makeMemoryBlobStore()): BlobNode {
  const exchange = makeBlobExchange(node.transport, store, {
    timers: systemTimers,
    blame: node.transport.blame,
  });
  return { ...node, store, exchange };
}

const chunkOf = (blob: Uint8Array, index: number) =>
  blob.slice(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES);

/** Index of the chunk that a request asks for: its last byte, below 128. */
const indexIn = (request: Uint8Array): number => request.at(-1) ?? 0;

/** Serves the true manifest and whatever `chunk` makes of a request for a chunk. Counts the requests. */
function serveChunks(
  node: TestNode,
  chunk: (count: number, index: number) => ReturnType<Handler>,
): { asked: number } {
  const counter = { asked: 0 };
  node.transport.handle(MANIFEST_PROTOCOL, () => Promise.resolve(encode(BlobManifest, manifestOf(BLOB))));
  node.transport.handle(CHUNK_PROTOCOL, (_from, request) => chunk(++counter.asked, indexIn(request)));
  return counter;
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return (await assertRejects(() => promise, NetError) as NetError).code;
}

/** Declares the suite's tests. */
export function testBlobExchange({ name, makeHarness, declare }: SuiteOptions): void {
  const test = (promise: string, run: Parameters<typeof withNodes>[1]) =>
    declare(`${name}: ${promise}`, () => withNodes(makeHarness, run));

  const meet = async (reader: TestNode, others: readonly TestNode[]) => {
    for (const other of others) await reader.transport.dial(other.transport.addresses()[0] ?? "");
  };

  test("a blob is fetched, kept, and its progress shown", async ({ start }) => {
    const [reader, owner] = [withExchange(await start(0)), withExchange(await start(1))];
    assertEquals(await owner.store.put(BLOB), ID);
    await meet(reader, [owner]);
    const steps: FetchProgress[] = [];
    const blob = await reader.exchange.fetch(ID, { onProgress: (progress) => steps.push(progress) });
    assertEquals(blob, BLOB);
    assertEquals(steps.length, 40);
    assertEquals(steps.at(-1), { receivedBytes: BLOB.length, totalBytes: BLOB.length });
    assert(await reader.store.has(ID));
    await owner.transport.close();
    assertEquals(await reader.exchange.fetch(ID), BLOB, "the second time it is here");
  });

  test("an empty blob is a blob", async ({ start }) => {
    const [reader, owner] = [withExchange(await start(0)), withExchange(await start(1))];
    const id = await owner.store.put(new Uint8Array(0));
    await meet(reader, [owner]);
    assertEquals(await reader.exchange.fetch(id), new Uint8Array(0));
  });

  test("of three peers one lies and one dies, and the blob arrives whole", async ({ start }) => {
    const reader = withExchange(await start(0));
    const [liar, dying] = [await start(2), await start(3)];
    const store = makeMemoryBlobStore();
    await store.put(BLOB);
    const honest = withExchange(await start(1), {
      ...store,
      // The honest peer comes last, so that the others have had their chance to do harm.
      chunk: async (id, index) => {
        await until("both have misbehaved", () => reader.transport.points(idOf(2)) > 30 && deaths.asked > 1);
        return await store.chunk(id, index);
      },
    });
    serveChunks(liar, () => Promise.resolve(new Uint8Array(CHUNK_BYTES)));
    // What it says before it dies is true: a second liar would be shut out before it is asked again.
    const deaths = serveChunks(dying, async (count, index) => {
      if (count === 2) await dying.transport.close();
      return chunkOf(BLOB, index);
    });
    await meet(reader, [liar, dying, honest]);
    const from = [idOf(2), idOf(3), idOf(1)];
    assertEquals(await reader.exchange.fetch(ID, { from }), BLOB);
    assertEquals(reader.transport.points(idOf(1)), 0);
    assertEquals(reader.transport.points(idOf(3)), 0);
  });

  test("what was received before everybody went is kept for the next attempt", async ({ start }) => {
    const reader = withExchange(await start(0));
    const [first, second] = [await start(1), await start(2)];
    const owner = makeMemoryBlobStore();
    await owner.put(BLOB);
    const served = new Set<number>();
    // Both serve real chunks; the first fails for good after ten of them.
    first.transport.handle(MANIFEST_PROTOCOL, () => Promise.resolve(encode(BlobManifest, manifestOf(BLOB))));
    first.transport.handle(CHUNK_PROTOCOL, async (_from, message) => {
      const index = indexIn(message);
      if (served.size === 10) throw new NetError("store_failed", "The disk is gone.");
      served.add(index);
      return await owner.chunk(ID, index);
    });
    await meet(reader, [first]);
    assertEquals(await codeOf(reader.exchange.fetch(ID)), "not_found");
    assertEquals(served.size, 10);
    const again: number[] = [];
    second.transport.handle(CHUNK_PROTOCOL, async (_from, message) => {
      again.push(indexIn(message));
      return await owner.chunk(ID, indexIn(message));
    });
    await meet(reader, [second]);
    await first.transport.close();
    assertEquals(await reader.exchange.fetch(ID), BLOB);
    assertEquals(again.filter((index) => served.has(index)), []);
    assertEquals(again.length, 30);
  });

  test("some chunks are fetched without the rest, and a peer that lies about them costs nothing but its points", async ({ start }) => {
    const reader = withExchange(await start(0)), liar = await start(2);
    const store = makeMemoryBlobStore();
    await store.put(BLOB);
    const asked: number[] = [];
    const owner = withExchange(await start(1), {
      ...store,
      chunk: (id, index) => {
        asked.push(index);
        return store.chunk(id, index);
      },
    });
    serveChunks(liar, () => Promise.resolve(new Uint8Array(CHUNK_BYTES)));
    await meet(reader, [liar, owner]);
    const chunks = await reader.exchange.fetchChunks(ID, [3, 39], { from: [idOf(2), idOf(1)] });
    assertEquals(chunks.get(3), BLOB.slice(3 * CHUNK_BYTES, 4 * CHUNK_BYTES));
    assertEquals([chunks.get(39), chunks.size], [BLOB.slice(39 * CHUNK_BYTES), 2]);
    assertEquals(asked.toSorted((a, b) => a - b), [3, 39]);
    assert(reader.transport.points(idOf(2)) > 0);
    assert(!await reader.store.has(ID));
    assertEquals(await codeOf(reader.exchange.fetchChunks(ID, [40])), "not_found");
    assertEquals(
      await owner.exchange.fetchChunks(ID, [1]),
      new Map([[1, BLOB.slice(CHUNK_BYTES, 2 * CHUNK_BYTES)]]),
    );
  });

  test("a blob that nobody has, or an id that is none, is a typed error", async ({ start }) => {
    const [reader, other] = [withExchange(await start(0)), withExchange(await start(1))];
    assertEquals(await codeOf(reader.exchange.fetch(ID)), "not_found");
    await meet(reader, [other]);
    assertEquals(await codeOf(reader.exchange.fetch(ID)), "not_found");
    assertEquals(await codeOf(reader.exchange.fetch("x")), "bad_address");
  });

  test("a false manifest is refused and its sender blamed", async ({ start }) => {
    const [reader, liar] = [withExchange(await start(0)), await start(1)];
    const other = BLOB.slice(1);
    liar.transport.handle(MANIFEST_PROTOCOL, () => Promise.resolve(encode(BlobManifest, manifestOf(other))));
    await meet(reader, [liar]);
    assertEquals(await codeOf(reader.exchange.fetch(ID)), "not_found");
    assert(reader.transport.points(idOf(1)) > 30);
  });

  test("a fetch ends at its deadline or when its caller cancels, and a malformed request is an error", async ({ start }) => {
    const [reader, slow] = [withExchange(await start(0)), await start(1)];
    const hold = Promise.withResolvers<void>();
    serveChunks(slow, async () => await hold.promise);
    await meet(reader, [slow]);
    assertEquals(await codeOf(reader.exchange.fetch(ID, { timeoutMs: 200 })), "timed_out");
    const controller = new AbortController();
    const fetching = codeOf(reader.exchange.fetch(ID, { signal: controller.signal }));
    controller.abort();
    assertEquals(await fetching, "cancelled");
    const malformed = slow.transport.request(idOf(0), CHUNK_PROTOCOL, Uint8Array.of(1, 2), {
      timeoutMs: 5_000,
    });
    const error = await assertRejects(() => malformed, NetError) as NetError;
    assertEquals(error.fields.remoteCode, "protocol_error");
    hold.resolve();
  });
}
