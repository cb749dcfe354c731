/**
 * What actors tell people and programs while they work. Events inform; nothing depends on them being seen.
 *
 * @module
 */

/** One piece of news. Identities and hashes are lower-case hex. */
export type ActorEvent =
  /** A block became final on this node. */
  | { readonly kind: "block_finalized"; readonly height: bigint; readonly transactions: number }
  /** The ledger recorded something that happened: see `LedgerEvent`. */
  | {
    readonly kind: "ledger_event";
    readonly height: bigint;
    readonly event: string;
    readonly task?: string;
    readonly dispute?: string;
    readonly account?: string;
    readonly amount?: bigint;
    readonly detail?: string;
  }
  /** Where a task stands, as seen by the actor that reports it. */
  | { readonly kind: "task_stage"; readonly task: string; readonly stage: string; readonly detail?: string }
  /** A computation moves on. `loss` is present for training steps that report one. */
  | {
    readonly kind: "task_progress";
    readonly task: string;
    readonly phase: number;
    readonly step: number;
    readonly steps: number;
    readonly loss?: number;
  }
  /** A challenger compared a result with its own computation. */
  | { readonly kind: "task_checked"; readonly task: string; readonly agrees: boolean }
  /** A drawn auditor committed to what it found, or revealed it. */
  | { readonly kind: "task_audited"; readonly task: string; readonly move: "commit" | "reveal" }
  /** A move was made in a dispute. */
  | {
    readonly kind: "dispute_move";
    readonly dispute: string;
    readonly by: string;
    readonly move: string;
    readonly detail?: string;
  }
  /** An arbiter's finding. */
  | {
    readonly kind: "verdict";
    readonly dispute: string;
    readonly operator: string;
    readonly finding: string;
  }
  /** Bytes arrive or leave. */
  | { readonly kind: "transfer"; readonly what: string; readonly done: number; readonly total: number }
  /** Something a person should look at. */
  | { readonly kind: "warning"; readonly code: string; readonly message: string };
