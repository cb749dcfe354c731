/**
 * The scenario `market`: whole nodes with their actors. Jobs are posted, matched, computed, checked, disputed, judged and paid; one who
 * takes part may lie. In the end every task has ended, no honest stake was slashed, the liar paid, and no money came from nowhere.
 *
 * @module
 */
import { type ActorEvent, RequesterAnswer, RequesterQuestion, ROLE } from "../../actors/mod.ts";
import { bytesToHex, createSha256, decode, encode, utf8 } from "../../ledger/primitives/mod.ts";
import { type Audit, audit } from "./market/auditor.ts";
import { type Cast, COLLATERAL, describeCast, drawCast, REWARD } from "./market/cast.ts";
import { smallJob } from "./market/small_job.ts";
import { type Actor, openStage, type Stage } from "./market/stage.ts";
import { makeVirtualTimers, type VirtualTimers } from "./market/virtual_timers.ts";
import type { Mutation } from "./mutations/mod.ts";
import { type Dice, makeDice } from "./random.ts";
import type { Failure, RunResult } from "./run_result.ts";
import { makeSigningBook, type SigningBook } from "./signing_book.ts";
import { PromiseBroken } from "./watcher.ts";

/** A dispute to its last window, twice over. */
const LIMIT_MS = 900_000;

/** Lines of the trace that are kept. */
const KEPT_LINES = 120;

interface Show {
  readonly cast: Cast;
  readonly stage: Stage;
  readonly timers: VirtualTimers;
  readonly dice: Dice;
  readonly book: SigningBook;
}

function actorOf({ actors }: Stage, name: string): Actor {
  const actor = actors.get(name);
  if (actor === undefined) throw new RangeError(`Nobody plays "${name}"`);
  return actor;
}

/** Waits, in virtual time, for a promise of the code under test. */
async function during<T>(timers: VirtualTimers, limitMs: number, what: string, work: Promise<T>): Promise<T> {
  let settled = false;
  const note = () => {
    settled = true;
  };
  work.then(note, note);
  if (!await timers.run(() => settled, timers.now() + limitMs)) {
    throw new PromiseBroken("liveness", `not within ${limitMs / 1000} s: ${what}`);
  }
  return await work;
}

async function post({ stage, dice, timers }: Show, title: string): Promise<void> {
  const { node } = actorOf(stage, "requester");
  const job = smallJob(stage.engine, dice);
  for (const { bytes } of job.blobs) await during(timers, 10_000, "a blob is stored", node.blobs.put(bytes));
  const question: RequesterQuestion = {
    kind: "post",
    title,
    program: job.program,
    manifest: job.manifestId,
    reward: REWARD,
    collateral: COLLATERAL,
    memoryMiB: 1,
    thresholdPpm: null,
    computeBlocks: 60,
  };
  const to = { peer: node.actors.self, role: ROLE.requester };
  const asked = node.actors.ask(to, encode(RequesterQuestion, question), 60_000);
  const answer = decode(RequesterAnswer, await during(timers, 60_000, "a task is posted", asked));
  if (answer.kind !== "posted") throw new PromiseBroken("market", `a post was answered by ${answer.kind}`);
}

async function awaitOffers({ stage, timers, cast }: Show): Promise<void> {
  const { node } = actorOf(stage, "requester");
  const wanted = cast.players.filter(({ stakes }) => stakes.includes("provider")).length;
  for (const end = timers.now() + 120_000; timers.now() < end;) {
    const call = { signal: new AbortController().signal };
    const offers = await during(
      timers,
      30_000,
      "a query is answered",
      node.ledger.query("offers", null, call),
    );
    if (offers.length >= wanted) return;
    await timers.run(() => false, timers.now() + 500);
  }
  throw new PromiseBroken("liveness", "not within 120 s: every provider offers its work");
}

async function awaitEnd({ stage, timers, cast }: Show): Promise<void> {
  const { node } = actorOf(stage, "requester");
  for (const end = timers.now() + LIMIT_MS; timers.now() < end;) {
    await timers.run(() => false, timers.now() + 2_000);
    const call = { signal: new AbortController().signal };
    const known = await during(timers, 30_000, "a query is answered", node.ledger.query("tasks", {}, call));
    const ended = known.filter(({ status }) =>
      status === "done" || status === "failed" || status === "cancelled"
    );
    if (ended.length >= cast.tasks) return;
  }
  throw new PromiseBroken("every task ends", `a task has not ended within ${LIMIT_MS / 1000} s`);
}

function judge({ cast, book }: Show, { tasks, slashed }: Audit): void {
  const liars = cast.players.filter(({ liesAtStep }) => liesAtStep !== undefined);
  for (const { name, liesAtStep } of cast.players) {
    const isSlashed = slashed.has(bytesToHex(book.signer(name).address));
    if (isSlashed && liesAtStep === undefined) {
      throw new PromiseBroken("honest stake", `${name} lost stake and is honest`);
    }
    if (!isSlashed && liesAtStep !== undefined && name.startsWith("provider")) {
      throw new PromiseBroken("cheats caught", `${name} lied at step ${liesAtStep} and keeps its stake`);
    }
  }
  const cheats = new Set(liars.map(({ name }) => bytesToHex(book.signer(name).address)));
  for (const { number, status, result } of tasks) {
    if (status !== "done") {
      throw new PromiseBroken("market", `task ${number} ended as ${status}, with an honest provider at hand`);
    }
    if (result !== null && cheats.has(bytesToHex(result.provider))) {
      throw new PromiseBroken("cheats caught", `the lie about task ${number} was paid for`);
    }
  }
}

function requireAgreement(stage: Stage, head: Audit): void {
  for (const { player, store } of stage.actors.values()) {
    const height = store.finalizedHeight < head.height ? store.finalizedHeight : head.height;
    const own = store.finalizedAt(height), other = actorOf(stage, "requester").store.finalizedAt(height);
    if (own !== undefined && other !== undefined && bytesToHex(own.hash) !== bytesToHex(other.hash)) {
      throw new PromiseBroken("agreement", `${player.name} has another block ${height} than the requester`);
    }
  }
}

async function play(show: Show): Promise<Audit> {
  await awaitOffers(show);
  for (let task = 0; task < show.cast.tasks; task++) await post(show, `job ${task}`);
  await awaitEnd(show);
  const report = audit(show.stage.genesis, actorOf(show.stage, "requester").store);
  requireAgreement(show.stage, report);
  judge(show, report);
  return report;
}

function sentence(event: ActorEvent): string | undefined {
  switch (event.kind) {
    case "ledger_event":
      return `${event.event} ${event.detail ?? ""}`;
    case "task_stage":
      return `task ${event.task.slice(0, 8)} ${event.stage} ${event.detail ?? ""}`;
    case "task_checked":
      return `finds task ${event.task.slice(0, 8)} ${event.agrees ? "right" : "wrong"}`;
    case "warning":
      return `warns ${event.code}: ${event.message}`;
    case "dispute_move":
    case "verdict":
      return event.kind;
    default:
      return undefined;
  }
}

/** Runs the scenario under one seed. Mutations are consensus'. */
export async function runMarket(seed: number, _mutation?: Mutation): Promise<RunResult> {
  const dice = makeDice(seed), book = makeSigningBook(), timers = makeVirtualTimers();
  const cast = drawCast(dice.fork());
  const lines: string[] = [];
  const hasher = createSha256();
  const stage = await openStage(cast, book, timers, dice.fork(), (name, event) => {
    const said = sentence(event);
    if (said === undefined) return;
    const line = `${(timers.now() / 1000).toFixed(3)} s  ${name} ${said.trim()}`;
    hasher.update(utf8(line));
    lines.push(line);
  });
  let failure: Failure | undefined;
  let report: Audit | undefined;
  try {
    report = await play({ cast, stage, timers, dice, book });
  } catch (thrown) {
    if (!(thrown instanceof PromiseBroken)) throw thrown;
    failure = { invariant: thrown.invariant, message: thrown.message, trace: lines.slice(-KEPT_LINES) };
  } finally {
    await stage.close();
  }
  hasher.update(utf8(report?.head ?? ""));
  return {
    seed,
    description: describeCast(cast),
    failure,
    virtualMs: timers.now(),
    height: report?.height ?? 0n,
    digest: bytesToHex(hasher.digest()),
  };
}
