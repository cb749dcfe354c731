/**
 * The worker's side of an actor in a Deno worker. A worker module of an actor calls {@link serveActor} once, at its end.
 *
 * A leaf: import it by path, in worker modules only.
 *
 * @module
 */
import { systemTimers } from "../../net/timers_system.ts";
import type { Actor } from "./actor.ts";
import { type LocalCell, openLocalCell, runTurns, type Turns } from "./cell.ts";
import { ActorError, failureOf } from "./errors.ts";
import type { ActorId, Mail } from "./envelope.ts";
import { makeRpcClient, type RpcClient } from "./rpc.ts";
import { type FromWorker, NODE_SERVICE, type NodeService, type ToWorker } from "./worker_protocol.ts";

/** What a worker's behaviour is made from. */
export interface WorkerStart {
  readonly self: ActorId;
  /** What the host passed as `settings`; the module checks that it is what it expects. */
  readonly settings: unknown;
  /** A stand-in for a service of the host. */
  service: RpcClient["service"];
}

/** The part of a worker's global scope that is used here. */
interface Port {
  postMessage(message: FromWorker): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  close(): void;
}

/**
 * How long the effects of a turn wait for the turns of later mail. What one wake of two threads costs is little beside it, and a vote
 * that waits so long does not feel it.
 */
const BUNDLE_MS = 10;

const NOT_OPEN = new ActorError(
  "bad_options",
  "A worker was handed mail before it was opened: open it first.",
);

/** Runs the behaviour that `make` makes until the host ends the worker. */
export function serveActor<State, Result>(
  port: Port,
  make: (start: WorkerStart) => Actor<State, Result> | Promise<Actor<State, Result>>,
): void {
  const post = (message: FromWorker) => port.postMessage(message);
  const rpc = makeRpcClient((call) => post({ kind: "call", call }));
  const node = rpc.service<NodeService>(NODE_SERVICE);
  let cell: LocalCell | undefined;

  const open = async (self: ActorId, settings: unknown) => {
    try {
      const actor = await make({ self, settings, service: rpc.service });
      cell = await openLocalCell(actor, {
        self,
        timers: systemTimers,
        random: (length) => crypto.getRandomValues(new Uint8Array(length)),
        ask: (to, body, timeoutMs) => node.ask(to, body, timeoutMs),
        emit: (event) => post({ kind: "emit", event }),
        finished: (name) => post({ kind: "finished", name }),
        lost: (error) => {
          throw error;
        },
      });
      post({ kind: "opened", effects: cell.first });
    } catch (thrown) {
      post({ kind: "open_failed", failure: failureOf(thrown) });
    }
  };

  const turnsOf = async (mail: readonly Mail[]): Promise<Turns> => {
    if (cell === undefined) return { committed: [], failure: failureOf(NOT_OPEN) };
    const end = systemTimers.now() + BUNDLE_MS;
    return await runTurns(cell.turn, mail, () => systemTimers.now() < end);
  };

  const handle = async (message: ToWorker) => {
    switch (message.kind) {
      case "open":
        return await open(message.self, message.settings);
      case "mail":
        return post({ kind: "turned", turns: await turnsOf(message.mail) });
      case "answer":
        return rpc.receive(message.answer);
      case "ping":
        return post({ kind: "pong" });
      case "stop":
        await cell?.stop();
        post({ kind: "stopped" });
        return port.close();
    }
  };
  port.onmessage = (event) => {
    handle(event.data);
  };
  post({ kind: "loaded" });
}
