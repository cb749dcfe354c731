/**
 * What the dearest unit of a program costs that a dispute can come down to: whoever opens a program sees by it whether arbiters could judge it.
 *
 * A sum is taken apart as far as it takes, to one block. Of other operators a chunk is the least that is judged, and what it reads follows from
 * shapes.
 *
 * @module
 */
import { CHUNK_BYTES } from "../../ledger/primitives/mod.ts";
import type { Engine } from "../engine.ts";
import type { UnitCost } from "../executor.ts";
import type { OpenedPhase } from "../program/mod.ts";
import { ELEMENT_BYTES, elementCount } from "../tensor.ts";
import { inputsAtHand, knownOf, partOf } from "./execute_chunk.ts";
import { isHostGather } from "./host_gather.ts";
import { descriptorAt, nodeAt } from "./phase_plan.ts";

/** Reads of `most` elements from `start` on, counted. */
function readsOf(
  { randomAccess }: Engine,
  phase: OpenedPhase,
  node: number,
  { output, start, most }: { readonly output: number; readonly start: number; readonly most: number },
): number {
  if (randomAccess === undefined) return 0;
  const { inputs } = descriptorAt(phase, node);
  const part = partOf(phase, node, { output, start, most, what: `element ${start}` });
  const known = knownOf(inputsAtHand(phase, part, inputs, inputs.map(() => null)));
  return randomAccess.needs(part, known).multiplyAdds;
}

/**
 * What the dearest chunk of an output takes. Elements of one operator take about the same, or more towards the middle or the end: so if as many
 * times the dearest of those as a chunk has elements is below `cap`, that is the answer. Else the first and the last whole chunk are counted, as
 * rules share work between elements.
 */
function chunkCost(engine: Engine, phase: OpenedPhase, node: number, output: number, cap: number): number {
  const info = descriptorAt(phase, node).outputs[output];
  const count = info === undefined ? 0 : elementCount(info.shape);
  if (info === undefined || count === 0) return 0;
  const most = Math.min(count, CHUNK_BYTES / ELEMENT_BYTES[info.dtype]);
  const reads = (start: number, most: number) => readsOf(engine, phase, node, { output, start, most });
  const apart = most * Math.max(...[0, Math.floor(count / 2), count - 1].map((start) => reads(start, 1)));
  return apart <= cap ? apart : Math.max(reads(0, most), reads(count - most, most));
}

/**
 * The dearest unit of the phases; `undefined` on an engine without random access, whose units are whole nodes.
 *
 * @param cap Costs up to it need not be exact.
 */
export function dearestUnit(
  engine: Engine,
  phases: readonly OpenedPhase[],
  cap: number,
): UnitCost | undefined {
  if (engine.randomAccess === undefined) return undefined;
  let dearest: UnitCost = { phase: 0, node: 0, operator: "", cost: 0 };
  for (const [phase, opened] of phases.entries()) {
    for (const [node, descriptor] of opened.nodes.entries()) {
      const graphNode = nodeAt(opened.graph, node);
      if (isHostGather(graphNode, descriptor)) continue; // copied bytes
      const costs = descriptor.sum === null
        ? descriptor.outputs.map((_, output) => chunkCost(engine, opened, node, output, cap))
        : [descriptor.sum.blockTerms];
      const cost = Math.max(0, ...costs);
      if (cost > dearest.cost) dearest = { phase, node, operator: graphNode.operator, cost };
    }
  }
  return dearest;
}
