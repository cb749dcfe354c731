/**
 * What can be asked of a requester actor, by the program around it (a command, an API): others are refused.
 *
 * @module
 */
import {
  bytes32,
  type Infer,
  nullable,
  Program,
  record,
  text,
  u32,
  u64,
  union,
} from "../../ledger/primitives/mod.ts";
import { OutputIndex } from "../work/mod.ts";

/** A question. */
export const RequesterQuestion = union("RequesterQuestion", {
  /** Posts a task. The manifest and all blobs it names must be in this node's blob store, which serves them from then on. */
  post: record("Post", {
    title: text(128),
    program: Program,
    manifest: bytes32,
    reward: u64,
    collateral: u64,
    gain: u64,
    auditSegments: u32,
    memoryMiB: u32,
    thresholdPpm: nullable(u32),
    computeBlocks: u32,
  }),
  /** Takes back a task that nobody has been assigned. */
  cancel: record("Cancel", { task: bytes32 }),
  /** Fetches the outputs of a task that is done, checks them against the ledger, and keeps them in the blob store. */
  collect: record("Collect", { task: bytes32 }),
});
/** See {@link RequesterQuestion}. */
export type RequesterQuestion = Infer<typeof RequesterQuestion>;

/** An answer. */
export const RequesterAnswer = union("RequesterAnswer", {
  posted: record("Posted", { task: bytes32 }),
  cancelled: record("Cancelled", { task: bytes32 }),
  collected: record("Collected", { index: OutputIndex }),
});
/** See {@link RequesterAnswer}. */
export type RequesterAnswer = Infer<typeof RequesterAnswer>;
