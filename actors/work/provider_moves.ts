/**
 * What a provider answers in a dispute: it opens what it committed to, ever deeper.
 *
 * @module
 */
import {
  equalBytes,
  type Hash,
  leafHashes,
  openSegment,
  proveLeaf,
  rootOfTop,
  topOf,
} from "../../ledger/primitives/mod.ts";
import type { Operation } from "../../ledger/mod.ts";
import {
  type DisputeTurn,
  type NodeMove,
  nodeMoves,
  outputMove,
  topsOf,
  traceLeaves,
} from "../../ledger/disputes/mod.ts";
import { ActorError } from "../runtime/mod.ts";
import { at, chunksOf, knowledgeOf, locationOf, type Party, recordOf, stepsOf } from "./party.ts";
import { childSums, valuesOf } from "./party_sums.ts";
import { leavesOf } from "./party_trees.ts";

/** A turn that asks something of the provider. */
export type ProviderTurn = Extract<DisputeTurn, { by: "provider" }>;

type TurnOf<K extends ProviderTurn["kind"]> = Extract<ProviderTurn, { kind: K }>;

/** A root with the proof that it is leaf `index` of the tree over these roots. */
function proven(roots: readonly Hash[], index: number) {
  return { root: at(roots, index, "root"), proof: proveLeaf(leafHashes(roots), index) };
}

function rootOf(leaves: readonly Hash[]): Hash {
  return rootOfTop(topOf(leaves), leaves.length);
}

/** A segment's root with the proof that it is in the run. Its salt follows from the seed, which the ledger knows. */
function segmentProven({ seed, segmentRoots }: Party, index: number) {
  const { root, proof } = openSegment(seed, segmentRoots, index);
  return { root, proof };
}

async function bindSegment(party: Party, dispute: Hash, turn: TurnOf<"bind_segment">): Promise<Operation> {
  const { segment, input, stepsProof } = turn;
  const root = at(party.segmentRoots, segment, "segment");
  let steps = null;
  if (stepsProof) {
    const { roots } = await stepsOf(party, segment);
    const last = roots.length - 1;
    if (!equalBytes(at(roots, last, "step"), root)) {
      throw new ActorError(
        "mismatch",
        "Running the segment again ended in another state than the one committed to.",
      );
    }
    const leaves = leafHashes(roots);
    steps = { root: rootOf(leaves), proof: proveLeaf(leaves, last) };
  }
  return {
    kind: "dispute_bind_segment",
    dispute,
    root,
    input: input.kind === "initial" ? null : segmentProven(party, input.index),
    steps,
  };
}

async function bindStep(party: Party, dispute: Hash, turn: TurnOf<"bind_step">): Promise<Operation> {
  const { within, step, inputAt } = turn;
  const { firstStep } = locationOf(party, within.segment);
  const { roots } = await stepsOf(party, within.segment);
  const { nodes } = await recordOf(party, within.segment, step);
  return {
    kind: "dispute_bind_step",
    dispute,
    root: at(roots, step - firstStep, "step"),
    input: inputAt === null ? null : proven(roots, inputAt),
    traceRoot: rootOf(traceLeaves(nodes)),
  };
}

/** The opening moves that are left when the first `from` inputs are proven. */
function remainingMoves(moves: readonly NodeMove[], from: number): readonly NodeMove[] {
  let proved = 0;
  return moves.filter((move) => {
    const starts = proved;
    proved += move.inputs.length;
    return starts >= from && move.kind === "dispute_open_inputs";
  });
}

/**
 * The operations that answer a turn, in order; nearly always one.
 *
 * @throws {ActorError} `mismatch` if this side does not compute again what it committed to; what the executor throws.
 */
export async function providerMoves(
  party: Party,
  dispute: Hash,
  turn: ProviderTurn,
): Promise<readonly Operation[]> {
  switch (turn.kind) {
    case "split": {
      const tops = topsOf(await leavesOf(party, turn.tree), turn.parts);
      return [{ kind: "dispute_split", dispute, tops }];
    }
    case "bind_segment":
      return [await bindSegment(party, dispute, turn)];
    case "bind_step":
      return [await bindStep(party, dispute, turn)];
    case "open_node":
      return nodeMoves(dispute, await knowledgeOf(party, turn.at.within), turn.at.node);
    case "open_inputs": {
      const moves = nodeMoves(dispute, await knowledgeOf(party, turn.at.within), turn.at.node);
      return remainingMoves(moves, turn.from);
    }
    case "open_tensor": {
      const top = topOf(await chunksOf(party, turn));
      return [{ kind: "dispute_open_tensor", dispute, top }];
    }
    case "open_leaf":
      return [{ kind: "dispute_open_leaf", dispute, values: await valuesOf(party, turn.of, turn.position) }];
    case "open_sum":
      return [{ kind: "dispute_open_sum", dispute, sums: await childSums(party, turn.of) }];
    case "open_output":
      return [outputMove(dispute, await knowledgeOf(party, turn.of), turn.output)];
  }
}
