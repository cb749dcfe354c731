/**
 * The store: what a node must still know after it was killed at any instant. It knows of primitives and consensus records, and
 * treats blocks and state entries as bytes.
 *
 * Two implementations pass one suite: `store_memory.ts`, and `store_sqlite.ts`, a leaf that is imported by path where a file system
 * exists. Read `store.ts` first, then `vote_guard.ts`.
 *
 * @module
 */
export { RESYNC_ADVICE, StoreError, type StoreErrorCode } from "./errors.ts";
export type {
  FinalizedBlock,
  FinalizedReader,
  Snapshot,
  Store,
  StoredBlock,
  StoredChain,
  StoreRecord,
} from "./store.ts";
export { type BatchFate, createMemoryStore, type MemoryStoreOptions } from "./store_memory.ts";
