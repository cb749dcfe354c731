/**
 * A party that plays a dispute from its side of the run.
 *
 * @module
 */
import type { Operation } from "../../../ledger/chain/mod.ts";
import {
  type Dispute,
  type DisputeTree,
  type DisputeTurn,
  disputeTurn,
  leftmostDifference,
  nodeMoves,
  outputMove,
  topsOf,
  traceLeaves,
} from "../../../ledger/disputes/mod.ts";
import {
  batchRoot,
  equalBytes,
  type Hash,
  merkleRoot,
  openSegment,
  proveLeaf,
  runLeaves,
  stateLeaf,
  topOf,
  ZERO_HASH,
} from "../../../ledger/primitives/mod.ts";
import { leavesOf, PROGRAM, SEED, SEGMENT_STEPS, type SyntheticRun, traceRootOf } from "./synthetic_run.ts";

/** Whose turn it is. */
export function turnOf(dispute: Dispute): DisputeTurn {
  return disputeTurn(dispute, PROGRAM);
}

function batchOf(step: number): Hash {
  const schedule = PROGRAM.phases[0]?.batch;
  return schedule ? batchRoot(schedule, step) : ZERO_HASH;
}

function knowledgeOf(run: SyntheticRun, step: number) {
  return run.knowledgeOf(step, batchOf(step));
}

function leaves(run: SyntheticRun, tree: DisputeTree): readonly Hash[] {
  switch (tree.kind) {
    case "run":
      return runLeaves(SEED, run.segmentRoots);
    case "steps":
      return leavesOf(run.stepRoots(tree.of.segment));
    case "nodes":
      return traceLeaves(knowledgeOf(run, tree.of.step).trace);
    case "outputs":
      return knowledgeOf(run, tree.of.step).output.map(stateLeaf);
    case "chunks":
      return run.chunks;
    case "leaves":
      return []; // the run's operators are no sums
  }
}

function proven(roots: readonly Hash[], index: number) {
  return { root: roots[index] ?? ZERO_HASH, proof: proveLeaf(leavesOf(roots), index) };
}

function segmentProven(run: SyntheticRun, index: number) {
  const { root, proof } = openSegment(SEED, run.segmentRoots, index);
  return { root, proof };
}

/** The moves of the provider or the challenger at a turn of its own. */
export function movesOf({ id }: Dispute, turn: DisputeTurn, run: SyntheticRun): readonly Operation[] {
  switch (turn.kind) {
    case "split":
      return [{ kind: "dispute_split", dispute: id, tops: topsOf(leaves(run, turn.tree), turn.parts) }];
    case "choose": {
      const different = leftmostDifference(leaves(run, turn.tree), turn.parts);
      return different === undefined ? [] : [{ kind: "dispute_choose", dispute: id, ...different }];
    }
    case "bind_segment": {
      const roots = run.stepRoots(turn.segment);
      return [{
        kind: "dispute_bind_segment",
        dispute: id,
        root: run.segmentRoots[turn.segment] ?? ZERO_HASH,
        input: turn.input.kind === "initial" ? null : segmentProven(run, turn.input.index),
        steps: turn.stepsProof
          ? { root: merkleRoot(roots), proof: proven(roots, roots.length - 1).proof }
          : null,
      }];
    }
    case "bind_step": {
      const roots = run.stepRoots(turn.within.segment);
      return [{
        kind: "dispute_bind_step",
        dispute: id,
        root: proven(roots, turn.step % SEGMENT_STEPS).root,
        input: turn.inputAt === null ? null : proven(roots, turn.inputAt),
        traceRoot: traceRootOf(knowledgeOf(run, turn.step)),
      }];
    }
    case "choose_tree": {
      const isSame = equalBytes(traceRootOf(knowledgeOf(run, turn.of.step)), turn.of.traceRoot);
      return [{ kind: "dispute_choose_tree", dispute: id, tree: isSame ? "outputs" : "nodes" }];
    }
    case "open_node":
      return nodeMoves(id, knowledgeOf(run, turn.at.within.step), turn.at.node);
    case "choose_output":
      return [{ kind: "dispute_choose_output", dispute: id, output: 0, own: topOf(run.chunks) }];
    case "open_tensor":
      return [{ kind: "dispute_open_tensor", dispute: id, top: topOf(run.chunks) }];
    case "open_output":
      return [outputMove(id, knowledgeOf(run, turn.of.step), turn.output)];
    default:
      return [];
  }
}
