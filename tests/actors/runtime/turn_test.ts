import { assertEquals } from "@std/assert/equals.js";
import { assertRejects } from "@std/assert/rejects.js";
import { assertThrows } from "@std/assert/throws.js";
import {
  type Actor,
  type CellHost,
  type Context,
  type Effect,
  openLocalCell,
} from "../../../actors/runtime/mod.ts";
import { makeVirtualTimers, type VirtualTimers } from "../virtual_timers.ts";

const SELF = { peer: "aa", role: "counter" };

function makeHost(timers: VirtualTimers): CellHost & { readonly ended: string[] } {
  const ended: string[] = [];
  return {
    self: SELF,
    timers,
    random: (length) => new Uint8Array(length).fill(7),
    ask: () => Promise.resolve(new Uint8Array([42])),
    emit: () => {},
    finished: (name) => ended.push(name),
    lost: (error) => {
      throw error;
    },
    ended,
  };
}

function say(byte: number) {
  return { kind: "message", from: SELF, body: new Uint8Array([byte]), request: 1 } as const;
}

/** Adds what it is told; answers with the sum; fails on 13 after having tried to answer. */
const counter: Actor<number, number> = {
  topics: [],
  init: () => 0,
  receive(sum, envelope, context) {
    if (envelope.kind !== "message") return sum;
    const next = sum + (envelope.body[0] ?? 0);
    context.reply(envelope.request ?? 0, new Uint8Array([next]));
    context.setTimer("tick", 5);
    if (envelope.body[0] === 13) throw new RangeError("thirteen");
    return next;
  },
};

Deno.test("a turn that commits hands over all its effects, in order", async () => {
  const cell = await openLocalCell(counter, makeHost(makeVirtualTimers()));
  const expected: Effect[] = [
    { kind: "reply", request: 1, body: new Uint8Array([2]) },
    { kind: "set_timer", name: "tick", delayMs: 5 },
  ];
  assertEquals(await cell.turn(say(2)), expected);
  assertEquals((await cell.turn(say(3)))[0], { kind: "reply", request: 1, body: new Uint8Array([5]) });
});

Deno.test("a turn that throws leaves no effect and no state", async () => {
  const cell = await openLocalCell(counter, makeHost(makeVirtualTimers()));
  await cell.turn(say(2));
  await assertRejects(() => cell.turn(say(13)), RangeError, "thirteen");
  assertEquals((await cell.turn(say(1)))[0], { kind: "reply", request: 1, body: new Uint8Array([3]) });
});

Deno.test("an activity of a turn that throws is never started", async () => {
  const timers = makeVirtualTimers();
  const host = makeHost(timers);
  let started = 0;
  const cell = await openLocalCell<null, null>({
    topics: [],
    init: () => null,
    receive(_, envelope, context) {
      context.start("work", 1000, () => {
        started++;
        return Promise.resolve(null);
      });
      if (envelope.kind === "timer") throw new RangeError("no");
      return null;
    },
  }, host);
  await assertRejects(() => cell.turn({ kind: "timer", name: "x" }));
  await timers.settle();
  assertEquals([started, host.ended], [0, []]);
  await cell.turn(say(1));
  await timers.settle();
  assertEquals([started, host.ended], [1, ["work"]]);
});

Deno.test("a context cannot be used after its turn", async () => {
  let kept: Context<null> | undefined;
  await openLocalCell<null, null>({
    topics: [],
    init(context) {
      kept = context;
      return null;
    },
    receive: () => null,
  }, makeHost(makeVirtualTimers()));
  assertThrows(() => kept?.setTimer("late", 1), Error, "after its turn");
});
