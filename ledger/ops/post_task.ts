/**
 * Posts a task with its reward in escrow.
 *
 * @module
 */
import { bytes32, type Infer, nullable, Program, record, text, u32, u64 } from "../primitives/mod.ts";

/** See the module. */
export const PostTask = record("PostTask", {
  title: text(128),
  program: Program,
  /** Blob id of the manifest that names the program's graphs, states and data. */
  manifest: bytes32,
  /** Put in escrow, paid to the provider whose result becomes final. */
  reward: u64,
  /** Stake that a provider must lock for the assignment. */
  collateral: u64,
  memoryMiB: u32,
  /** Metric asked for, in parts per million of the metric's total. */
  thresholdPpm: nullable(u32),
  /** Window from acceptance to the result, in blocks. */
  computeBlocks: u32,
});
/** See {@link PostTask}. */
export type PostTask = Infer<typeof PostTask>;
