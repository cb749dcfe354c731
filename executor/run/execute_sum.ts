/**
 * Parts of the sum that one element of a node is: what parties to a dispute post, and what an arbiter computes where a whole chunk would take
 * too much.
 *
 * @module
 */
import type { Engine } from "../engine.ts";
import type { ChunkNeeds, SumExecution } from "../executor.ts";
import type { OpenedPhase } from "../program/mod.ts";
import type { SumWork } from "../random_access.ts";
import { accessOf, fetchedNeeds, inputsAtHand, knownOf, partOf } from "./execute_chunk.ts";
import { descriptorAt } from "./phase_plan.ts";

function situationOf(engine: Engine, phase: OpenedPhase, { node, element, inputs }: SumExecution) {
  const place = { output: 0, start: element, most: 1, what: `element ${element}` };
  const part = partOf(phase, node, place), descriptor = descriptorAt(phase, node);
  return {
    access: accessOf(engine),
    part,
    descriptor,
    inputs: inputsAtHand(phase, part, descriptor.inputs, inputs),
  };
}

/**
 * Which input chunks a work takes.
 *
 * @throws {ExecutorError} `bad_request` for an engine without random access, a node without sums, or an element that does not exist.
 */
export function sumNeeds(
  engine: Engine,
  phase: OpenedPhase,
  request: SumExecution,
  work: SumWork,
): ChunkNeeds {
  const { access, part, descriptor, inputs } = situationOf(engine, phase, request);
  return fetchedNeeds(access.sumNeeds(part, work, knownOf(inputs)), descriptor);
}

/**
 * Does works on an element's sum.
 *
 * @returns Bits of a binary32 for each.
 * @throws {ExecutorError} as {@link sumNeeds}, and `missing_chunk`.
 */
export function executeSums(engine: Engine, phase: OpenedPhase, request: SumExecution): readonly number[] {
  const { access, part, inputs } = situationOf(engine, phase, request);
  // Of an input that no work reads the shape is enough.
  const shaped = inputs.map((input, i) => {
    const info = part.inputs[i];
    return input ?? (info && { ...info, chunks: new Map<number, Uint8Array>() });
  });
  return access.computeSums(part, request.works, shaped);
}
