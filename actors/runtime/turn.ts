/**
 * One turn of an actor: all of its effects, or none.
 *
 * @module
 */
import type { ActorEvent } from "./events.ts";
import type { Context } from "./actor.ts";
import type { Activities, Start } from "./activities.ts";
import type { Effect } from "./effects.ts";
import type { ActorId } from "./envelope.ts";
import { ActorError } from "./errors.ts";

/** What a committed turn leaves behind. */
export interface Committed<State, Result> {
  readonly state: State;
  readonly effects: readonly Effect[];
  readonly starts: readonly Start<Result>[];
  readonly cancels: readonly string[];
}

/** What a turn may look at. */
export interface TurnHost<Result> {
  readonly self: ActorId;
  now(): number;
  random(length: number): Uint8Array;
  readonly activities: Activities<Result>;
}

/**
 * Runs `body` with a context that holds everything back.
 *
 * A context used after its turn (by a forgotten promise) throws, because its effects could no longer be part of any turn.
 */
export async function runTurn<State, Result>(
  host: TurnHost<Result>,
  body: (context: Context<Result>) => State | Promise<State>,
): Promise<Committed<State, Result>> {
  const effects: Effect[] = [];
  const starts: Start<Result>[] = [];
  const cancels: string[] = [];
  let over = false;
  const during = () => {
    if (over) {
      throw new ActorError("bad_options", "A context is used after its turn: use the activity's own powers.");
    }
  };
  const add = (effect: Effect) => {
    during();
    effects.push(effect);
  };
  const isBusy = (name: string) =>
    host.activities.isBusy(name) || starts.some((start) => start.name === name);
  const context: Context<Result> = {
    self: host.self,
    now: host.now,
    random: host.random,
    send: (to, body) => add({ kind: "send", to, body }),
    reply: (request, body) => add({ kind: "reply", request, body }),
    refuse: (request, failure) => add({ kind: "refuse", request, failure }),
    publish: (topic, body) => add({ kind: "publish", topic, body }),
    notify: (name, body) => add({ kind: "notify", name, body }),
    setTimer: (name, delayMs) => add({ kind: "set_timer", name, delayMs }),
    clearTimer: (name) => add({ kind: "clear_timer", name }),
    start(name, deadlineMs, work) {
      during();
      if (isBusy(name)) return false;
      starts.push({ name, deadlineMs, work });
      return true;
    },
    cancel(name) {
      during();
      cancels.push(name);
    },
    isBusy,
    emit: (event: ActorEvent) => add({ kind: "emit", event }),
  };
  try {
    return { state: await body(context), effects, starts, cancels };
  } finally {
    over = true;
  }
}
