/**
 * What an operation is: a predicate and a mutation over the state, in a file of its own.
 *
 * `check` decides, from the state alone, whether the operation may happen; `apply` then cannot fail. A rejected operation
 * changes nothing except the fee and the nonce.
 *
 * @module
 */
import type { Address, CodedError, Hash } from "../primitives/mod.ts";
import type { RejectionCode } from "./codes.ts";
import type { BlockContext } from "../state/context.ts";
import type { StateReader, StateWriter } from "../state/table.ts";

export type { BlockContext, LedgerEvent } from "../state/context.ts";

/** Why an operation was rejected: a stable code, and a sentence that says what to do about it. */
export interface Rejection {
  readonly code: RejectionCode;
  readonly message: string;
}

/** A rejection. */
export function reject(code: RejectionCode, message: string): Rejection {
  return { code, message };
}

/** What an operation may know besides the state. */
export interface OperationContext extends BlockContext {
  readonly sender: Address;
  /** Hash of the transaction: identity of what it creates. */
  readonly transaction: Hash;
}

/** One kind of operation. */
export interface OperationRule<T> {
  /** Static cost in weight units, on top of the fee for its bytes. */
  readonly weight: bigint;
  /** Every code that `check` can reject with. */
  readonly rejects: readonly RejectionCode[];
  /** Whether its transactions may use the block space reserved for disputes and evidence. */
  readonly reserved?: boolean;
  check(state: StateReader, context: OperationContext, operation: T): Rejection | null;
  apply(state: StateWriter, context: OperationContext, operation: T): void;
}

/** Thrown when an invariant of the ledger does not hold: a bug, never a user's mistake. The node stops. */
export type InvariantViolation = CodedError<"invariant_violated">;
