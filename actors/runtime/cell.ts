/**
 * A cell: one incarnation of an actor, wherever it runs. Its node hands it one piece of mail at a time and applies what each
 * turn committed; when the cell is lost, the node opens another.
 *
 * @module
 */
import type { Timers } from "../../net/mod.ts";
import type { Actor } from "./actor.ts";
import { type ActivityHost, makeActivities } from "./activities.ts";
import type { Effect } from "./effects.ts";
import type { ActorId, Envelope, Mail } from "./envelope.ts";
import { type Committed, runTurn } from "./turn.ts";

/** One incarnation. */
export interface Cell {
  /** Effects of the first turn. */
  readonly first: readonly Effect[];
  /** Runs the turn that the mail causes. Rejects with whatever the turn threw; the cell is useless then. */
  turn(mail: Mail): Promise<readonly Effect[]>;
  /** Ends it: activities are cancelled and given a moment to return. Never rejects. */
  stop(): Promise<void>;
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

/** Runs a behaviour in the present thread. */
export async function openLocalCell<State, Result>(
  actor: Actor<State, Result>,
  host: CellHost,
): Promise<Cell> {
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

  return {
    first: initial.effects,
    async turn(mail) {
      const envelope = envelopeOf(mail);
      if (envelope === undefined) return []; // an activity of an incarnation that is gone
      const turn = await runTurn(turnHost, (context) => actor.receive(state, envelope, context));
      state = commit(turn);
      return turn.effects;
    },
    stop: () => activities.stop(STOP_GRACE_MS),
  };
}
