/**
 * Parties that play a dispute from their run, whatever it is worth: the provider answers from what it committed to, the challenger from
 * what it thinks right. They only read the turn, as actors do.
 *
 * @module
 */
import type { Operation } from "../../../ledger/chain/mod.ts";
import {
  type Dispute,
  type DisputedChunk,
  type DisputedNode,
  type DisputedPart,
  type DisputedStep,
  type DisputedTensor,
  type DisputeTree,
  type DisputeTurn,
  disputeTurn,
  leftmostDifference,
  nodeMoves,
  outputMove,
  type StepKnowledge,
  topsOf,
  traceLeaves,
} from "../../../ledger/disputes/mod.ts";
import {
  CHUNK_BYTES,
  encode,
  equalBytes,
  type Hash,
  LEAF_BYTES,
  leafHash,
  merkleRoot,
  openSegment,
  proveLeaf,
  runLeaves,
  stateLeaf,
  stateRoot,
  topOf,
  TraceLeaf,
  ZERO_HASH,
} from "../../../ledger/primitives/mod.ts";
import {
  chunksOf,
  DATA,
  GRAPHS,
  PROGRAM,
  rootLeaves,
  SEED,
  stepsOf,
  type ToyRun,
  type ToyStep,
} from "./toy_program.ts";
import { SUMMED_CHUNK, sumsUnder, type ToySums } from "./toy_sums.ts";

function stepAt(run: ToyRun, segment: number, step: number): ToyStep {
  const found = stepsOf(run, segment).find((each) => each.step === step);
  if (found === undefined) throw new RangeError(`no step ${step} in segment ${segment}`);
  return found;
}

function disputedStep(run: ToyRun, { within, step }: DisputedStep): ToyStep {
  return stepAt(run, within.segment, step);
}

/** What a party knows of a step, for the builders of openings. */
export function knowledgeOf({ phaseIndex, trace, input, output }: ToyStep): StepKnowledge {
  const graph = GRAPHS[phaseIndex];
  if (graph === undefined) throw new RangeError(`no phase ${phaseIndex}`);
  return { nodes: graph.nodes, outputs: graph.outputs, trace, input, data: DATA, output };
}

function treeLeaves(run: ToyRun, tree: DisputeTree): readonly Hash[] {
  switch (tree.kind) {
    case "run":
      return runLeaves(SEED, run.segmentRoots);
    case "steps":
      return rootLeaves(stepsOf(run, tree.of.segment).map(({ output }) => stateRoot(output)));
    case "nodes":
      return traceLeaves(disputedStep(run, tree.of).trace);
    case "outputs":
      return disputedStep(run, tree.of).output.map(stateLeaf);
    case "chunks":
      return outputChunks(run, tree.of);
    case "leaves":
      return chunkSums(run, tree.of).leaves();
  }
}

function outputChunks(run: ToyRun, { at, output }: DisputedTensor): readonly Hash[] {
  return chunksOf(disputedStep(run, at.within).trace[at.node]?.outputs[output] ?? ZERO_HASH);
}

function chunkSums(run: ToyRun, { of, chunk }: DisputedChunk): ToySums {
  return sumsUnder(outputChunks(run, of)[chunk]);
}

/** The sums of the chunk that an element is in, and its position there. */
function elementSums(run: ToyRun, { at, element }: DisputedPart) {
  const first = SUMMED_CHUNK * CHUNK_BYTES / 4;
  return {
    sums: chunkSums(run, { of: { at, output: 0 }, chunk: SUMMED_CHUNK }),
    position: element - first,
  };
}

/** The first of some values that differs from one's own; if none does, the first, and something that nobody has. */
function differing(own: readonly number[], values: readonly number[]) {
  const index = own.findIndex((value, i) => value !== values[i]);
  return index < 0 ? { index: 0, own: 0xffff_ffff } : { index, own: own[index] ?? 0 };
}

/** The first output of a node that differs from what the provider opened; if none does, the first. */
function chosenOutput(run: ToyRun, at: DisputedNode, opened: readonly Hash[]) {
  const own = disputedStep(run, at.within).trace[at.node]?.outputs ?? [];
  const output = Math.max(0, own.findIndex((root, i) => !equalBytes(root, opened[i] ?? ZERO_HASH)));
  return { output, own: topOf(outputChunks(run, { at, output })) };
}

function proven(roots: readonly Hash[], index: number) {
  const root = roots[index];
  if (root === undefined) throw new RangeError(`no root ${index}`);
  return { root, proof: proveLeaf(rootLeaves(roots), index) };
}

function segmentProven(run: ToyRun, index: number) {
  const { root, proof } = openSegment(SEED, run.segmentRoots, index);
  return { root, proof };
}

/**
 * The move of the party whose turn it is. Arbiters and the ledger have none here.
 *
 * @param opened Outputs that the provider has opened, once it has.
 */
export function answer(
  dispute: Dispute,
  turn: DisputeTurn,
  run: ToyRun,
  opened: readonly Hash[],
): readonly Operation[] {
  const { id } = dispute;
  switch (turn.kind) {
    case "split":
      return [{ kind: "dispute_split", dispute: id, tops: topsOf(treeLeaves(run, turn.tree), turn.parts) }];
    case "choose": {
      // Who agrees with everything and yet disputes says that it has something.
      const different = leftmostDifference(treeLeaves(run, turn.tree), turn.parts) ??
        { index: 0, own: ZERO_HASH };
      return [{ kind: "dispute_choose", dispute: id, ...different }];
    }
    case "bind_segment": {
      const outputs = stepsOf(run, turn.segment).map(({ output }) => stateRoot(output));
      const last = outputs.length - 1;
      return [{
        kind: "dispute_bind_segment",
        dispute: id,
        root: openSegment(SEED, run.segmentRoots, turn.segment).root,
        input: turn.input.kind === "initial" ? null : segmentProven(run, turn.input.index),
        steps: turn.stepsProof ? { root: merkleRoot(outputs), proof: proven(outputs, last).proof } : null,
      }];
    }
    case "bind_step": {
      const outputs = stepsOf(run, turn.within.segment).map(({ output }) => stateRoot(output));
      const step = stepAt(run, turn.within.segment, turn.step);
      return [{
        kind: "dispute_bind_step",
        dispute: id,
        root: stateRoot(step.output),
        input: turn.inputAt === null ? null : proven(outputs, turn.inputAt),
        traceRoot: merkleRoot(step.trace.map((leaf) => encode(TraceLeaf, leaf))),
      }];
    }
    case "choose_tree": {
      const own = merkleRoot(disputedStep(run, turn.of).trace.map((leaf) => encode(TraceLeaf, leaf)));
      const tree = equalBytes(own, turn.of.traceRoot) ? "outputs" : "nodes";
      return [{ kind: "dispute_choose_tree", dispute: id, tree }];
    }
    case "open_node":
      return nodeMoves(id, knowledgeOf(disputedStep(run, turn.at.within)), turn.at.node);
    case "choose_output":
      return [{ kind: "dispute_choose_output", dispute: id, ...chosenOutput(run, turn.at, opened) }];
    case "open_tensor":
      return [{ kind: "dispute_open_tensor", dispute: id, top: topOf(outputChunks(run, turn)) }];
    case "open_output":
      return [outputMove(id, knowledgeOf(disputedStep(run, turn.of)), turn.output)];
    case "open_leaf": {
      const values = chunkSums(run, turn.of).values(), from = turn.position * LEAF_BYTES / 4;
      return [{
        kind: "dispute_open_leaf",
        dispute: id,
        values: values.slice(from, from + LEAF_BYTES / 4),
      }];
    }
    case "choose_element": {
      const from = turn.first - turn.of.chunk * CHUNK_BYTES / 4;
      const own = chunkSums(run, turn.of).values().slice(from, from + turn.values.length);
      return [{ kind: "dispute_choose_element", dispute: id, ...differing(own, turn.values) }];
    }
    case "open_sum": {
      const { sums, position } = elementSums(run, turn.of);
      return [{ kind: "dispute_open_sum", dispute: id, sums: sums.children(position, turn.of.part) }];
    }
    case "choose_part": {
      const { sums, position } = elementSums(run, turn.of), own = sums.children(position, turn.of.part);
      const choice = own.every((sum, i) => sum === turn.sums[i]) ? null : differing(own, turn.sums);
      return [{ kind: "dispute_choose_part", dispute: id, choice }];
    }
    default:
      return [];
  }
}

/** The turn of a dispute about the toy program. */
export function turnOf(dispute: Dispute): DisputeTurn {
  return disputeTurn(dispute, PROGRAM);
}

/** Hash of a root as a leaf: what stages call `leaf`. */
export const leafOf = leafHash;
