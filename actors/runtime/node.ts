/**
 * An actor node: the actors of one peer, the mail between them, and their mail with other peers.
 *
 * Between siblings mail goes straight to the mailbox; to other peers over the transport's protocol
 * {@link ACTOR_PROTOCOL}, where the sender's peer is proven and its role is what it says.
 *
 * @module
 */
import type { Timers, Transport } from "../../net/mod.ts";
import type { ActorEvent } from "./events.ts";
import type { ActorSetup } from "./cell.ts";
import type { ActorId, Mail } from "./envelope.ts";
import { ActorError, type Failure, failureOf } from "./errors.ts";
import { makePendingRequests } from "./pending_requests.ts";
import {
  DEFAULT_SUPERVISION,
  supervise,
  type Supervised,
  type SupervisionPolicy,
  type SupervisionReport,
} from "./supervisor.ts";
import { connectWire } from "./wire.ts";

/** What an actor node is made of. */
export interface ActorNodeOptions {
  readonly transport: Transport;
  readonly timers: Timers;
  /** Unpredictable bytes: the host's source, or a seeded one in a simulation. */
  random(length: number): Uint8Array;
  readonly actors: readonly ActorSetup[];
  /** News of the actors, in the order it happens. Must not throw. */
  readonly onEvent?: (role: string, event: ActorEvent) => void;
  /** Starts, failures and restarts. Must not throw. */
  readonly onReport?: (report: SupervisionReport) => void;
  readonly policy?: Partial<SupervisionPolicy>;
}

/** A running actor node. */
export interface ActorNode {
  readonly self: string;
  readonly roles: readonly string[];
  /**
   * Asks an actor of this node or another.
   *
   * @throws {ActorError} with the actor's code, or `no_such_actor`, `mailbox_full`, `timed_out`, `stopped`, `restarted`; what
   * the network refuses comes as it is (`NetError`).
   */
  ask(to: ActorId, body: Uint8Array, timeoutMs: number): Promise<Uint8Array>;
  /** Letters and signals waiting for a role. 0 for a role that is not here. */
  waiting(role: string): number;
  /** Stops every actor. The transport stays open: it belongs to whoever made it. */
  stop(): Promise<void>;
}

/** Role under which the node itself asks its actors, on behalf of the program around it. */
export const HOST_ROLE = "host";

/** A notice's or undelivered letter's receiver may be full: that loses nothing, because actors look at the ledger for what to do. */
function putIfRoom(actor: Supervised, mail: Mail): Failure | null {
  try {
    actor.put(mail);
    return null;
  } catch (thrown) {
    return failureOf(thrown);
  }
}

/**
 * Starts the actors.
 *
 * @throws {ActorError} `bad_options` if two have the same role.
 */
export function startActorNode(options: ActorNodeOptions): ActorNode {
  const { transport, timers } = options;
  const self = transport.self;
  const policy = { ...DEFAULT_SUPERVISION, ...options.policy };
  const actors = new Map<string, Supervised>();
  const pending = makePendingRequests(timers);

  /** Asks a sibling on behalf of `from`. */
  const askHere = (from: ActorId, role: string, body: Uint8Array, timeoutMs: number): Promise<Uint8Array> => {
    const actor = actors.get(role);
    if (actor === undefined) return Promise.reject(noSuchActor(self, role));
    const question = pending.open(`The question to ${role}`, timeoutMs);
    const refused = putIfRoom(actor, { kind: "message", from, body, request: question.id });
    if (refused !== null) pending.refuse(question.id, refused);
    return question.answer;
  };

  const wire = connectWire({
    transport,
    asked: (from, role, body, timeoutMs) => askHere(from, role, body, timeoutMs),
    sent(from, role, body) {
      const actor = actors.get(role);
      if (actor === undefined) throw noSuchActor(self, role);
      actor.put({ kind: "message", from, body, request: null });
    },
  });

  const ask = (from: ActorId, to: ActorId, body: Uint8Array, timeoutMs: number) =>
    to.peer === self ? askHere(from, to.role, body, timeoutMs) : wire.ask(from.role, to, body, timeoutMs);

  const send = (from: ActorId, to: ActorId, body: Uint8Array) => {
    const undelivered = (error: Failure) => {
      const sender = actors.get(from.role);
      const lost = sender && putIfRoom(sender, { kind: "undelivered", to, body, error });
      if (lost) {
        const message =
          `A message to ${to.role} was not delivered (${error.message}), nor was the note about it.`;
        options.onEvent?.(from.role, { kind: "warning", code: error.code, message });
      }
    };
    if (to.peer !== self) {
      wire.send(from.role, to, body).catch((thrown) => undelivered(failureOf(thrown)));
      return;
    }
    const actor = actors.get(to.role);
    const refused = actor === undefined
      ? failureOf(noSuchActor(self, to.role))
      : putIfRoom(actor, { kind: "message", from, body, request: null });
    if (refused !== null) undelivered(refused);
  };

  const start = (setup: ActorSetup) => {
    const { role } = setup;
    const id: ActorId = { peer: self, role };
    const emit = (event: ActorEvent) => options.onEvent?.(role, event);
    actors.set(
      role,
      supervise(setup, {
        self: id,
        timers,
        random: options.random,
        ask: (to, body, timeoutMs) => ask(id, to, body, timeoutMs),
        emit,
        report: (report) => options.onReport?.(report),
        abandoned(mail, error) {
          if (mail.kind !== "message" || mail.request === null) return;
          pending.refuse(mail.request, {
            code: "restarted",
            message: `The ${role} failed while it handled the question: ${error.message}`,
          });
        },
        apply(effect) {
          switch (effect.kind) {
            case "send":
              return send(id, effect.to, effect.body);
            case "reply":
              return pending.resolve(effect.request, effect.body);
            case "refuse":
              return pending.refuse(effect.request, effect.failure);
            case "publish":
              transport.publish(effect.topic, effect.body).catch((thrown) => {
                emit({ kind: "warning", ...failureOf(thrown) });
              });
              return;
            case "notify":
              for (const [name, sibling] of actors) {
                const notice: Mail = { kind: "notice", from: role, name: effect.name, body: effect.body };
                if (name !== role) putIfRoom(sibling, notice); // refused only by one that is being stopped
              }
              return;
            case "emit":
              return emit(effect.event);
          }
        },
      }, policy),
    );
  };

  for (const setup of options.actors) {
    if (actors.has(setup.role)) {
      throw new ActorError("bad_options", `A node runs one actor of a role: "${setup.role}" is named twice.`);
    }
    start(setup);
  }
  const subscriptions = options.actors.flatMap(({ role, topics }) =>
    topics.map((topic) =>
      transport.subscribe(topic, (from, body) => {
        const actor = actors.get(role);
        // Gossip that does not fit is as lost as gossip that did not arrive: its protocols repeat what matters.
        if (actor !== undefined) putIfRoom(actor, { kind: "published", topic, from, body });
      })
    )
  );

  return {
    self,
    roles: [...actors.keys()],
    ask: (to, body, timeoutMs) => ask({ peer: self, role: HOST_ROLE }, to, body, timeoutMs),
    waiting: (role) => actors.get(role)?.waiting ?? 0,
    async stop() {
      for (const unsubscribe of subscriptions) unsubscribe();
      wire.close();
      await Promise.all([...actors.values()].map((actor) => actor.stop()));
      pending.close();
    },
  };
}

function noSuchActor(peer: string, role: string): ActorError {
  return new ActorError("no_such_actor", `The node ${peer.slice(0, 8)} runs no ${role}: ask another node.`, {
    role,
  });
}
