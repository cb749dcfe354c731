/**
 * The tools' one error class.
 *
 * @module
 */
import { CodedError } from "../ledger/primitives/mod.ts";

/** What can go wrong between a person and the tools. */
export type ToolErrorCode =
  | "usage" // the command line is off: the message says what the command takes
  | "not_running" // no node answers at the address
  | "refused" // the node refused the request: the message is its own
  | "bad_home" // a node's home cannot be used
  | "bad_file" // a file given on the command line cannot be read or is not what it should be
  | "not_found"
  | "too_large" // more than the API takes at once
  | "failed"; // something promised did not happen

/** A failure that a person can act on. */
export class ToolError extends CodedError<ToolErrorCode> {}
