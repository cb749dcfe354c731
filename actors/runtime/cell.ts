/**
 * A cell: one incarnation of an actor, wherever it runs. Its node hands it a piece of mail, or a bundle where handing over is what
 * costs, and applies what each turn committed; when the cell is lost, the node opens another.
 *
 * @module
 */
import type { Timers } from "../../net/mod.ts";
import type { Actor } from "./actor.ts";
import { type ActivityHost, makeActivities } from "./activities.ts";
import type { Effect } from "./effects.ts";
import type { ActorId, Envelope, Mail } from "./envelope.ts";
import { type Failure, failureOf } from "./errors.ts";
import { type Committed, runTurn } from "./turn.ts";

/** What came of a bundle of mail. What lies beyond these turns has not been looked at: it waits on. */
export interface Turns {
  /** The effects of the turns that committed, in the order of their mail. */
  readonly committed: readonly (readonly Effect[])[];
  /** What the turn after those threw: the cell is useless then. */
  readonly failure?: Failure;
}

/** One incarnation. */
export interface Cell {
  /** Effects of the first turn. */
  readonly first: readonly Effect[];
  /** Pieces of mail that it is handed at a time, at most. */
  readonly most: number;
  /**
   * Runs the turns that pieces of mail cause, one after the other: one at least, and no more once one has failed. Rejects if the cell is
   * lost: which of them it was at, nobody knows.
   */
  turns(mail: readonly Mail[]): Promise<Turns>;
  /** Ends it: activities are cancelled and given a moment to return. Never rejects. */
  stop(): Promise<void>;
}

/** An incarnation in the present thread. */
export interface LocalCell extends Cell {
  /** Runs the turn that the mail causes. Rejects with whatever the turn threw; the cell is useless then. */
  turn(mail: Mail): Promise<readonly Effect[]>;
}

/** What a cell needs of its node. */
export interface CellHost {
  readonly self: ActorId;
  readonly timers: Timers;
  random(length: number): Uint8Array;
  ask: ActivityHost["ask"];
  emit: ActivityHost["emit"];
  /** An activity has ended: put the mail that says so into the mailbox. */
  finished(name: string): void;
  /** The cell ended by itself, for example because its worker crashed. */
  lost(error: Error): void;
}

/** Opens an incarnation and runs its first turn. Rejects with what the first turn threw. */
export type OpenCell = (host: CellHost) => Promise<Cell>;

/** What an actor needs to be run: its role, its gossip topics, and how to open a cell of it. */
export interface ActorSetup {
  readonly role: string;
  readonly topics: readonly string[];
  readonly open: OpenCell;
}

/** How long activities may take to return after they have been called off; well-behaved ones need milliseconds. */
const STOP_GRACE_MS = 2000;

/**
 * Runs the turns of a bundle: until its end, or one fails, or after one of them the rest is to wait.
 *
 * @param goesOn Whether there is time for another.
 */
export async function runTurns(
  turn: LocalCell["turn"],
  bundle: readonly Mail[],
  goesOn: () => boolean,
): Promise<Turns> {
  const committed: (readonly Effect[])[] = [];
  for (const mail of bundle) {
    try {
      committed.push(await turn(mail));
    } catch (thrown) {
      return { committed, failure: failureOf(thrown) };
    }
    if (!goesOn()) break;
  }
  return { committed };
}

/** Runs a behaviour in the present thread. */
export async function openLocalCell<State, Result>(
  actor: Actor<State, Result>,
  host: CellHost,
): Promise<LocalCell> {
  const activities = makeActivities<Result>({
    timers: host.timers,
    now: () => host.timers.now(),
    random: host.random,
    ask: host.ask,
    emit: host.emit,
    finished: host.finished,
  });
  const turnHost = { self: host.self, now: () => host.timers.now(), random: host.random, activities };
  const commit = (turn: Committed<State, Result>) => {
    for (const name of turn.cancels) activities.cancel(name);
    for (const start of turn.starts) activities.start(start);
    return turn.state;
  };
  const initial = await runTurn(turnHost, (context) => actor.init(context));
  let state = commit(initial);

  const envelopeOf = (mail: Mail): Envelope<Result> | undefined => {
    if (mail.kind !== "finished") return mail;
    const outcome = activities.collect(mail.name);
    return outcome === undefined ? undefined : { kind: "finished", name: mail.name, outcome };
  };

  const turn = async (mail: Mail): Promise<readonly Effect[]> => {
    const envelope = envelopeOf(mail);
    if (envelope === undefined) return []; // an activity of an incarnation that is gone
    const turn = await runTurn(turnHost, (context) => actor.receive(state, envelope, context));
    state = commit(turn);
    return turn.effects;
  };

  return {
    first: initial.effects,
    most: 1,
    turn,
    turns: (mail) => runTurns(turn, mail, () => true),
    stop: () => activities.stop(STOP_GRACE_MS),
  };
}
