/**
 * The activities of one incarnation of an actor: named work beside its turns.
 *
 * A name is busy from its start until the envelope with its outcome has been taken, so an outcome is never overwritten.
 *
 * @module
 */
import type { Timers } from "../../net/mod.ts";
import type { Activity } from "./actor.ts";
import { sleep, within } from "./deadline.ts";
import { ActorError, failureOf, type Outcome } from "./errors.ts";

/** An activity to be started. */
export interface Start<Result> {
  readonly name: string;
  readonly deadlineMs: number;
  readonly work: (activity: Activity) => Promise<Result>;
}

/** Running and ended activities. */
export interface Activities<Result> {
  isBusy(name: string): boolean;
  start(start: Start<Result>): void;
  cancel(name: string): void;
  /** Takes the outcome of an ended activity; undefined if there is none of that name. */
  collect(name: string): Outcome<Result> | undefined;
  /** Calls everything off; nothing is reported from now on. Resolves when all work has returned, or after `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

/** What activities need of their host. */
export interface ActivityHost extends Pick<Activity, "now" | "random" | "ask" | "emit"> {
  readonly timers: Timers;
  /** Called when an outcome is ready to be collected. */
  finished(name: string): void;
}

/** No activities yet. */
export function makeActivities<Result>(host: ActivityHost): Activities<Result> {
  const running = new Map<string, { readonly controller: AbortController; readonly done: Promise<void> }>();
  const outcomes = new Map<string, Outcome<Result>>();
  let stopped = false;

  const perform = async (start: Start<Result>, controller: AbortController): Promise<Outcome<Result>> => {
    const { signal } = controller;
    const activity: Activity = {
      signal,
      now: host.now,
      random: host.random,
      ask: (to, body, timeoutMs) =>
        within(
          { timers: host.timers, timeoutMs, what: `A question to ${to.role}`, signal },
          host.ask(to, body, timeoutMs),
        ),
      sleep: (ms) => sleep(host.timers, ms, signal),
      emit: host.emit,
    };
    try {
      const wait = {
        timers: host.timers,
        timeoutMs: start.deadlineMs,
        what: `The activity "${start.name}"`,
        signal,
      };
      return { ok: true, value: await within(wait, start.work(activity)) };
    } catch (thrown) {
      // Work that ignores the race's end must still hear that it is over.
      if (!signal.aborted) controller.abort(thrown);
      return { ok: false, error: failureOf(thrown) };
    }
  };

  return {
    isBusy: (name) => running.has(name) || outcomes.has(name),
    start(start) {
      const controller = new AbortController();
      const done = perform(start, controller).then((outcome) => {
        running.delete(start.name);
        if (stopped) return;
        outcomes.set(start.name, outcome);
        host.finished(start.name);
      });
      running.set(start.name, { controller, done });
    },
    cancel(name) {
      running.get(name)?.controller.abort(
        new ActorError("cancelled", `The activity "${name}" was called off.`),
      );
    },
    collect(name) {
      const outcome = outcomes.get(name);
      outcomes.delete(name);
      return outcome;
    },
    async stop(graceMs) {
      stopped = true;
      const all = [...running.values()];
      for (const { controller } of all) {
        controller.abort(new ActorError("stopped", "The actor is being stopped."));
      }
      if (all.length === 0) return;
      const { promise: grace, resolve } = Promise.withResolvers<void>();
      const cancel = host.timers.after(graceMs, resolve);
      await Promise.race([Promise.all(all.map(({ done }) => done)), grace]);
      cancel();
    },
  };
}
