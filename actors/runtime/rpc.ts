/**
 * Calls of services across a message channel: how a behaviour in a worker uses what lives in its host (ledger client, blobs,
 * executor).
 *
 * A service is an object of asynchronous methods whose arguments and results are plain data. Functions and `AbortSignal`s may
 * stand among the arguments, or as fields of an argument: calling the function, or aborting the signal, crosses over too.
 *
 * @module
 */
import { ActorError, type Failure, failureOf } from "./errors.ts";
import { errorOf } from "./pending_requests.ts";

/** From the calling side. */
export type RpcCall =
  | {
    readonly kind: "call";
    readonly id: number;
    readonly service: string;
    readonly method: string;
    readonly args: readonly unknown[];
  }
  | { readonly kind: "abort"; readonly id: number };

/** From the serving side. */
export type RpcAnswer =
  | { readonly kind: "value"; readonly id: number; readonly value: unknown }
  | { readonly kind: "failure"; readonly id: number; readonly failure: Failure }
  | {
    readonly kind: "callback";
    readonly id: number;
    readonly place: string;
    readonly args: readonly unknown[];
  };

/** Stands for a function or a signal among the arguments. */
type Stand = { readonly $assay: "callback" | "signal"; readonly place: string };

function isStand(value: unknown): value is Stand {
  return typeof value === "object" && value !== null && "$assay" in value;
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function mapArgument(
  value: unknown,
  place: string,
  swap: (value: unknown, place: string) => unknown,
): unknown {
  const swapped = swap(value, place);
  if (swapped !== value || !isPlainObject(value)) return swapped;
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [key, swap(field, `${place}.${key}`)]),
  );
}

/** The calling side. */
export interface RpcClient {
  /** A stand-in for service `name`, whose methods call it. */
  service<T extends object>(name: string): T;
  receive(answer: RpcAnswer): void;
  /** Fails everything that is open. */
  close(error: Error): void;
}

/** Makes calls by posting them. */
export function makeRpcClient(post: (call: RpcCall) => void): RpcClient {
  interface Open {
    readonly callbacks: ReadonlyMap<string, (...args: readonly unknown[]) => unknown>;
    resolve(value: unknown): void;
    reject(error: Error): void;
    release(): void;
  }
  const open = new Map<number, Open>();
  let nextId = 1;

  const call = (service: string, method: string, args: readonly unknown[]): Promise<unknown> => {
    const id = nextId++;
    const callbacks = new Map<string, (...args: readonly unknown[]) => unknown>();
    const releases: (() => void)[] = [];
    const swap = (value: unknown, place: string): unknown => {
      if (typeof value === "function") {
        callbacks.set(place, (...passed) => Reflect.apply(value, undefined, passed));
        return { $assay: "callback", place };
      }
      if (value instanceof AbortSignal) {
        const onAbort = () => post({ kind: "abort", id });
        if (value.aborted) queueMicrotask(onAbort);
        else value.addEventListener("abort", onAbort, { once: true });
        releases.push(() => value.removeEventListener("abort", onAbort));
        return { $assay: "signal", place };
      }
      return value;
    };
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    open.set(id, { callbacks, resolve, reject, release: () => releases.forEach((release) => release()) });
    post({ kind: "call", id, service, method, args: args.map((arg, i) => mapArgument(arg, `${i}`, swap)) });
    return promise;
  };

  const take = (id: number) => {
    const entry = open.get(id);
    open.delete(id);
    entry?.release();
    return entry;
  };

  return {
    service<T extends object>(name: string): T {
      const target = Object.create(null);
      return new Proxy(target, {
        // `then` must be absent, or awaiting the stand-in would call it.
        get: (_, method) =>
          typeof method !== "string" || method === "then"
            ? undefined
            : (...args: readonly unknown[]) => call(name, method, args),
      });
    },
    receive(answer) {
      if (answer.kind === "callback") open.get(answer.id)?.callbacks.get(answer.place)?.(...answer.args);
      else if (answer.kind === "value") take(answer.id)?.resolve(answer.value);
      else take(answer.id)?.reject(errorOf(answer.failure));
    },
    close(error) {
      for (const id of [...open.keys()]) take(id)?.reject(error);
    },
  };
}

/** Services by name. */
export type Services = Readonly<Record<string, object>>;

/** The serving side. */
export interface RpcServer {
  receive(call: RpcCall): void;
  /** Calls off everything that is open; nothing is answered from now on. */
  close(): void;
}

/** Serves calls and posts their answers. */
export function makeRpcServer(services: Services, post: (answer: RpcAnswer) => void): RpcServer {
  const open = new Map<number, AbortController>();
  let closed = false;

  const perform = async (call: Extract<RpcCall, { kind: "call" }>, signal: AbortSignal): Promise<unknown> => {
    const service = services[call.service];
    const method: unknown = service && Reflect.get(service, call.method);
    if (typeof method !== "function") {
      throw new ActorError("bad_options", `There is no service ${call.service}.${call.method} here.`);
    }
    const restore = (value: unknown): unknown => {
      if (!isStand(value)) return value;
      if (value.$assay === "signal") return signal;
      return (...args: readonly unknown[]) => {
        if (!closed) post({ kind: "callback", id: call.id, place: value.place, args });
      };
    };
    const args = call.args.map((arg, i) => mapArgument(arg, `${i}`, restore));
    return await Reflect.apply(method, service, args);
  };

  return {
    receive(call) {
      if (call.kind === "abort") {
        open.get(call.id)?.abort(new ActorError("cancelled", "The caller called it off."));
        return;
      }
      const controller = new AbortController();
      open.set(call.id, controller);
      perform(call, controller.signal).then(
        (value) => !closed && post({ kind: "value", id: call.id, value }),
        (thrown) => !closed && post({ kind: "failure", id: call.id, failure: failureOf(thrown) }),
      ).finally(() => open.delete(call.id));
    },
    close() {
      closed = true;
      for (const controller of open.values()) {
        controller.abort(new ActorError("stopped", "The worker that called has ended."));
      }
    },
  };
}
