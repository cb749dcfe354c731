/**
 * What arbiters execute: the unit in which a node is judged.
 *
 * Engines with random access compute any part of an output alone, with the bits of the whole. A node of theirs is descended further once its
 * wiring holds:
 *
 *  1. The challenger names the output that differs, and the top over the chunks that it has itself.
 *  2. The provider opens that output's root to its top. Type, shape, and with them length and number of chunks are the program's.
 *  3. They descend the chunks. What is judged is one chunk of 64 KiB, or the whole tensor if it is no larger.
 *  4. If that would cost too much, and the chunk's elements are sums, they go on to a part of one: see `sums.ts`.
 *
 * Of other engines the unit is the node with all of its outputs. Of a tolerant program those are compared within a bound: a verdict is the leaf with
 * each output that the step committed to, if it lies within the bound of the recomputed one, else with the recomputed one. Either way a verdict is the leaf as it should be: the hash of the
 * trace leaf with the recomputed outputs, or the root of the recomputed chunk. So it can be compared with what the provider committed to and with
 * what the challenger said that it has.
 *
 * @module
 */
import {
  bool,
  CHUNK_BYTES,
  DTYPE_BYTES,
  encode,
  equalBytes,
  type Hash,
  hash,
  isTolerant,
  type Program,
  type TensorInfo,
  TraceLeaf,
} from "../primitives/mod.ts";
import { table } from "../state/mod.ts";
import { type DisputedNode, type Reason, Unit } from "./records.ts";
import { UNAVAILABLE } from "./verdict.ts";

/** Engines that compute any range of an output alone. */
const RANDOM_ACCESS: ReadonlySet<string> = new Set(["repops", "repops-highest"]);

/** Whether disputes about a program go below its nodes. */
export function descendsNodes({ engine }: Program): boolean {
  return RANDOM_ACCESS.has(engine);
}

/** Most chunks of a tensor: 4 GiB, as much as a blob of the network holds. */
export const MAX_TENSOR_CHUNKS = 65_536;

/** Length of a tensor in bytes and the number of its chunks; `undefined` if it has more than {@link MAX_TENSOR_CHUNKS}. */
export function extentOf(
  { dtype, shape }: TensorInfo,
): { readonly bytes: number; readonly chunks: number } | undefined {
  const bytes = shape.reduce((product, size) => product * size, DTYPE_BYTES[dtype]);
  const chunks = Math.ceil(bytes / CHUNK_BYTES);
  return chunks <= MAX_TENSOR_CHUNKS ? { bytes, chunks } : undefined;
}

/** Units that were confirmed, by {@link unitKey}. */
export const clearedUnits = table(42, "clearedUnits", (key: Hash) => key, bool);

/** What is judged, and where. */
export interface PlacedUnit {
  readonly task: Hash;
  readonly program: Program;
  readonly phaseIndex: number;
  readonly leaf: TraceLeaf;
  readonly at: DisputedNode;
  readonly unit: Unit;
}

/**
 * What a part of a node did, in whatever step of a task's phase it did it. Of a tolerant program in this step alone: there the verdict depends
 * on what the step committed to, too.
 */
export function unitKey({ task, program, phaseIndex, leaf, at, unit }: PlacedUnit): Hash {
  // Not what the challenger has: that is no part of what was confirmed.
  const claimed = encode(Unit, { ...unit, own: null });
  const what = [task, new Uint8Array([phaseIndex]), encode(TraceLeaf, leaf), claimed];
  return hash("assay/cleared", ...what, ...(isTolerant(program) ? [at.within.root] : []));
}

/** What a verdict means for the provider's claim, and for the challenger's. */
export function reasonOf(verdict: Hash | undefined, { claimed, own }: Unit): Reason {
  if (verdict === undefined) return "no_quorum";
  // First of all: a provider may claim a chunk whose root is the hash that stands for missing inputs.
  if (equalBytes(verdict, UNAVAILABLE)) return "inputs_unavailable";
  if (equalBytes(verdict, claimed)) return "output_confirmed";
  return own === null || equalBytes(verdict, own) ? "wrong_output" : "both_wrong";
}
