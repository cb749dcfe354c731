/**
 * The replica's timers on an actor's: those of one moment have one name, and an earlier firing is never put off by a later setting.
 *
 * @module
 */
import type { ReplicaTimer } from "../../ledger/node/mod.ts";
import type { Context } from "../runtime/mod.ts";

/** Timers that are set. */
export interface ReplicaTimers {
  set(timer: ReplicaTimer, afterMs: number, context: Pick<Context<unknown>, "now" | "setTimer">): void;
  /** The timer that has fired under a name. */
  take(name: string): ReplicaTimer | undefined;
}

function nameOf(timer: ReplicaTimer): string {
  switch (timer.name) {
    case "view":
      return `view/${timer.epoch}/${timer.timer.name}/${timer.timer.view}`;
    case "build":
      return `build/${timer.epoch}/${timer.view}`;
    case "gathered":
      return `gathered/${timer.epoch}/${timer.view}`;
    case "poll":
    case "gossip":
      return timer.name;
  }
}

/** No timers yet. */
export function makeReplicaTimers(): ReplicaTimers {
  const timers = new Map<string, { readonly timer: ReplicaTimer; readonly due: number }>();
  return {
    set(timer, afterMs, context) {
      const name = nameOf(timer);
      const now = context.now(), due = now + afterMs;
      // A leader that is told of one more transaction again and again must not wait for ever.
      const before = timers.get(name);
      if (before !== undefined && before.due <= due && before.due > now) return;
      timers.set(name, { timer, due });
      context.setTimer(name, afterMs);
    },
    take(name) {
      const entry = timers.get(name);
      timers.delete(name);
      return entry?.timer;
    },
  };
}
