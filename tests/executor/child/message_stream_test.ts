import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertRejects } from "@std/assert/rejects.js";
import { createMessageWriter, type Received, receiveMessages } from "../../../executor/child/mod.ts";
import { ExecutorError } from "../../../executor/errors.ts";

/** Everything that is written, as one byte string. */
async function written(
  write: (writer: ReturnType<typeof createMessageWriter>) => Promise<unknown>,
): Promise<Uint8Array> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const collected = new Response(readable as ReadableStream<Uint8Array<ArrayBuffer>>).bytes();
  const writer = createMessageWriter(writable);
  await write(writer);
  await writer.close();
  return await collected;
}

/** Reads a byte string that arrives in pieces of `size`. */
async function read(bytes: Uint8Array, size: number): Promise<Received[]> {
  const received: Received[] = [];
  const pieces = Array.from(
    { length: Math.ceil(bytes.length / size) },
    (_, i) => bytes.slice(i * size, (i + 1) * size),
  );
  for await (const item of receiveMessages(ReadableStream.from(pieces))) received.push(item);
  return received;
}

const MESSAGE = {
  text: "segment",
  nothing: null,
  flags: [true, false],
  numbers: [0, -1, 1.5, 2 ** 40, Number.MAX_SAFE_INTEGER],
  large: 2n ** 63n,
  hash: new Uint8Array(32).fill(7),
  empty: new Float32Array(0),
  values: Float32Array.of(1.5, -0, Infinity),
  counts: BigInt64Array.of(-1n, 2n ** 62n),
  nested: [{ half: Uint16Array.of(1, 65535) }, { bytes: new Uint8Array(5000).fill(9) }],
};

Deno.test("plain data comes out as it went in, however the stream is cut", async () => {
  const bytes = await written((writer) => writer.send(MESSAGE));
  for (const size of [1, 7, 4096, bytes.length]) {
    assertEquals(await read(bytes, size), [{ kind: "message", message: MESSAGE }]);
  }
});

Deno.test("a typed array of many frames arrives whole, over a buffer of its own", async () => {
  const values = Float32Array.from({ length: 1_000_003 }, (_, i) => Math.fround(i / 7));
  const bytes = await written((writer) => writer.send({ values: values.subarray(3) }));
  const [received] = await read(bytes, 65_536);
  assert(received?.kind === "message");
  assertEquals((received as { message: { values: Float32Array } }).message.values, values.slice(3));
});

Deno.test("messages stay whole and in order when they are sent at once, with heartbeats between their frames", async () => {
  const large = new Uint8Array(3 << 20).fill(1);
  const bytes = await written((writer) =>
    Promise.all([
      writer.send({ n: 1, large }),
      writer.heartbeat(12_345_678_901),
      writer.send({ n: 2, large }),
      writer.send({ n: 3 }),
    ])
  );
  const received = await read(bytes, 50_000);
  const numbers = received.flatMap((item) =>
    item.kind === "message" ? [(item.message as { n: number }).n] : []
  );
  assertEquals(numbers, [1, 2, 3]);
  assertEquals(received.filter(({ kind }) => kind === "heartbeat"), [{
    kind: "heartbeat",
    residentBytes: 12_345_678_901,
  }]);
});

Deno.test("what is no plain data is refused before anything is sent", async () => {
  const bytes = await written(async (writer) => {
    for (const wrong of [() => 1, Symbol("x"), { deep: [new DataView(new ArrayBuffer(2))] }]) {
      const error = await assertRejects(() => writer.send({ wrong }), ExecutorError) as ExecutorError;
      assertEquals(error.code, "bad_request");
    }
  });
  assertEquals(bytes.length, 0);
});

Deno.test("a stream that ends within a message, or holds something else, is a typed error", async () => {
  const bytes = await written((writer) => writer.send(MESSAGE));
  for (const cut of [1, 4, 6, bytes.length - 1]) {
    const error = await assertRejects(() => read(bytes.slice(0, cut), 100), ExecutorError) as ExecutorError;
    assertEquals(error.code, "crashed");
  }
  const text = new TextEncoder().encode("Hello, I am a stack trace.\n");
  assertEquals((await assertRejects(() => read(text, 100), ExecutorError) as ExecutorError).code, "crashed");
});
