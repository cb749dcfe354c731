/**
 * The trees that a dispute descends, as a party computes them.
 *
 * @module
 */
import { type Hash, leafHash, runLeaves, stateLeaf } from "../../ledger/primitives/mod.ts";
import { type DisputeTree, traceLeaves } from "../../ledger/disputes/mod.ts";
import { chunksOf, type Party, recordOf, stepsOf } from "./party.ts";
import { leavesOfChunk } from "./party_sums.ts";

/** Hashed leaves of a disputed tree, as this party computes them. */
export async function leavesOf(party: Party, tree: DisputeTree): Promise<readonly Hash[]> {
  switch (tree.kind) {
    case "run":
      return runLeaves(party.seed, party.segmentRoots);
    case "steps":
      return (await stepsOf(party, tree.of.segment)).roots.map(leafHash);
    case "nodes":
      return traceLeaves((await recordOf(party, tree.of.within.segment, tree.of.step)).nodes);
    case "outputs":
      return (await recordOf(party, tree.of.within.segment, tree.of.step)).outputs.map(stateLeaf);
    case "chunks":
      return await chunksOf(party, tree.of);
    case "leaves":
      return await leavesOfChunk(party, tree.of);
  }
}
