/**
 * Keeps one actor alive: opens a cell, feeds it its mail, applies what turns commit, and opens a new cell, after a growing pause,
 * whenever one is lost. Mail that waits survives; the piece that was being handled does not, so that poisoned mail cannot kill
 * every incarnation: of a bundle, the piece whose turn failed, or all of it if the cell was lost and cannot say.
 *
 * @module
 */
import type { ActorSetup, Cell, CellHost, Turns } from "./cell.ts";
import { sleep, within } from "./deadline.ts";
import type { Effect } from "./effects.ts";
import type { Mail } from "./envelope.ts";
import { ActorError, type Failure, failureOf } from "./errors.ts";
import { DEFAULT_MAILBOX, type MailboxLimits, makeMailbox } from "./mailbox.ts";
import { errorOf } from "./pending_requests.ts";
import { makeTimerTable } from "./timer_table.ts";

/** How an actor is supervised. */
export interface SupervisionPolicy {
  readonly mailbox: MailboxLimits;
  /** A turn, or a bundle of them, that takes longer is taken for stuck. Turns only decide; work is done in activities. */
  readonly turnMs: number;
  /** The same for opening a cell with its first turn, which may read much from disk. */
  readonly openMs: number;
  /** Pause before the first restart; doubled for each further failure up to the greatest. */
  readonly firstPauseMs: number;
  readonly greatestPauseMs: number;
  /** An incarnation that lived this long was healthy: the pauses start over. */
  readonly healthyMs: number;
}

/** Turns and restarts that suit one node on an ordinary machine. */
export const DEFAULT_SUPERVISION: SupervisionPolicy = {
  mailbox: DEFAULT_MAILBOX,
  turnMs: 20_000,
  openMs: 60_000,
  firstPauseMs: 100,
  greatestPauseMs: 30_000,
  healthyMs: 60_000,
};

/** What a supervisor tells: for logs and tests. */
export type SupervisionReport =
  | { readonly kind: "started"; readonly role: string; readonly incarnation: number }
  | { readonly kind: "failed"; readonly role: string; readonly error: Failure; readonly pauseMs: number }
  | { readonly kind: "stopped"; readonly role: string };

/** What a supervisor needs of its node. */
export interface SupervisorHost extends Pick<CellHost, "self" | "timers" | "random" | "ask" | "emit"> {
  /** Applies an effect other than those on timers. Never throws. */
  apply(effect: Exclude<Effect, { kind: "set_timer" | "clear_timer" }>): void;
  /** The turn that this mail caused did not commit. */
  abandoned(mail: Mail, error: Failure): void;
  report(report: SupervisionReport): void;
}

/** A supervised actor. */
export interface Supervised {
  /**
   * Puts mail into its mailbox.
   *
   * @throws {ActorError} `mailbox_full`, or `stopped`.
   */
  put(mail: Mail): void;
  readonly waiting: number;
  /** Ends the actor; resolves when its cell is gone. */
  stop(): Promise<void>;
}

/** Starts an actor and keeps it alive until `stop`. */
export function supervise(setup: ActorSetup, host: SupervisorHost, policy: SupervisionPolicy): Supervised {
  const { role } = setup;
  const mailbox = makeMailbox(role, policy.mailbox);
  const stopping = new AbortController();
  const timers = makeTimerTable(host.timers, (name) => mailbox.put({ kind: "timer", name }));

  const applyAll = (effects: readonly Effect[]) => {
    for (const effect of effects) {
      if (effect.kind === "set_timer") timers.set(effect.name, effect.delayMs);
      else if (effect.kind === "clear_timer") timers.clear(effect.name);
      else host.apply(effect);
    }
  };

  /** Lives through one incarnation. Returns when the node stops, throws what ended it otherwise. */
  const live = async (incarnation: number): Promise<void> => {
    const ending = new AbortController();
    const onStop = () => ending.abort(new ActorError("stopped", `The ${role} is being stopped.`));
    stopping.signal.addEventListener("abort", onStop);
    let cell: Cell | undefined;
    const opening = setup.open({
      ...host,
      finished: (name) => mailbox.put({ kind: "finished", name }),
      lost: (error) => ending.abort(error),
    });
    try {
      const wait = { timers: host.timers, timeoutMs: policy.openMs, what: `The first turn of the ${role}` };
      cell = await within({ ...wait, signal: ending.signal }, opening);
      applyAll(cell.first);
      host.report({ kind: "started", role, incarnation });
      await pump(cell, ending.signal);
    } finally {
      stopping.signal.removeEventListener("abort", onStop);
      timers.clearAll();
      // A cell that opens after nobody waits for it any more must not live on unseen.
      if (cell === undefined) opening.then((late) => late.stop(), () => {});
      else await cell.stop();
    }
  };

  const handOver = async (cell: Cell, bundle: readonly Mail[], signal: AbortSignal): Promise<Turns> => {
    const wait = { timers: host.timers, timeoutMs: policy.turnMs, what: `A turn of the ${role}`, signal };
    try {
      return await within(wait, cell.turns(bundle));
    } catch (thrown) {
      for (const mail of bundle) host.abandoned(mail, failureOf(thrown));
      throw thrown;
    }
  };

  const pump = async (cell: Cell, ending: AbortSignal): Promise<void> => {
    while (true) {
      const bundle = await mailbox.take(ending, cell.most);
      if (bundle.length === 0) throw ending.reason;
      const { committed, failure } = await handOver(cell, bundle, ending);
      for (const effects of committed) applyAll(effects);
      if (failure === undefined) {
        mailbox.putBack(bundle.slice(committed.length));
        continue;
      }
      const [failed, ...rest] = bundle.slice(committed.length);
      mailbox.putBack(rest);
      if (failed !== undefined) host.abandoned(failed, failure);
      throw errorOf(failure);
    }
  };

  const run = async (): Promise<void> => {
    let failures = 0;
    for (let incarnation = 1; !stopping.signal.aborted; incarnation++) {
      const born = host.timers.now();
      try {
        await live(incarnation);
      } catch (thrown) {
        if (stopping.signal.aborted) break;
        failures = host.timers.now() - born >= policy.healthyMs ? 1 : failures + 1;
        const pauseMs = Math.min(policy.firstPauseMs * 2 ** (failures - 1), policy.greatestPauseMs);
        host.report({ kind: "failed", role, error: failureOf(thrown), pauseMs });
        // Rejects only when the node stops meanwhile, which the loop's condition sees.
        await sleep(host.timers, pauseMs, stopping.signal).catch(() => {});
      }
    }
    host.report({ kind: "stopped", role });
  };
  const running = run();

  return {
    put(mail) {
      if (stopping.signal.aborted) throw new ActorError("stopped", `The ${role} is being stopped.`);
      mailbox.put(mail);
    },
    get waiting() {
      return mailbox.size;
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
