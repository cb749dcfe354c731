/**
 * What a step of a tolerant program is committed to have put out, node by node: such a program has all its nodes' outputs among its own.
 *
 * @module
 */
import type { OutputDescriptor } from "../../ledger/primitives/mod.ts";
import { ActorError } from "../runtime/mod.ts";

/**
 * Those of a step's outputs that a node put out, in the order of the node's outputs.
 *
 * @param outputs Descriptors of the phase's outputs.
 * @param values One for each of `outputs`.
 * @throws {ActorError} `mismatch` if there are fewer values.
 */
export function claimsOf<T>(
  outputs: readonly OutputDescriptor[],
  values: readonly T[],
  node: number,
): readonly T[] {
  const claims: T[] = [];
  outputs.forEach(({ source }, i) => {
    const value = values[i];
    if (source.kind !== "node" || source.node !== node) return;
    if (value === undefined) {
      throw new ActorError(
        "mismatch",
        `The step puts out ${outputs.length} tensors: ${values.length} are at hand.`,
      );
    }
    claims[source.output] = value;
  });
  return claims;
}
