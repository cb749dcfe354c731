/**
 * The metric of a result, opened from its final state.
 *
 * @module
 */
import {
  blobRoot,
  type Hash,
  type Infer,
  type Program,
  Proof,
  record,
  stateLeaf,
  tensorRoot,
  text,
  u64,
  verifyLeaf,
} from "../primitives/mod.ts";
import { reject, type Rejection } from "../ops/mod.ts";

/** A metric's value (a scalar int64), its tensor's name, and the proof that it stands at the metric's index in the final state. */
export const MetricOpening = record("MetricOpening", { value: u64, name: text(256), proof: Proof });
/** See {@link MetricOpening}. */
export type MetricOpening = Infer<typeof MetricOpening>;

/** Largest value of a scalar int64. */
const MAX_INT64 = (1n << 63n) - 1n;

/** Tensor root of a scalar int64. */
export function scalarRoot(value: bigint): Hash {
  const element = new Uint8Array(8);
  new DataView(element.buffer).setBigInt64(0, value, true);
  return tensorRoot({ dtype: "int64", shape: [], blob: blobRoot(element) });
}

/** Why an opening does not show the metric of a program in a final state; null if it does. */
export function metricFault(
  program: Program,
  outputRoot: Hash,
  metric: MetricOpening | null,
): Rejection | null {
  if (program.metric === null && metric === null) return null;
  if (program.metric === null || metric === null) {
    return reject("metric_mismatch", "A result opens the metric exactly if the program declares one.");
  }
  const { value, name, proof } = metric;
  const placed = proof.count === program.stateTensors && proof.index === program.metric.index;
  const shown = placed && value <= MAX_INT64 &&
    verifyLeaf(outputRoot, stateLeaf({ name, root: scalarRoot(value) }), proof);
  if (shown) return null;
  return reject(
    "bad_metric_proof",
    `The proof does not show the value ${value} as scalar int64 tensor ${program.metric.index} of the final state.`,
  );
}
