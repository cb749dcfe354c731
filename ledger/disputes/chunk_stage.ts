/**
 * What follows when a dispute has come to one chunk: it is judged, or taken apart if that would cost too much.
 *
 * @module
 */
import { CHUNK_BYTES, LEAF_BYTES } from "../primitives/mod.ts";
import type { Params } from "../state/mod.ts";
import { startDescent } from "./descent.ts";
import { type Judged, judgeUnit } from "./judge_unit.ts";
import type { OpenedNode, Unit } from "./records.ts";
import { descendsChunk } from "./sums.ts";
import { extentOf } from "./unit.ts";

/** Leaves of a chunk of a tensor of so many bytes. */
function leavesOf(bytes: number, chunk: number): number {
  return Math.ceil(Math.min(CHUNK_BYTES, bytes - chunk * CHUNK_BYTES) / LEAF_BYTES);
}

/** What follows from a disputed chunk. */
export function afterChunk(
  judged: Omit<Judged, "leaf" | "unit"> & {
    readonly opened: OpenedNode;
    readonly unit: Extract<Unit, { kind: "chunk" }>;
    readonly params: Pick<Params, "unitCostCap">;
  },
  told: { readonly event: string; readonly detail: string },
): ReturnType<typeof judgeUnit> {
  const { at, unit, opened: { leaf, descriptor }, params } = judged;
  const { output, chunk, claimed } = unit;
  const info = descriptor.outputs[output], extent = info && extentOf(info);
  if (extent === undefined || !descendsChunk(descriptor, unit, params)) {
    return judgeUnit({ ...judged, leaf, unit }, told);
  }
  const tree = { kind: "leaves", of: { of: { at, output }, chunk } } as const;
  return { kind: "advance", stage: startDescent(tree, claimed, leavesOf(extent.bytes, chunk)), ...told };
}
