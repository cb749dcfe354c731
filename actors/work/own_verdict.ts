/**
 * What a party itself holds true of what is judged.
 *
 * @module
 */
import { chunkRoots, type Hash, isTolerant, type TraceLeaf, ZERO_HASH } from "../../ledger/primitives/mod.ts";
import { type DisputedNode, nodeVerdict, partVerdict, type Unit } from "../../ledger/disputes/mod.ts";
import { rootOfTensor, type SumWork, type Tensor, tensorBytes } from "../../executor/mod.ts";
import { at, claimedAt, locationOf, type Party, placeOf } from "./party.ts";
import { sumsOf } from "./party_sums.ts";

/** The work that a unit below a chunk is. */
export function workOf(unit: Extract<Unit, { kind: "block" | "combination" }>): SumWork {
  return unit.kind === "block"
    ? { kind: "block", block: unit.block }
    : { kind: "combination", place: unit.part, sums: unit.sums };
}

async function nodeOutputs(party: Party, place: DisputedNode): Promise<readonly Tensor[]> {
  const inputs = await party.executor.nodeInputs(placeOf(party, place), party.call);
  const { phaseIndex } = locationOf(party, place.within.within.segment);
  const request = { program: party.program.id, phase: phaseIndex, node: place.node, inputs };
  const claimed = isTolerant(party.program.program)
    ? { claimed: await claimedAt(party, phaseIndex, place) }
    : {};
  return await party.executor.executeNode({ ...request, ...claimed }, party.call);
}

/**
 * The verdict that this party comes to when it executes what is judged from its own inputs: what it holds true, whatever it claimed.
 *
 * @param opened The opened leaf of the node.
 */
export async function ownVerdict(
  party: Party,
  place: DisputedNode,
  unit: Unit,
  opened: TraceLeaf,
): Promise<Hash> {
  switch (unit.kind) {
    case "node":
      return nodeVerdict(opened, (await nodeOutputs(party, place)).map(rootOfTensor));
    case "chunk": {
      const output = at(await nodeOutputs(party, place), unit.output, "output");
      return chunkRoots(tensorBytes(output))[unit.chunk] ?? ZERO_HASH;
    }
    case "block":
    case "combination":
      return partVerdict(at(await sumsOf(party, place, unit.element, [workOf(unit)]), 0, "sum"));
  }
}
