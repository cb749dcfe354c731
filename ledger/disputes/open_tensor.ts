/**
 * The provider opens the root of the disputed output to the top over its chunks. Type and shape are the program's, so that a tensor of
 * others cannot be opened at all.
 *
 * @module
 */
import { blobRootOfTop, equalBytes, locateSegment, rootOfTop, tensorRoot } from "../primitives/mod.ts";
import { afterChunk } from "./chunk_stage.ts";
import { startDescent } from "./descent.ts";
import { moveRule, refuse } from "./move.ts";
import type { DisputeOpenTensor } from "./moves.ts";
import { openedNodes } from "./records.ts";
import { extentOf } from "./unit.ts";

/** The rule of {@link DisputeOpenTensor}. */
export const disputeOpenTensorRule = moveRule<"open_tensor", DisputeOpenTensor>({
  stage: "open_tensor",
  by: "provider",
  weight: 2n,
  rejects: ["wrong_leaf"],
  decide({ dispute, stage: { at, output, own }, task: { program }, params, state }, { top }) {
    const opened = openedNodes.get(state, dispute.id);
    const location = locateSegment(program, at.within.within.segment);
    const info = opened?.descriptor.outputs[output], root = opened?.leaf.outputs[output];
    const extent = info && extentOf(info);
    if (!opened || !location || !info || !root || !extent) {
      return { kind: "close", reason: "malformed_program" };
    }
    const blob = blobRootOfTop(top, extent.bytes);
    if (!equalBytes(tensorRoot({ dtype: info.dtype, shape: info.shape, blob }), root)) {
      return refuse(
        "wrong_leaf",
        `The top is not that of a ${info.dtype} tensor of ${extent.bytes} bytes under the committed root of output ${output}.`,
      );
    }
    // Two tensors of one type, shape and top are one. An empty one has nothing to differ in.
    if (extent.chunks === 0 || equalBytes(top, own)) return { kind: "close", reason: "no_difference" };
    const told = { event: "tensor_opened", detail: `output ${output} of node ${at.node}` };
    if (extent.chunks === 1) {
      const unit = { kind: "chunk", output, chunk: 0, claimed: top, own } as const;
      const { phaseIndex } = location;
      return afterChunk({ state, dispute, program, phaseIndex, opened, at, unit, params }, told);
    }
    const tree = { kind: "chunks", of: { at, output } } as const;
    const stage = startDescent(tree, rootOfTop(top, extent.chunks), extent.chunks);
    return { kind: "advance", stage, ...told };
  },
});
