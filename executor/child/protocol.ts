/**
 * What host and child say to each other.
 *
 * @module
 */
import type { EngineIdentity, Executor, RunEvent } from "../executor.ts";
import type { ExecutorErrorCode } from "../errors.ts";
import type { ErrorFields } from "../../ledger/primitives/mod.ts";

/** Methods that are carried over: each takes one request. */
export type Method = Exclude<keyof Executor, "engine" | "close">;

/** Every {@link Method}. */
export const METHODS: readonly Method[] = [
  "load",
  "unload",
  "run",
  "rehearse",
  "restore",
  "state",
  "output",
  "steps",
  "trace",
  "nodeInputs",
  "executeNode",
  "nodeOutput",
  "chunkNeeds",
  "executeChunk",
  "nodeChunk",
  "dearestUnit",
  "sumNeeds",
  "executeSums",
];

/** A method's request and result. */
export type RequestOf<M extends Method> = Parameters<Executor[M]>[0];
/** See {@link RequestOf}. */
export type ResultOf<M extends Method> = Awaited<ReturnType<Executor[M]>>;

/** An {@link ExecutorError} as data. */
export interface Failure {
  readonly code: ExecutorErrorCode;
  readonly message: string;
  readonly fields: ErrorFields;
}

/** From the host. Ids are chosen by the host and answered once. */
export type HostMessage =
  | { readonly kind: "call"; readonly id: number; readonly method: Method; readonly request: unknown }
  | { readonly kind: "cancel"; readonly id: number };

/** From the child. The first is `ready` or `unavailable`. */
export type ChildMessage =
  | { readonly kind: "ready"; readonly engine: EngineIdentity }
  | { readonly kind: "unavailable"; readonly failure: Failure }
  | { readonly kind: "result"; readonly id: number; readonly value: unknown }
  | { readonly kind: "failure"; readonly id: number; readonly failure: Failure }
  | { readonly kind: "event"; readonly id: number; readonly event: RunEvent };

/** How often the child says that it is alive, in milliseconds, whenever it is between two steps. */
export const HEARTBEAT_MS = 500;
