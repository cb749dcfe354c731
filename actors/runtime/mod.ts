/**
 * The actor runtime: what an actor is, and what keeps it running. It knows of `net` (transport, timers) and of nothing that the
 * actors do.
 *
 * Read `actor.ts` (the contract of a behaviour), `envelope.ts` (what wakes it), `mailbox.ts` and `turn.ts` (what is promised about
 * mail and effects), `supervisor.ts` (how it is kept alive), `node.ts` (how the actors of one peer and of others meet). Two
 * hosts run the same behaviours: `in_thread.ts`, and `worker_host_worker.ts` with `worker_entry_worker.ts` (leaves for Deno: each
 * actor in a worker with permissions of its own).
 *
 * @module
 */
export type { Activity, Actor, Context } from "./actor.ts";
export type { ActorSetup, Cell, CellHost, LocalCell, OpenCell, Turns } from "./cell.ts";
export { openLocalCell } from "./cell.ts";
export { cancellation, sleep, type Wait, within } from "./deadline.ts";
export type { Effect } from "./effects.ts";
export type { ActorId, Envelope, Letter, Mail } from "./envelope.ts";
export { ActorError, type ActorErrorCode, codeOf, type Failure, failureOf, type Outcome } from "./errors.ts";
export type { ActorEvent } from "./events.ts";
export { inThread } from "./in_thread.ts";
export { DEFAULT_MAILBOX, type Mailbox, type MailboxLimits, makeMailbox } from "./mailbox.ts";
export { type ActorNode, type ActorNodeOptions, HOST_ROLE, startActorNode } from "./node.ts";
export { errorOf } from "./pending_requests.ts";
export {
  DEFAULT_SUPERVISION,
  supervise,
  type Supervised,
  type SupervisionPolicy,
  type SupervisionReport,
  type SupervisorHost,
} from "./supervisor.ts";
export { ACTOR_PROTOCOL } from "./wire.ts";
