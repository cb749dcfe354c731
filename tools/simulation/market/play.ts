/**
 * What every play has in common: the market fills, jobs are posted, and in the end every task has ended.
 *
 * @module
 */
import { type ActorEvent, RequesterAnswer, RequesterQuestion, ROLE } from "../../../actors/mod.ts";
import type { BuiltProgram } from "../../../executor/mod.ts";
import type { Task } from "../../../ledger/mod.ts";
import { bytesToHex, decode, encode } from "../../../ledger/primitives/mod.ts";
import { PromiseBroken } from "../watcher.ts";
import type { Audit } from "./auditor.ts";
import type { Ground } from "./ground.ts";
import { type Actor, actorOf, type Stage } from "./stage.ts";

/** A job as it is posted, without its program. */
export type Terms = Omit<Extract<RequesterQuestion, { kind: "post" }>, "kind" | "program" | "manifest">;

const FINAL: ReadonlySet<Task["status"]> = new Set(["done", "failed", "cancelled"]);

function call() {
  return { signal: new AbortController().signal };
}

/** Waits until so many providers have an offer on the market. */
export async function awaitOffers(ground: Ground, { node }: Actor, wanted: number): Promise<void> {
  for (const end = ground.timers.now() + 120_000; ground.timers.now() < end;) {
    const offers = await ground.during(
      "a query is answered",
      30_000,
      node.ledger.query("offers", null, call()),
    );
    if (offers.length >= wanted) return;
    await ground.pass(500);
  }
  throw new PromiseBroken("liveness", "not within 120 s: every provider offers its work");
}

/** Has a requester post a job. */
export async function post(ground: Ground, { node }: Actor, job: BuiltProgram, terms: Terms): Promise<void> {
  for (const { bytes } of job.blobs) await ground.during("a blob is stored", 10_000, node.blobs.put(bytes));
  const { program, manifestId: manifest } = job;
  const to = { peer: node.actors.self, role: ROLE.requester };
  const question = encode(RequesterQuestion, { kind: "post", program, manifest, ...terms });
  const asked = node.actors.ask(to, question, 60_000);
  const answer = decode(RequesterAnswer, await ground.during("a task is posted", 60_000, asked));
  if (answer.kind !== "posted") throw new PromiseBroken("market", `a post was answered by ${answer.kind}`);
}

/** Waits until `count` tasks have ended. */
export async function awaitEnd(
  ground: Ground,
  { node }: Actor,
  count: number,
  limitMs: number,
): Promise<void> {
  for (const end = ground.timers.now() + limitMs; ground.timers.now() < end;) {
    await ground.pass(2_000);
    const tasks = await ground.during("a query is answered", 30_000, node.ledger.query("tasks", {}, call()));
    if (tasks.filter(({ status }) => FINAL.has(status)).length >= count) return;
  }
  throw new PromiseBroken("every task ends", `a task has not ended within ${limitMs / 1000} s`);
}

/** Everybody has the same chain, as far as each has come. */
export function requireAgreement(stage: Stage, { height: most }: Audit): void {
  const { store: ours } = actorOf(stage, "requester");
  for (const { player, store } of stage.actors.values()) {
    const height = store.finalizedHeight < most ? store.finalizedHeight : most;
    const own = store.finalizedAt(height), other = ours.finalizedAt(height);
    if (own !== undefined && other !== undefined && bytesToHex(own.hash) !== bytesToHex(other.hash)) {
      throw new PromiseBroken("agreement", `${player.name} has another block ${height} than the requester`);
    }
  }
}

/** What an event is worth saying in a trace; undefined: nothing. */
export function sentence(event: ActorEvent): string | undefined {
  switch (event.kind) {
    case "ledger_event":
      return `${event.event} ${event.detail ?? ""}`.trim();
    case "task_stage":
      return `task ${event.task.slice(0, 8)} ${event.stage} ${event.detail ?? ""}`.trim();
    case "task_checked":
      return `finds task ${event.task.slice(0, 8)} ${event.agrees ? "right" : "wrong"}`;
    case "warning":
      return `warns ${event.code}: ${event.message}`;
    case "dispute_move":
      return `${event.kind} ${event.move}`;
    case "verdict":
      return event.kind;
    default:
      return undefined;
  }
}
