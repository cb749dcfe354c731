/**
 * What can be wrong with what others send to a node, and with a node itself.
 *
 * @module
 */
import { CodedError } from "../primitives/mod.ts";

/** Codes of {@link NodeError}. */
export type NodeErrorCode =
  /** Bytes that are no message, request or answer of this protocol. */
  | "malformed_message"
  /** A block whose header does not fit its place, or whose content does not fit its header. */
  | "bad_block"
  /** An answer that does not belong to what was asked, or whose certificate does not cover its blocks. */
  | "bad_answer"
  /** A transaction that the mempool has no room for. */
  | "mempool_full"
  /** The same transaction is waiting already. */
  | "duplicate"
  /** Another transaction with this nonce waits, and this one does not pay enough more to replace it. */
  | "underpriced"
  /** The nonce was used, or lies too far ahead of the account's. */
  | "bad_nonce"
  /** Options that contradict each other. */
  | "bad_options"
  /** What the store holds does not make a chain. */
  | "bad_store"
  /** The node found itself or the network breaking a rule: it must stop. */
  | "halted";

/** An error of the node. */
export class NodeError extends CodedError<NodeErrorCode> {}
