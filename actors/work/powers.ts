/**
 * What a working actor may use: its powers. Whoever composes a node makes them and hands them over; a test hands over fakes.
 *
 * @module
 */
import type { Executor } from "../../executor/mod.ts";
import type { LedgerClient } from "../ledger_client/mod.ts";
import type { BlobAccess } from "./blob_access.ts";
import type { Journal } from "./journal.ts";

/** Powers of actors that execute programs. */
export interface WorkPowers {
  readonly ledger: LedgerClient;
  readonly blobs: BlobAccess;
  readonly executor: Executor;
  readonly journal: Journal;
}
