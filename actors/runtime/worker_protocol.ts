/**
 * What a worker and its host say to each other. All of it is plain data that structured clone carries.
 *
 * The host sends the mail that waits, in one message, and answers the worker's calls of services (`rpc.ts`); the worker sends what
 * its turns committed, and only then the host sends more. Pings tell a worker that is alive from one that ended in silence.
 *
 * @module
 */
import type { Turns } from "./cell.ts";
import type { Effect } from "./effects.ts";
import type { ActorEvent } from "./events.ts";
import type { ActorId, Mail } from "./envelope.ts";
import type { Failure } from "./errors.ts";
import type { RpcAnswer, RpcCall } from "./rpc.ts";

/** Host to worker. */
export type ToWorker =
  | { readonly kind: "open"; readonly self: ActorId; readonly settings: unknown }
  | { readonly kind: "mail"; readonly mail: readonly Mail[] }
  | { readonly kind: "answer"; readonly answer: RpcAnswer }
  | { readonly kind: "ping" }
  | { readonly kind: "stop" };

/** Worker to host. */
export type FromWorker =
  | { readonly kind: "loaded" }
  | { readonly kind: "opened"; readonly effects: readonly Effect[] }
  | { readonly kind: "open_failed"; readonly failure: Failure }
  | { readonly kind: "turned"; readonly turns: Turns }
  | { readonly kind: "finished"; readonly name: string }
  | { readonly kind: "emit"; readonly event: ActorEvent }
  | { readonly kind: "call"; readonly call: RpcCall }
  | { readonly kind: "pong" }
  | { readonly kind: "stopped" };

/** The service under which the node itself answers `ask`. */
export const NODE_SERVICE = "$node";

/** What {@link NODE_SERVICE} offers. */
export interface NodeService {
  ask(to: ActorId, body: Uint8Array, timeoutMs: number): Promise<Uint8Array>;
}
