/**
 * What every transport promises, run against each of them.
 *
 * @module
 */
import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertRejects } from "@std/assert/rejects.js";
import { assertThrows } from "@std/assert/throws.js";
import {
  MAX_FRAME_BYTES,
  MAX_TRANSPORT_BYTES,
  NetError,
  type PeerEvent,
  type Transport,
} from "../../net/mod.ts";
import { type Harness, idOf, until, withNodes } from "./harness.ts";

/** How the suite is run. */
export interface SuiteOptions {
  readonly name: string;
  readonly makeHarness: () => Promise<Harness>;
  /** Takes one test: `Deno.test`, or a list that is run elsewhere. */
  readonly declare: (name: string, run: () => Promise<void>) => void;
}

const REQUEST = { timeoutMs: 10_000 };

function pattern(length: number, seed = 1): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) * 7 + seed) & 0xff);
}

function first(transport: Transport): string {
  const address = transport.addresses()[0];
  if (address === undefined) throw new Error("A node has an address.");
  return address;
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await assertRejects(() => promise, NetError);
  return (error as NetError).code;
}

/** Declares the suite's tests. */
export function testTransport({ name, makeHarness, declare }: SuiteOptions): void {
  const test = (promise: string, run: Parameters<typeof withNodes>[1]) =>
    declare(`${name}: ${promise}`, () => withNodes(makeHarness, run));

  test("a peer is known by its key, on both sides of a connection", async ({ start }) => {
    const [{ transport: a }, { transport: b }] = [await start(0), await start(1)];
    assertEquals(a.self, idOf(0));
    const seen: PeerEvent[] = [];
    b.onPeer((event) => seen.push(event));
    assertEquals(await a.dial(first(b)), idOf(1));
    await until("b sees a", () => b.peers().length === 1);
    assertEquals(a.peers(), [idOf(1)]);
    assertEquals(b.peers(), [idOf(0)]);
    assertEquals(seen, [{ kind: "connected", peer: idOf(0) }]);
    assertEquals(await a.dial(first(b)), idOf(1), "dialling again finds the same peer");
  });

  test("requests are answered, in both directions and many at once", async ({ start }) => {
    const [{ transport: a }, { transport: b }] = [await start(0), await start(1)];
    for (const node of [a, b]) {
      node.handle("/double/1", (from, message) => {
        const sender = parseInt(from.slice(0, 2), 16);
        return Promise.resolve(Uint8Array.from([sender, ...message, ...message]));
      });
    }
    await a.dial(first(b));
    await until("b sees a", () => b.peers().length === 1);
    const asked = Array.from({ length: 100 }, (_, i) => i);
    const replies = await Promise.all(
      asked.map((i) => a.request(b.self, "/double/1", Uint8Array.of(i), REQUEST)),
    );
    const expected = asked.map((i) => Uint8Array.of(parseInt(a.self.slice(0, 2), 16), i, i));
    assertEquals(replies, expected);
    const back = await b.request(a.self, "/double/1", Uint8Array.of(7), REQUEST);
    assertEquals(back, Uint8Array.of(parseInt(b.self.slice(0, 2), 16), 7, 7));
  });

  test("messages of the largest size go both ways, and empty ones too", async ({ start }) => {
    const [{ transport: a }, { transport: b }] = [await start(0), await start(1)];
    b.handle("/echo/1", (_from, message) => Promise.resolve(message));
    b.handle("/nothing/1", () => Promise.resolve());
    await a.dial(first(b));
    const large = pattern(MAX_TRANSPORT_BYTES);
    assertEquals(await a.request(b.self, "/echo/1", large, REQUEST), large);
    assertEquals(await a.request(b.self, "/echo/1", new Uint8Array(0), REQUEST), new Uint8Array(0));
    assertEquals(await a.request(b.self, "/nothing/1", pattern(10), REQUEST), new Uint8Array(0));
    const several = await Promise.all([1, 2, 3].map((seed) => {
      return a.request(b.self, "/echo/1", pattern(1_000_000, seed), REQUEST);
    }));
    assertEquals(several, [1, 2, 3].map((seed) => pattern(1_000_000, seed)));
  });

  test("a message above the largest size is refused before it is sent", async ({ start }) => {
    const [{ transport: a }, { transport: b }] = [await start(0), await start(1)];
    b.handle("/flood/1", () => Promise.resolve(new Uint8Array(MAX_TRANSPORT_BYTES + 1)));
    await a.dial(first(b));
    const tooLarge = new Uint8Array(MAX_TRANSPORT_BYTES + 1);
    assertEquals(await codeOf(a.request(b.self, "/x/1", tooLarge, REQUEST)), "too_large");
    assertEquals(await codeOf(a.send(b.self, "/x/1", tooLarge)), "too_large");
    assertEquals(await codeOf(a.publish("x", tooLarge)), "too_large");
    const error = await assertRejects(
      () => a.request(b.self, "/flood/1", pattern(1), REQUEST),
      NetError,
    ) as NetError;
    assertEquals([error.code, error.fields.remoteCode], ["remote_error", "too_large"], "so is such a reply");
    assertEquals([a.points(b.self), b.points(a.self)], [0, 0]);
  });

  test("a one-way message arrives, and its handler's failure is reported where it happened", async ({ start }) => {
    const problems: unknown[] = [];
    const [{ transport: a }, { transport: b }] = [
      await start(0),
      await start(1, { report: (_problem, error) => problems.push(error) }),
    ];
    const received: number[] = [];
    b.handle("/note/1", (_from, message) => {
      received.push(message[0] ?? -1);
      return message[0] === 9 ? Promise.reject(new Error("no nines")) : Promise.resolve();
    });
    await a.dial(first(b));
    await Promise.all([1, 2, 3, 9].map((i) => a.send(b.self, "/note/1", Uint8Array.of(i))));
    await until("all have arrived", () => received.length === 4 && problems.length === 1);
    assertEquals(received.toSorted(), [1, 2, 3, 9]);
    assertEquals(problems, ["no nines"]);
  });

  test("a handler that throws answers with a typed error and goes on serving", async ({ start }) => {
    const [{ transport: a }, { transport: b }] = [await start(0), await start(1)];
    b.handle("/fail/1", (_from, message) => {
      if (message[0] === 0) throw new Error("a plain error");
      return Promise.reject(new NetError("store_full", "A typed error."));
    });
    await a.dial(first(b));
    for (
      const [input, remoteCode, text] of [[0, "failed", "a plain error"], [
        1,
        "store_full",
        "A typed error.",
      ]] as const
    ) {
      const asked = a.request(b.self, "/fail/1", Uint8Array.of(input), REQUEST);
      const error = await assertRejects(() => asked, NetError, text) as NetError;
      assertEquals([error.code, error.fields.remoteCode], ["remote_error", remoteCode]);
    }
  });

  test("a protocol nobody serves, and one no longer served, is an error", async ({ start }) => {
    const [{ transport: a }, { transport: b }] = [await start(0), await start(1)];
    const stop = b.handle("/brief/1", () => Promise.resolve());
    assertThrows(() => b.handle("/brief/1", () => Promise.resolve()), NetError, "has a handler already");
    assertThrows(() => b.handle("", () => Promise.resolve()), NetError, "1 to 128 bytes");
    await a.dial(first(b));
    await a.request(b.self, "/brief/1", pattern(1), REQUEST);
    stop();
    assertEquals(await codeOf(a.request(b.self, "/brief/1", pattern(1), REQUEST)), "unknown_protocol");
    assertEquals(await codeOf(a.send(b.self, "/never/1", pattern(1))), "unknown_protocol");
  });

  test("a request ends at its deadline or when its caller cancels", async ({ start }) => {
    const [{ transport: a }, { transport: b }] = [await start(0), await start(1)];
    const hold = Promise.withResolvers<void>();
    b.handle("/slow/1", () => hold.promise);
    b.handle("/echo/1", (_from, message) => Promise.resolve(message));
    await a.dial(first(b));
    const started = performance.now();
    assertEquals(await codeOf(a.request(b.self, "/slow/1", pattern(1), { timeoutMs: 200 })), "timed_out");
    assert(performance.now() - started < 2_000);
    const controller = new AbortController();
    const asked = a.request(b.self, "/slow/1", pattern(1), { timeoutMs: 10_000, signal: controller.signal });
    controller.abort();
    assertEquals(await codeOf(asked), "cancelled");
    assertEquals(
      await a.request(b.self, "/echo/1", pattern(3), REQUEST),
      pattern(3),
      "the connection lives on",
    );
    hold.resolve();
  });

  test("an address that is none, is dead, or belongs to another is refused", async ({ start, harness }) => {
    const [{ transport: a, link }, { transport: b }] = [await start(0), await start(1)];
    assertEquals(await codeOf(a.dial("nonsense")), "bad_address");
    const controller = new AbortController();
    const dead = a.dial(harness.deadAddress, { signal: controller.signal });
    setTimeout(() => controller.abort(), 300);
    assert(["unreachable", "cancelled"].includes(await codeOf(dead)));
    const signal = AbortSignal.timeout(5_000);
    assertEquals(await codeOf(link.dial(first(b), { expected: idOf(2), signal })), "wrong_identity");
    assertEquals(a.peers(), []);
    assertEquals(await codeOf(a.request("not a peer", "/x/1", pattern(1), REQUEST)), "bad_address");
    assertEquals(await codeOf(a.request(idOf(3), "/x/1", pattern(1), { timeoutMs: 3_000 })), "unreachable");
  });

  test("a peer that was never dialled is found through others", async ({ start }) => {
    const [{ transport: hub }, { transport: a }] = [await start(0), await start(1)];
    await a.dial(first(hub));
    await until("hub sees a", () => hub.peers().length === 1);
    const { transport: b } = await start(2, { bootstrap: [first(hub)] });
    b.handle("/echo/1", (_from, message) => Promise.resolve(message));
    await until("hub sees b", () => hub.peers().length === 2);
    assert(!a.peers().includes(b.self));
    assertEquals(await a.request(b.self, "/echo/1", pattern(5), REQUEST), pattern(5));
    assert(a.peers().includes(b.self));
  });

  test("gossip reaches every subscriber, over more than one hop, with its proven author", async ({ start }) => {
    const { transport: hub } = await start(0);
    const spokes = await Promise.all([1, 2].map((index) => start(index, { bootstrap: [first(hub)] })));
    const { transport: author } = await start(4, { bootstrap: [first(hub)] });
    const nodes = [hub, author, ...spokes.map(({ transport }) => transport)];
    const heard = new Map<string, string[]>();
    for (const node of nodes) {
      node.subscribe("news", (from, message) => {
        heard.set(node.self, [...heard.get(node.self) ?? [], `${from} ${message.join()}`]);
      });
    }
    await until("all are connected", () => hub.peers().length === 3);
    // The mesh forms in the background: what is published before is not promised to arrive everywhere.
    let attempt = 0;
    const others = nodes.filter((node) => node !== author);
    await until("a message arrives everywhere", () => {
      author.publish("news", Uint8Array.of(attempt++ & 0xff));
      return others.every((node) => heard.has(node.self));
    });
    await author.publish("news", Uint8Array.of(255, 1));
    const last = `${author.self} 255,1`;
    await until("the last message arrives everywhere", () => {
      return others.every((node) => heard.get(node.self)?.includes(last) === true);
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    assertEquals(others.map((node) => heard.get(node.self)?.filter((entry) => entry === last).length), [
      1,
      1,
      1,
    ]);
    assert(!heard.has(author.self), "not to the author");
  });

  test("a closed peer is noticed, what was asked of it fails, and others are not affected", async ({ start }) => {
    const [{ transport: a }, { transport: b }, { transport: c }] = [
      await start(0),
      await start(1),
      await start(2),
    ];
    const events: PeerEvent[] = [];
    a.onPeer((event) => events.push(event));
    b.handle("/never/1", () => new Promise<void>(() => {}));
    c.handle("/echo/1", (_from, message) => Promise.resolve(message));
    await a.dial(first(b));
    await a.dial(first(c));
    const asked = codeOf(a.request(b.self, "/never/1", pattern(1), REQUEST));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await b.close();
    assertEquals(await asked, "closed");
    await until("a notices", () => a.peers().length === 1);
    assertEquals(events.at(-1), { kind: "disconnected", peer: b.self });
    assertEquals(await a.request(c.self, "/echo/1", pattern(3), REQUEST), pattern(3));
    await a.close();
    assertEquals(await codeOf(a.request(c.self, "/echo/1", pattern(1), REQUEST)), "closed");
    assertEquals(await codeOf(a.dial(first(c))), "closed");
    await a.close();
  });

  test("a node that stops and starts again at its address is found again without being asked", async ({ start }) => {
    const before = await start(10);
    const address = first(before.transport);
    const { transport: a } = await start(1, { bootstrap: [address] });
    await until("a has connected", () => a.peers().length === 1);
    await before.transport.close();
    await until("a has noticed", () => a.peers().length === 0);
    const { transport: after } = await start(10);
    assertEquals(first(after), address);
    after.handle("/echo/1", (_from, message) => Promise.resolve(message));
    await until("a has reconnected", () => a.peers().length === 1);
    assertEquals(await a.request(idOf(10), "/echo/1", pattern(4), REQUEST), pattern(4));
  });

  test("a broken frame costs its sender points, in the end its connection, and nobody else anything", async ({ start }) => {
    const [{ transport: victim }, attacker, { transport: honest }] = [
      await start(0),
      await start(1),
      await start(2),
    ];
    victim.handle("/echo/1", (_from, message) => Promise.resolve(message));
    await attacker.transport.dial(first(victim));
    await honest.dial(first(victim));
    const signal = AbortSignal.timeout(5_000);
    const garbage = [new Uint8Array(0), pattern(3), Uint8Array.of(0, 0, 0, 200, 1), pattern(500)];
    await attacker.link.exchange(victim.self, pattern(500), signal);
    assert(victim.points(attacker.transport.self) > 30);
    assert(victim.peers().includes(attacker.transport.self));
    for (const frame of garbage) {
      await attacker.link.exchange(victim.self, frame, signal).catch((error) =>
        assert(error instanceof NetError)
      );
    }
    await until("the attacker is dropped", () => !victim.peers().includes(attacker.transport.self));
    assertEquals(
      await codeOf(victim.request(attacker.transport.self, "/x/1", pattern(1), REQUEST)),
      "refused",
    );
    assertEquals(await honest.request(victim.self, "/echo/1", pattern(9), REQUEST), pattern(9));
    assertEquals(victim.points(honest.self), 0);
  });

  test("an oversized frame is not received, and costs its sender points", async ({ start }) => {
    const [{ transport: victim }, attacker] = [await start(0), await start(1)];
    await attacker.transport.dial(first(victim));
    const signal = AbortSignal.timeout(8_000);
    const frame = new Uint8Array(MAX_FRAME_BYTES + 1);
    assert(
      ["closed", "too_large"].includes(await codeOf(attacker.link.exchange(victim.self, frame, signal))),
    );
    await until("the victim has noticed", () => victim.points(attacker.transport.self) > 30);
  });

  test("a broken answer is a protocol error for the one who asked", async ({ start, rawLink }) => {
    const { transport: a } = await start(0);
    const liar = await rawLink(1);
    liar.serve({ answer: () => Promise.resolve(pattern(40)), fault: () => {}, admits: () => true });
    await a.dial(liar.addresses()[0] ?? "");
    assertEquals(await codeOf(a.request(liar.self, "/x/1", pattern(1), REQUEST)), "protocol_error");
    assert(a.points(liar.self) > 30);
  });

  test("a peer that asks too much at once is told to wait, without harm to others", async ({ start }) => {
    const [{ transport: victim }, { transport: greedy }, { transport: honest }] = [
      await start(0, { limits: { inFlight: 4 } }),
      await start(1),
      await start(2),
    ];
    const hold = Promise.withResolvers<void>();
    victim.handle("/slow/1", () => hold.promise);
    victim.handle("/echo/1", (_from, message) => Promise.resolve(message));
    await Promise.all([greedy.dial(first(victim)), honest.dial(first(victim))]);
    await until("both are connected", () => victim.peers().length === 2);
    const asked = Array.from(
      { length: 10 },
      () => greedy.request(victim.self, "/slow/1", pattern(1), REQUEST),
    );
    const outcomes = Promise.allSettled(asked);
    await new Promise((resolve) => setTimeout(resolve, 300));
    assertEquals(await honest.request(victim.self, "/echo/1", pattern(2), REQUEST), pattern(2));
    hold.resolve();
    const refused = (await outcomes).filter((outcome) => outcome.status === "rejected");
    assertEquals(refused.length, 6);
    assert(refused.every((outcome) => outcome.status === "rejected" && outcome.reason.code === "busy"));
  });
}
