/**
 * Nodes that arbiters have confirmed. Challenging the same inputs and outputs of the same node again loses without a second committee, in
 * whatever step they occur.
 *
 * @module
 */
import { bool, encode, type Hash, hash, TraceLeaf } from "../primitives/mod.ts";
import { table } from "../state/mod.ts";

/** By {@link nodeKey}; present means confirmed. */
export const clearedNodes = table(42, "clearedNodes", (key: Hash) => key, bool);

/** What a node of a task's program did, wherever it did it. */
export function nodeKey(task: Hash, phaseIndex: number, leaf: TraceLeaf): Hash {
  return hash("assay/cleared", task, new Uint8Array([phaseIndex]), encode(TraceLeaf, leaf));
}
