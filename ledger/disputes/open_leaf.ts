/**
 * The provider posts the values of the leaf that a chunk has come down to.
 *
 * @module
 */
import { CHUNK_BYTES, equalBytes, LEAF_BYTES, leafHash } from "../primitives/mod.ts";
import { moveRule, refuse } from "./move.ts";
import type { DisputeOpenLeaf } from "./moves.ts";
import { openedNodes } from "./records.ts";
import { VALUE_BYTES } from "./sums.ts";
import { extentOf } from "./unit.ts";

/** The bytes that values stand for: little-endian, in order. */
function bytesOf(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * VALUE_BYTES), view = new DataView(bytes.buffer);
  for (const [i, value] of values.entries()) view.setUint32(i * VALUE_BYTES, value, true);
  return bytes;
}

/** The rule of {@link DisputeOpenLeaf}. */
export const disputeOpenLeafRule = moveRule<"open_leaf", DisputeOpenLeaf>({
  stage: "open_leaf",
  by: "provider",
  weight: 2n,
  rejects: ["wrong_leaf"],
  decide({ dispute, stage: { of, position, leaf }, state }, { values }) {
    const { of: { at, output }, chunk } = of;
    const info = openedNodes.get(state, dispute.id)?.descriptor.outputs[output];
    const extent = info && extentOf(info);
    if (extent === undefined) return { kind: "close", reason: "malformed_program" };
    const start = chunk * CHUNK_BYTES + position * LEAF_BYTES;
    const length = Math.min(LEAF_BYTES, extent.bytes - start);
    // Of another length it is another tensor's than the program's: nothing in it could be placed.
    if (values.length * VALUE_BYTES !== length || !equalBytes(leafHash(bytesOf(values)), leaf)) {
      return refuse(
        "wrong_leaf",
        `The values are not the ${length} bytes of the committed leaf ${position} of chunk ${chunk}.`,
      );
    }
    return {
      kind: "advance",
      stage: { kind: "choose_element", of, first: start / VALUE_BYTES, values },
      event: "leaf_opened",
      detail: `leaf ${position} of chunk ${chunk} of node ${at.node}`,
    };
  },
});
