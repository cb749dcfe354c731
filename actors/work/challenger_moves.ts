/**
 * What a challenger answers in a dispute: it points at the leftmost thing that differs from its own computation.
 *
 * @module
 */
import { CHUNK_BYTES, equalBytes, LEAF_BYTES, rootOfTop, topOf } from "../../ledger/primitives/mod.ts";
import type { Dispute, OpenedNode, Operation } from "../../ledger/mod.ts";
import { type DisputedNode, type DisputeTurn, leftmostDifference } from "../../ledger/disputes/mod.ts";
import { ActorError } from "../runtime/mod.ts";
import { at, chunksOf, type Party, recordOf } from "./party.ts";
import { childSums, valuesOf } from "./party_sums.ts";
import { leavesOf } from "./party_trees.ts";

/** A turn that asks something of the challenger. */
export type ChallengerTurn = Extract<DisputeTurn, { by: "challenger" }>;

/** The first output of a node that differs from what the provider opened, and the top over this side's chunks of it. */
async function differentOutput(party: Party, place: DisputedNode, opened: OpenedNode | null) {
  const { nodes } = await recordOf(party, place.within.within.segment, place.within.step);
  const own = at(nodes, place.node, "node").outputs;
  const output = own.findIndex((root, i) => {
    const theirs = opened?.leaf.outputs[i];
    return theirs === undefined || !equalBytes(root, theirs);
  });
  if (output < 0) {
    throw new ActorError(
      "mismatch",
      "No output of the node that the provider opened differs from this side's.",
    );
  }
  return { output, own: topOf(await chunksOf(party, { at: place, output })) };
}

/**
 * The operation that answers a turn.
 *
 * @param opened The node that the provider has opened, once it has.
 * @throws {ActorError} `mismatch` if nothing differs, which cannot be while both sides are bound to different roots; what the
 * executor throws.
 */
export async function challengerMove(
  party: Party,
  { id: dispute }: Pick<Dispute, "id">,
  turn: ChallengerTurn,
  opened: OpenedNode | null,
): Promise<Operation> {
  switch (turn.kind) {
    case "choose_output":
      return { kind: "dispute_choose_output", dispute, ...await differentOutput(party, turn.at, opened) };
    case "choose": {
      const different = leftmostDifference(await leavesOf(party, turn.tree), turn.parts);
      if (different === undefined) {
        throw new ActorError("mismatch", "Nothing of what the provider opened differs from this side's.");
      }
      return { kind: "dispute_choose", dispute, ...different };
    }
    case "choose_element": {
      const { of, first, values } = turn;
      const own = await valuesOf(party, of, (first * 4 - of.chunk * CHUNK_BYTES) / LEAF_BYTES);
      const index = own.findIndex((value, i) => value !== values[i]);
      return { kind: "dispute_choose_element", dispute, index, own: at(own, index, "differing value") };
    }
    case "choose_part": {
      const own = await childSums(party, turn.of);
      const index = own.findIndex((sum, i) => sum !== turn.sums[i]);
      const choice = index < 0 ? null : { index, own: at(own, index, "sum") };
      return { kind: "dispute_choose_part", dispute, choice };
    }
    case "choose_tree": {
      const nodes = await leavesOf(party, { kind: "nodes", of: turn.of });
      const agrees = equalBytes(rootOfTop(topOf(nodes), nodes.length), turn.of.traceRoot);
      return { kind: "dispute_choose_tree", dispute, tree: agrees ? "outputs" : "nodes" };
    }
  }
}
