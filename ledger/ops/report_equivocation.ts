/**
 * Proves that a validator signed two votes that exclude each other; part of its stake is slashed.
 *
 * @module
 */
import { bytes, type Infer, record } from "../primitives/mod.ts";

/** Most bytes of one signed vote: a statement and a signature are far below. */
export const MAX_VOTE_BYTES = 1024;

/** See the module. */
export const ReportEquivocation = record("ReportEquivocation", {
  first: bytes(MAX_VOTE_BYTES),
  second: bytes(MAX_VOTE_BYTES),
});
/** See {@link ReportEquivocation}. */
export type ReportEquivocation = Infer<typeof ReportEquivocation>;
