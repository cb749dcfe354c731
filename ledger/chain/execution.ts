/**
 * What executing a block takes and gives. The function is `executeBlock(state, block): BlockResult` in `execute_block.ts`.
 *
 * @module
 */
import { CodedError, type Hash } from "../primitives/mod.ts";
import type { LedgerEvent } from "../state/mod.ts";
import type { State } from "../state/mod.ts";
import type { BlockHeader } from "./block.ts";

/** The header fields that execution depends on. */
export type ExecutionHeader = Pick<
  BlockHeader,
  "chainId" | "epoch" | "view" | "height" | "parentView" | "proposer" | "validatorsHash" | "beaconSignature"
>;

/** A block, or what is known of it while it is being built. */
export interface ExecutableBlock {
  readonly header: ExecutionHeader;
  /** Encodings of signed transactions, in order. */
  readonly transactions: readonly Uint8Array[];
}

/** What became of one transaction. A rejected one paid its fee and changed nothing else. */
export interface Receipt {
  readonly hash: Hash;
  readonly ok: boolean;
  /** Code and sentence of the rejection. */
  readonly code?: string;
  readonly message?: string;
  readonly fee: bigint;
}

/** What a block does to a state. */
export interface BlockResult {
  readonly state: State;
  readonly stateRoot: Hash;
  readonly receipts: readonly Receipt[];
  readonly events: readonly LedgerEvent[];
}

/** Why a block is invalid. Every honest node refuses it. */
export type BlockErrorCode =
  | "wrong_chain"
  | "wrong_height"
  | "wrong_epoch"
  | "wrong_view"
  | "wrong_validators"
  | "wrong_state_root"
  | "wrong_transactions_root"
  | "inadmissible_transaction"
  | "block_too_large";

/** A block that breaks a rule. */
export class BlockError extends CodedError<BlockErrorCode> {}
