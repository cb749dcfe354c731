/**
 * Hosts an actor in a Deno worker of its own, with the permissions it needs and no others.
 *
 * What can go wrong in a worker, and what happens then:
 *  - an uncaught error reaches `onerror`, and would end the host if it were not prevented: the cell is lost, and replaced;
 *  - `self.close()` and `Deno.exit()` end it without a sign: the heartbeat notices;
 *  - a busy loop answers no heartbeat either, and cannot be stopped from outside: the worker is given up and replaced, but its
 *    thread spins on. So nothing that runs other people's programs lives in a worker; executors are child processes.
 *
 * A leaf: import it by path, in tools only.
 *
 * @module
 */
import type { ActorSetup, Cell, CellHost, Turns } from "./cell.ts";
import { within } from "./deadline.ts";
import type { Effect } from "./effects.ts";
import { ActorError } from "./errors.ts";
import { errorOf } from "./pending_requests.ts";
import { makeRpcServer, type RpcServer, type Services } from "./rpc.ts";
import { type FromWorker, NODE_SERVICE, type NodeService, type ToWorker } from "./worker_protocol.ts";

/** An actor to run in a worker. */
export interface WorkerActorOptions {
  readonly role: string;
  readonly topics: readonly string[];
  /** The worker module, which calls `serveActor`. */
  readonly module: URL;
  readonly permissions: Deno.PermissionOptions;
  /** Plain data for the module's factory. */
  readonly settings: unknown;
  /** What the behaviour may use of this host. */
  readonly services: Services;
  readonly heartbeat?: Heartbeat;
}

/** How a silent worker is noticed. */
export interface Heartbeat {
  readonly everyMs: number;
  /** No answer for so long: the worker is given up. Far above what a loaded machine makes a live worker wait. */
  readonly silentMs: number;
}

const DEFAULT_HEARTBEAT: Heartbeat = { everyMs: 2000, silentMs: 20_000 };

/** Time for a worker to load its modules; they may have to be compiled first. */
const LOAD_MS = 60_000;

/** Time for a worker to end by itself before it is terminated. */
const STOP_MS = 3000;

/** An actor that runs in a Deno worker. Each incarnation is a fresh worker. */
export function inWorker(options: WorkerActorOptions): ActorSetup {
  return { role: options.role, topics: options.topics, open: (host) => openWorkerCell(options, host) };
}

/** Mail handed to a worker in one message, at most. Beyond that a message costs by its length, and later mail may be more urgent. */
const MOST_MAIL = 32;

async function openWorkerCell(options: WorkerActorOptions, host: CellHost): Promise<Cell> {
  const { role } = options;
  const { timers } = host;
  const heartbeat = options.heartbeat ?? DEFAULT_HEARTBEAT;
  const worker = new Worker(options.module, {
    type: "module",
    name: `assay ${role}`,
    deno: { permissions: options.permissions },
  });
  const post = (message: ToWorker) => worker.postMessage(message);
  const node: NodeService = { ask: host.ask };
  const rpc: RpcServer = makeRpcServer(
    { ...options.services, [NODE_SERVICE]: node },
    (answer) => post({ kind: "answer", answer }),
  );
  let turning: PromiseWithResolvers<Turns> | undefined;
  const loaded = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<readonly Effect[]>();
  const stopped = Promise.withResolvers<void>();
  let ended = false;
  let lastHeard = timers.now();
  let cancelBeat = () => {};

  const end = (error: Error) => {
    if (ended) return;
    ended = true;
    cancelBeat();
    rpc.close();
    worker.terminate();
    turning?.reject(error);
    loaded.reject(error);
    opened.reject(error);
    stopped.resolve();
  };
  const lose = (error: ActorError) => {
    if (ended) return;
    end(error);
    host.lost(error);
  };
  loaded.promise.catch(() => {}); // told to whoever awaits it below, if anybody still does
  opened.promise.catch(() => {});

  const beat = () => {
    const silentMs = timers.now() - lastHeard;
    if (silentMs >= heartbeat.silentMs) {
      return lose(new ActorError("silent", `The worker of the ${role} has not answered for ${silentMs} ms.`));
    }
    post({ kind: "ping" });
    cancelBeat = timers.after(heartbeat.everyMs, beat);
  };

  const receive = (message: FromWorker) => {
    lastHeard = timers.now();
    switch (message.kind) {
      case "loaded":
        return loaded.resolve();
      case "opened":
        return opened.resolve(message.effects);
      case "open_failed":
        return end(errorOf(message.failure));
      case "turned":
        return turning?.resolve(message.turns);
      case "finished":
        return host.finished(message.name);
      case "emit":
        return host.emit(message.event);
      case "call":
        return rpc.receive(message.call);
      case "pong":
        return;
      case "stopped":
        return stopped.resolve();
    }
  };
  worker.onmessage = (event: MessageEvent<FromWorker>) => {
    if (!ended) receive(event.data);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    lose(new ActorError("crashed", `The worker of the ${role} ended with an error: ${event.message}`));
  };
  worker.onmessageerror = () => {
    lose(new ActorError("crashed", `The worker of the ${role} sent what cannot be read.`));
  };

  await within({ timers, timeoutMs: LOAD_MS, what: `Loading the worker of the ${role}` }, loaded.promise)
    .catch((thrown: unknown) => {
      end(new ActorError("stopped", `The worker of the ${role} did not load.`));
      throw thrown;
    });
  post({ kind: "open", self: host.self, settings: options.settings });
  beat();
  const first = await opened.promise;

  return {
    first,
    most: MOST_MAIL,
    turns(mail) {
      if (ended) return Promise.reject(new ActorError("crashed", `The worker of the ${role} is gone.`));
      turning = Promise.withResolvers<Turns>();
      post({ kind: "mail", mail });
      return turning.promise;
    },
    async stop() {
      if (ended) return;
      post({ kind: "stop" });
      const { promise: grace, resolve } = Promise.withResolvers<void>();
      const cancel = timers.after(STOP_MS, resolve);
      await Promise.race([stopped.promise, grace]);
      cancel();
      end(new ActorError("stopped", `The worker of the ${role} was stopped.`));
    },
  };
}
