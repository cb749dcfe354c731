/**
 * What the HTTP API needs of the node it stands in front of. All values are plain data; `toJson` writes them.
 *
 * @module
 */
import type { Operation } from "../../ledger/mod.ts";
import type { PostTask } from "../../ledger/ops/mod.ts";
import type { Hash } from "../../ledger/primitives/mod.ts";

/** A task to post: everything of the operation but the program, which the manifest holds. */
export type TaskOrder = Omit<PostTask, "program">;

/** Operations that a person may order through the API as they are. */
export type OrderedOperation = Extract<
  Operation,
  { kind: "transfer" | "stake" | "unstake" | "cancel_task" | "propose" | "vote_on_proposal" }
>;

/** What became of an ordered operation. */
export interface OperationDone {
  readonly transaction: Hash;
  readonly height: bigint;
  readonly fee: bigint;
}

/** The node behind the API. Every method throws a `CodedError` whose sentence can be shown as it is. */
export interface ApiBackend {
  status(): Promise<unknown>;
  account(address: Uint8Array): Promise<unknown>;
  /** The parameters in force, each with its bounds. */
  params(): Promise<unknown>;
  /** Proposals, the newest first: those under way, then those that have ended. */
  proposals(): Promise<unknown>;
  /** One proposal; `undefined` if there is none, or it is forgotten. */
  proposal(id: Hash): Promise<unknown>;
  /** What the node trusts now, for others to start from: the last final block, its state and its validators. */
  checkpoint(): Promise<unknown>;
  /** Links between epochs for light clients, as encoded `EpochLinks`. */
  lightLinks(fromEpoch: bigint): Promise<Uint8Array>;
  /** The latest certified header and what keys hold after it, proven, as encoded `LightState`. */
  lightState(keys: readonly Uint8Array[]): Promise<Uint8Array>;
  /** Tasks, newest first, of one status or of all. */
  tasks(status: string | undefined): Promise<unknown>;
  /** One task with its disputes and the availability of its result; `undefined` if there is none. */
  task(id: Hash): Promise<unknown>;
  /** For every offer, whether it can take the task and why not; `undefined` if there is no such task. */
  explainMatch(id: Hash): Promise<unknown>;
  /** Posts a task whose blobs the node holds; gives its id once it is final on the ledger. */
  postTask(order: TaskOrder): Promise<Hash>;
  /** Does an operation in the node's name; resolves when it is final. */
  operate(operation: OrderedOperation): Promise<OperationDone>;
  /** Fetches a finished task's output from its provider, checks it against the ledger, and gives it as safetensors. */
  output(id: Hash, signal: AbortSignal): Promise<Uint8Array>;
  /** What the ledger has of a task with a result, as encoded `TaskRecords`; `undefined` if there is none. */
  records(id: Hash): Promise<Uint8Array | undefined>;
  /** The computation proof of a finished task, as encoded `ComputationProof`. */
  proof(id: Hash): Promise<Uint8Array>;
  putBlob(blob: Uint8Array): Promise<Hash>;
  blob(id: Hash): Promise<Uint8Array | undefined>;
}
