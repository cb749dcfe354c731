/**
 * What a challenger answers in a dispute: it points at the leftmost thing that differs from its own computation.
 *
 * @module
 */
import { equalBytes, type Hash, rootOfTop, topOf } from "../../ledger/primitives/mod.ts";
import type { Operation } from "../../ledger/mod.ts";
import { type DisputeTurn, leftmostDifference } from "../../ledger/disputes/mod.ts";
import { ActorError } from "../runtime/mod.ts";
import { leavesOf, type Party } from "./party.ts";

/** A turn that asks something of the challenger. */
export type ChallengerTurn = Extract<DisputeTurn, { by: "challenger" }>;

/**
 * The operation that answers a turn.
 *
 * @throws {ActorError} `mismatch` if nothing differs, which cannot be while both sides are bound to different roots; what the
 * executor throws.
 */
export async function challengerMove(party: Party, dispute: Hash, turn: ChallengerTurn): Promise<Operation> {
  switch (turn.kind) {
    case "choose": {
      const index = leftmostDifference(await leavesOf(party, turn.tree), turn.parts);
      if (index < 0) {
        throw new ActorError("mismatch", "Nothing of what the provider opened differs from this side's.");
      }
      return { kind: "dispute_choose", dispute, index };
    }
    case "choose_tree": {
      const nodes = await leavesOf(party, { kind: "nodes", of: turn.of });
      const agrees = equalBytes(rootOfTop(topOf(nodes), nodes.length), turn.of.traceRoot);
      return { kind: "dispute_choose_tree", dispute, tree: agrees ? "outputs" : "nodes" };
    }
  }
}
