import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertRejects } from "@std/assert/rejects.js";
import {
  type Activity,
  ActorError,
  type ActorEvent,
  FINALIZED,
  inThread,
  startActorNode,
} from "../../../actors/mod.ts";
import { type Duty, makeDutyActor } from "../../../actors/duties/mod.ts";
import { makeMemoryNetwork, makeMemoryTransport, testSigner } from "../../../net/mod.ts";
import { makeVirtualTimers } from "../virtual_timers.ts";

const TIMES = {
  lookEveryMs: 10_000,
  lookDeadlineMs: 1000,
  firstPauseMs: 100,
  greatestPauseMs: 400,
  answers: 1,
  answerDeadlineMs: 5000,
};

/** A node with one duty actor, and a sibling that announces a block for each question it gets. */
function startBench(
  look: () => readonly Duty[],
  answer?: (activity: Activity) => Promise<Uint8Array>,
) {
  const timers = makeVirtualTimers();
  const network = makeMemoryNetwork({ timers });
  const transport = makeMemoryTransport(network, { signer: testSigner(0) });
  const events: ActorEvent[] = [];
  let looks = 0;
  const node = startActorNode({
    transport,
    timers,
    random: (length) => new Uint8Array(length),
    actors: [
      inThread("worker", () =>
        makeDutyActor({
          look() {
            looks++;
            return Promise.resolve(look());
          },
          ...answer === undefined ? {} : { answer: (_from, _body, activity) => answer(activity) },
        }, TIMES)),
      inThread<null, null>("validator", () => ({
        topics: [],
        init: () => null,
        receive(state, envelope, context) {
          context.notify(FINALIZED, new Uint8Array());
          if (envelope.kind === "message" && envelope.request !== null) {
            context.reply(envelope.request, new Uint8Array());
          }
          return state;
        },
      })),
    ],
    onEvent: (_role, event) => events.push(event),
  });
  const ask = (role: string) => node.ask({ peer: node.self, role }, new Uint8Array(), 60_000);
  return {
    timers,
    events,
    looks: () => looks,
    ask,
    finalize: async () => {
      await ask("validator");
      await timers.settle();
    },
    stop: async () => {
      await node.stop();
      await transport.close();
    },
  };
}

Deno.test("a duty is done once, however often it is seen, and again only after it has ended", async () => {
  let performed = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  const bench = startBench(() => [{
    key: "one",
    deadlineMs: 60_000,
    perform() {
      performed++;
      return promise;
    },
  }]);
  await bench.timers.settle();
  await bench.finalize();
  await bench.finalize();
  assertEquals([performed, bench.looks()], [1, 3]);
  resolve();
  await bench.timers.advance(99);
  assertEquals(performed, 1);
  await bench.timers.advance(1);
  assertEquals(performed, 2, "the ledger still asks for it");
  await bench.stop();
});

Deno.test("a duty that fails is told as a warning and tried again after a growing pause", async () => {
  const times: number[] = [];
  const bench = startBench(() => [{
    key: "bad",
    deadlineMs: 60_000,
    perform(activity) {
      times.push(activity.now());
      return Promise.reject(new ActorError("unavailable", "Not today."));
    },
  }]);
  await bench.timers.advance(1600);
  const pauses = times.slice(1).map((time, i) => time - (times[i] ?? 0));
  assertEquals(pauses, [100, 200, 400, 400, 400]);
  assertEquals(bench.events[0], { kind: "warning", code: "unavailable", message: "bad: Not today." });
  await bench.stop();
});

Deno.test("a duty that the ledger asks for no more is called off", async () => {
  let wanted = true, reason: unknown;
  const bench = startBench(() =>
    wanted
      ? [{
        key: "long",
        deadlineMs: 60_000,
        perform: (activity) =>
          new Promise((_, reject) =>
            activity.signal.addEventListener("abort", () => {
              reason = activity.signal.reason;
              reject(reason);
            })
          ),
      }]
      : []
  );
  await bench.timers.settle();
  wanted = false;
  await bench.finalize();
  assert(reason instanceof ActorError && reason.code === "cancelled");
  assertEquals(bench.events, []);
  await bench.stop();
});

Deno.test("a block that becomes final during a look causes another", async () => {
  const bench = startBench(() => []);
  await bench.timers.settle();
  const before = bench.looks();
  const both = [bench.ask("validator"), bench.ask("validator")];
  await Promise.all(both);
  await bench.timers.settle();
  assert(bench.looks() > before);
  await bench.timers.advance(10_000);
  assert(bench.looks() > before + 1, "it looks now and then in any case");
  await bench.stop();
});

Deno.test("questions are answered beside the duties, and refused when too many are under way", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const bench = startBench(() => [], async () => {
    await promise;
    return new Uint8Array([7]);
  });
  await bench.timers.settle();
  const first = bench.ask("worker");
  const error = await assertRejects(() => bench.ask("worker"), ActorError);
  assertEquals(error.code, "mailbox_full");
  resolve();
  assertEquals(await first, new Uint8Array([7]));
  await bench.stop();
});
