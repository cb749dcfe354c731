import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import {
  type Activity,
  type Actor,
  type CellHost,
  type Envelope,
  openLocalCell,
} from "../../../actors/runtime/mod.ts";
import { makeVirtualTimers } from "../virtual_timers.ts";

type Seen = Envelope<string>[];

/** Runs one scripted activity for each timer named after it, and keeps what comes back. */
async function makeRunner(work: Readonly<Record<string, (activity: Activity) => Promise<string>>>) {
  const timers = makeVirtualTimers();
  const seen: Seen = [];
  const starts: boolean[] = [];
  const actor: Actor<null, string> = {
    topics: [],
    init: () => null,
    receive(state, envelope, context) {
      seen.push(envelope);
      if (envelope.kind !== "timer") return state;
      const activity = work[envelope.name];
      if (activity === undefined) context.cancel(envelope.name.replace("cancel ", ""));
      else starts.push(context.start(envelope.name, 1000, activity));
      return state;
    },
  };
  const ended: string[] = [];
  const host: CellHost = {
    self: { peer: "aa", role: "runner" },
    timers,
    random: (length) => new Uint8Array(length),
    ask: () => Promise.resolve(new Uint8Array([9])),
    emit: () => {},
    finished: (name) => ended.push(name),
    lost: () => {},
  };
  const cell = await openLocalCell(actor, host);
  return { timers, seen, starts, ended, cell, fire: (name: string) => cell.turn({ kind: "timer", name }) };
}

/** Code of the failure that an envelope reports. */
function failureCode(envelope: Envelope<string> | undefined): string | undefined {
  if (envelope?.kind !== "finished" || envelope.outcome.ok) return undefined;
  return envelope.outcome.error.code;
}

/** Never ends by itself. */
function forever(): Promise<string> {
  return new Promise(() => {});
}

Deno.test("what an activity brings arrives as an envelope", async () => {
  const { fire, cell, seen, ended, timers } = await makeRunner({
    ask: async (activity) =>
      `got ${(await activity.ask({ peer: "b", role: "market" }, new Uint8Array(), 10))[0]}`,
  });
  await fire("ask");
  await timers.settle();
  assertEquals(ended, ["ask"]);
  await cell.turn({ kind: "finished", name: "ask" });
  assertEquals(seen.at(-1), { kind: "finished", name: "ask", outcome: { ok: true, value: "got 9" } });
});

Deno.test("an activity runs at most once at a time, until its envelope has been taken", async () => {
  const { fire, cell, starts, timers } = await makeRunner({ work: () => Promise.resolve("done") });
  await fire("work");
  await fire("work");
  await timers.settle();
  await fire("work");
  await cell.turn({ kind: "finished", name: "work" });
  await fire("work");
  assertEquals(starts, [true, false, false, true]);
});

Deno.test("a cancelled activity hears it and ends as cancelled", async () => {
  let aborted = false;
  const { fire, cell, seen, timers } = await makeRunner({
    wait: (activity) => {
      activity.signal.addEventListener("abort", () => aborted = true);
      return forever();
    },
  });
  await fire("wait");
  await fire("cancel wait");
  await timers.settle();
  await cell.turn({ kind: "finished", name: "wait" });
  assert(aborted);
  assertEquals(failureCode(seen.at(-1)), "cancelled");
});

Deno.test("an activity that outlives its deadline ends as timed out", async () => {
  const { fire, cell, seen, timers } = await makeRunner({ wait: forever });
  await fire("wait");
  await timers.advance(999);
  const before = seen.length;
  await timers.advance(1);
  assertEquals(seen.length, before);
  await cell.turn({ kind: "finished", name: "wait" });
  assertEquals(failureCode(seen.at(-1)), "timed_out");
});

Deno.test("stopping a cell calls its activities off, and nothing of them is heard again", async () => {
  let reason: unknown;
  const { fire, cell, ended, timers } = await makeRunner({
    wait: (activity) => {
      activity.signal.addEventListener("abort", () => reason = activity.signal.reason);
      return forever();
    },
  });
  await fire("wait");
  await cell.stop();
  await timers.settle();
  assertEquals(ended, []);
  assert(reason instanceof Error && reason.message.includes("stopped"));
});
