/**
 * The common shape of the actors that work: look at the ledger, see what is asked of us, do what is missing.
 *
 * Level-triggered: the actor looks when it starts, after every finalized block, when a duty ends, and now and then in any case. Which
 * duties there are follows from the ledger alone, so whatever was missed or lost by a restart is found again. Each duty runs as an activity
 * of its own, at most once at a time; one that fails is tried again after a growing pause for as long as the ledger still asks for
 * it, and one that the ledger asks for no more is called off.
 *
 * @module
 */
import type { Activity, Actor, ActorId, Context, Envelope, Failure } from "../runtime/mod.ts";
import { FINALIZED } from "../ledger_client/mod.ts";

/** Something to be done. */
export interface Duty {
  /** Says what is to be done, completely: the same key is the same duty, in this look and the next. At most 200 characters. */
  readonly key: string;
  readonly deadlineMs: number;
  perform(activity: Activity): Promise<void>;
}

/** What an actor of this shape is made of. */
export interface DutyBehaviour {
  /** What is asked of this actor now. Must not change anything. */
  look(activity: Activity): Promise<readonly Duty[]>;
  /**
   * Answers a question of another actor.
   *
   * @throws {ActorError} whose code and sentence go to whoever asked.
   */
  answer?(from: ActorId, body: Uint8Array, activity: Activity): Promise<Uint8Array>;
}

/** Bounds and times. */
export interface DutyTimes {
  /** Looks at least this often: a notice may be missed, a clock may matter. */
  readonly lookEveryMs: number;
  readonly lookDeadlineMs: number;
  /** Pause before a duty is done again; after failures doubled for each further one up to the greatest. */
  readonly firstPauseMs: number;
  readonly greatestPauseMs: number;
  /** Questions answered at once; the next is refused. */
  readonly answers: number;
  readonly answerDeadlineMs: number;
}

/** Suits blocks of about a second. */
export const DEFAULT_DUTY_TIMES: DutyTimes = {
  lookEveryMs: 2000,
  lookDeadlineMs: 15_000,
  firstPauseMs: 500,
  greatestPauseMs: 10_000,
  answers: 32,
  answerDeadlineMs: 60_000,
};

interface Trouble {
  readonly failures: number;
  readonly notBefore: number;
}

/** State of the actor: plain data, all of it rebuilt from the ledger after a restart. */
export interface DutyState {
  /** Whether something happened since the last look began. */
  readonly stale: boolean;
  readonly running: readonly string[];
  readonly troubles: Readonly<Record<string, Trouble>>;
  readonly answering: number;
}

/** What its activities bring. */
export type DutyResult =
  | { readonly kind: "looked"; readonly duties: readonly Duty[] }
  | { readonly kind: "performed" }
  | { readonly kind: "answered"; readonly body: Uint8Array };

const LOOK = "look";
const TICK = "tick";
const DUTY_PREFIX = "duty ";
const ANSWER_PREFIX = "answer ";

/** Codes of failures that need no attention: the ledger or the node moved on. */
const QUIET_CODES: ReadonlySet<string> = new Set(["cancelled", "stopped"]);

/** Makes the actor. */
export function makeDutyActor(
  behaviour: DutyBehaviour,
  times: DutyTimes = DEFAULT_DUTY_TIMES,
): Actor<DutyState, DutyResult> {
  type Ctx = Context<DutyResult>;

  const lookAgain = (state: DutyState, context: Ctx): DutyState => {
    const started = context.start(LOOK, times.lookDeadlineMs, async (activity) => ({
      kind: "looked",
      duties: await behaviour.look(activity),
    }));
    return { ...state, stale: !started };
  };

  const looked = (state: DutyState, duties: readonly Duty[], context: Ctx): DutyState => {
    const wanted = new Set(duties.map(({ key }) => key));
    for (const key of state.running) if (!wanted.has(key)) context.cancel(DUTY_PREFIX + key);
    const troubles = Object.fromEntries(Object.entries(state.troubles).filter(([key]) => wanted.has(key)));
    const now = context.now();
    const started = duties.filter((duty) =>
      now >= (troubles[duty.key]?.notBefore ?? 0) &&
      context.start(DUTY_PREFIX + duty.key, duty.deadlineMs, async (activity) => {
        await duty.perform(activity);
        return { kind: "performed" };
      })
    );
    return { ...state, troubles, running: [...state.running, ...started.map(({ key }) => key)] };
  };

  const ended = (state: DutyState, key: string, error: Failure | null, context: Ctx): DutyState => {
    const running = state.running.filter((other) => other !== key);
    const { [key]: trouble, ...others } = state.troubles;
    if (error === null) {
      // Done, and yet the next look may still see it: a duty that ends at once must not become a busy loop.
      const rested = { failures: 0, notBefore: context.now() + times.firstPauseMs };
      context.setTimer(`again ${key}`, times.firstPauseMs);
      return lookAgain({ ...state, running, troubles: { ...others, [key]: rested } }, context);
    }
    if (QUIET_CODES.has(error.code)) return lookAgain({ ...state, running }, context);
    const failures = (trouble?.failures ?? 0) + 1;
    const pauseMs = Math.min(times.firstPauseMs * 2 ** (failures - 1), times.greatestPauseMs);
    context.emit({ kind: "warning", code: error.code, message: `${key}: ${error.message}` });
    const noted = { failures, notBefore: context.now() + pauseMs };
    context.setTimer(`again ${key}`, pauseMs);
    return { ...state, running, troubles: { ...others, [key]: noted } };
  };

  const question = (
    state: DutyState,
    mail: Extract<Envelope<DutyResult>, { kind: "message" }>,
    context: Ctx,
  ): DutyState => {
    const { request, from, body } = mail;
    const { answer } = behaviour;
    if (request === null) return state; // nobody waits for what it might bring
    if (answer === undefined) {
      context.refuse(request, {
        code: "bad_message",
        message: `The ${context.self.role} answers no questions.`,
      });
      return state;
    }
    if (state.answering >= times.answers) {
      context.refuse(request, {
        code: "mailbox_full",
        message: `${state.answering} questions are being answered: ask later.`,
      });
      return state;
    }
    context.start(`${ANSWER_PREFIX}${request}`, times.answerDeadlineMs, async (activity) => ({
      kind: "answered",
      body: await answer(from, body, activity),
    }));
    return { ...state, answering: state.answering + 1 };
  };

  const finished = (
    state: DutyState,
    mail: Extract<Envelope<DutyResult>, { kind: "finished" }>,
    context: Ctx,
  ): DutyState => {
    const { name, outcome } = mail;
    if (name.startsWith(ANSWER_PREFIX)) {
      const request = Number(name.slice(ANSWER_PREFIX.length));
      if (!outcome.ok) context.refuse(request, outcome.error);
      else if (outcome.value.kind === "answered") context.reply(request, outcome.value.body);
      return { ...state, answering: state.answering - 1 };
    }
    if (name.startsWith(DUTY_PREFIX)) {
      return ended(state, name.slice(DUTY_PREFIX.length), outcome.ok ? null : outcome.error, context);
    }
    if (!outcome.ok) {
      // The ledger could not be asked: the next notice or tick looks again.
      context.emit({
        kind: "warning",
        code: outcome.error.code,
        message: `Looking failed: ${outcome.error.message}`,
      });
      return state;
    }
    const next = outcome.value.kind === "looked" ? looked(state, outcome.value.duties, context) : state;
    return next.stale ? lookAgain(next, context) : next;
  };

  return {
    topics: [],
    init(context) {
      context.setTimer(TICK, times.lookEveryMs);
      return lookAgain({ stale: false, running: [], troubles: {}, answering: 0 }, context);
    },
    receive(state, envelope, context) {
      switch (envelope.kind) {
        case "message":
          return question(state, envelope, context);
        case "finished":
          return finished(state, envelope, context);
        case "notice":
          return envelope.name === FINALIZED ? lookAgain(state, context) : state;
        case "timer":
          if (envelope.name === TICK) context.setTimer(TICK, times.lookEveryMs);
          return lookAgain(state, context);
        case "published":
        case "undelivered":
          return state; // it listens to no topic and sends no message
      }
    },
  };
}
