/**
 * Commits to what a provider computed, and opens the challenge window.
 *
 * @module
 */
import { bytes32, type Infer, nullable, Proof, record, text, u64 } from "../primitives/mod.ts";

/** See the module. */
export const SubmitResult = record("SubmitResult", {
  task: bytes32,
  /** Merkle root over the program's segment roots. */
  runRoot: bytes32,
  /** The last segment's root, and the proof that it stands last under `runRoot`. */
  lastSegment: record("LastSegment", { root: bytes32, proof: Proof }),
  /**
   * The program's metric, opened from the final state: its value (a scalar int64), the tensor's name, and the proof that it
   * stands at the metric's index. `null` exactly if the program has no metric.
   */
  metric: nullable(record("MetricOpening", { value: u64, name: text(256), proof: Proof })),
});
/** See {@link SubmitResult}. */
export type SubmitResult = Infer<typeof SubmitResult>;
