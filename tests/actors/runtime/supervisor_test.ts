import { assertEquals } from "@std/assert/equals.js";
import {
  type Actor,
  type ActorSetup,
  type Cell,
  DEFAULT_SUPERVISION,
  inThread,
  supervise,
  type SupervisionReport,
  type SupervisorHost,
  type Turns,
} from "../../../actors/runtime/mod.ts";
import { makeVirtualTimers } from "../virtual_timers.ts";

const POLICY = {
  ...DEFAULT_SUPERVISION,
  firstPauseMs: 100,
  greatestPauseMs: 400,
  healthyMs: 10_000,
  turnMs: 1000,
};

function startUnder(setup: ActorSetup) {
  const timers = makeVirtualTimers();
  const reports: SupervisionReport[] = [];
  const abandoned: string[] = [];
  const host: SupervisorHost = {
    self: { peer: "aa", role: setup.role },
    timers,
    random: (length) => new Uint8Array(length),
    ask: () => Promise.resolve(new Uint8Array()),
    emit: () => {},
    apply: () => {},
    abandoned: (mail, error) => abandoned.push(`${mail.kind}: ${error.message}`),
    report: (report) => reports.push(report),
  };
  return { timers, reports, abandoned, actor: supervise(setup, host, POLICY) };
}

/** Records its timers; dies of the one named "die". */
function fragile(log: string[]): Actor<null, null> {
  return {
    topics: [],
    init(context) {
      log.push("init");
      context.setTimer("hello", 50);
      return null;
    },
    receive(state, envelope) {
      if (envelope.kind === "timer") log.push(envelope.name);
      if (envelope.kind === "timer" && envelope.name === "die") throw new RangeError("killed");
      return state;
    },
  };
}

Deno.test("an actor that fails starts anew, and mail that waited is still there", async () => {
  const log: string[] = [];
  const { timers, reports, abandoned, actor } = startUnder(inThread("fragile", () => fragile(log)));
  await timers.settle();
  actor.put({ kind: "timer", name: "die" });
  actor.put({ kind: "timer", name: "after" });
  await timers.advance(99);
  assertEquals(log, ["init", "die"]);
  await timers.advance(1);
  assertEquals(log, ["init", "die", "init", "after"]);
  assertEquals(abandoned, ["timer: killed"]);
  await timers.advance(50);
  assertEquals(log.at(-1), "hello");
  await actor.stop();
  assertEquals(reports.map(({ kind }) => kind), ["started", "failed", "started", "stopped"]);
});

Deno.test("pauses between restarts double up to a bound, and start over after a healthy life", async () => {
  const { timers, reports, actor } = startUnder(inThread("fragile", () => fragile([])));
  const die = async (after: number) => {
    await timers.advance(after);
    actor.put({ kind: "timer", name: "die" });
    await timers.settle();
  };
  await die(0);
  await die(100);
  await die(200);
  await die(400);
  await die(400);
  await die(10_400);
  await actor.stop();
  const pauses = reports.flatMap((report) => report.kind === "failed" ? [report.pauseMs] : []);
  assertEquals(pauses, [100, 200, 400, 400, 400, 100]);
});

Deno.test("a turn that never ends is given up at its deadline", async () => {
  let lives = 0;
  const setup = inThread<null, null>("stuck", () => ({
    topics: [],
    init() {
      lives++;
      return null;
    },
    receive: () => new Promise<null>(() => {}),
  }));
  const { timers, abandoned, actor } = startUnder(setup);
  await timers.settle();
  actor.put({ kind: "timer", name: "x" });
  await timers.advance(1100);
  assertEquals([lives, abandoned], [2, ["timer: A turn of the stuck did not end within 1000 ms."]]);
  await actor.stop();
});

Deno.test("a failing first turn is tried again", async () => {
  let attempts = 0;
  const setup = inThread<null, null>("late", () => ({
    topics: [],
    init() {
      if (++attempts < 3) throw new RangeError("not yet");
      return null;
    },
    receive: (state) => state,
  }));
  const { timers, reports, actor } = startUnder(setup);
  await timers.advance(1000);
  assertEquals(attempts, 3);
  assertEquals(reports.map(({ kind }) => kind), ["failed", "failed", "started"]);
  await actor.stop();
});

/** Cells that take three pieces at a time and do with each bundle what is next in the plan. */
function bundling(log: string[], plan: ((names: readonly string[]) => Promise<Turns>)[]): ActorSetup {
  const cell: Cell = {
    first: [],
    most: 3,
    turns(mail) {
      const names = mail.map((each) => each.kind === "timer" ? each.name : each.kind);
      log.push(names.join(" "));
      return plan.shift()?.(names) ?? Promise.resolve({ committed: mail.map(() => []) });
    },
    stop: () => Promise.resolve(),
  };
  return { role: "bundling", topics: [], open: () => Promise.resolve(cell) };
}

const put = ({ actor }: ReturnType<typeof startUnder>, ...names: readonly string[]) => {
  for (const name of names) actor.put({ kind: "timer", name });
};

Deno.test("a bundle is handed over again from where its turns have ended", async () => {
  const log: string[] = [];
  const under = startUnder(bundling(log, [() => Promise.resolve({ committed: [[]] })]));
  put(under, "a", "b", "c", "d");
  await under.timers.settle();
  assertEquals(log, ["a b c", "b c d"]);
  await under.actor.stop();
});

Deno.test("of a bundle the piece whose turn fails is lost, what came before it has happened, and what comes after it waits", async () => {
  const log: string[] = [];
  const failure = { code: "failed", message: "killed" };
  const fails = () => Promise.resolve({ committed: [[]], failure });
  const under = startUnder(bundling(log, [fails]));
  put(under, "a", "b", "c");
  await under.timers.advance(200);
  assertEquals([log, under.abandoned], [["a b c", "c"], ["timer: killed"]]);
  await under.actor.stop();
});

Deno.test("a bundle with which a cell is lost is lost, and what waited behind it is not", async () => {
  const log: string[] = [];
  const under = startUnder(bundling(log, [() => Promise.reject(new RangeError("crashed"))]));
  put(under, "a", "b", "c", "d");
  await under.timers.advance(200);
  assertEquals(log, ["a b c", "d"]);
  assertEquals(under.abandoned, ["timer: crashed", "timer: crashed", "timer: crashed"]);
  await under.actor.stop();
});
