/**
 * What parties post, built from what they computed: tops of a tree, and openings with their evidence. Pure, so that an actor's code is
 * one call, and no party has to know how the ledger wants its proofs.
 *
 * @module
 */
import {
  encode,
  equalBytes,
  type Hash,
  leafHash,
  type LeafRange,
  NodeDescriptor,
  OutputDescriptor,
  proveLeaf,
  type StateEntry,
  stateLeaf,
  type TensorSource,
  topOf,
  TraceLeaf,
} from "../primitives/mod.ts";
import type { Part } from "./descent.ts";
import {
  type DisputeOpenInputs,
  type DisputeOpenNode,
  type DisputeOpenOutput,
  SourceEvidence,
} from "./moves.ts";

/** What a party knows of one step: everything that an opening of it is made of, each list complete and in declared order. */
export interface StepKnowledge {
  readonly nodes: readonly NodeDescriptor[];
  readonly outputs: readonly OutputDescriptor[];
  readonly trace: readonly TraceLeaf[];
  /** Entries of the state that the step starts from, of the program's data, and of the step's output. */
  readonly input: readonly StateEntry[];
  readonly data: readonly StateEntry[];
  readonly output: readonly StateEntry[];
}

/** Tops over ranges of hashed leaves: the answer to a `split`. */
export function topsOf(leaves: readonly Hash[], parts: readonly LeafRange[]): readonly Hash[] {
  return parts.map(({ from, to }) => topOf(leaves.slice(from, to)));
}

/**
 * The leftmost posted part that differs from one's own leaves, and what one has there oneself: the answer to a `choose`. `undefined` if
 * nothing differs.
 */
export function leftmostDifference(
  leaves: readonly Hash[],
  parts: readonly Part[],
): { readonly index: number; readonly own: Hash } | undefined {
  for (const [index, { range, top }] of parts.entries()) {
    const own = topOf(leaves.slice(range.from, range.to));
    if (!equalBytes(own, top)) return { index, own };
  }
  return undefined;
}

/** Hashed leaves of a step's trace. */
export function traceLeaves(trace: readonly TraceLeaf[]): readonly Hash[] {
  return trace.map((leaf) => leafHash(encode(TraceLeaf, leaf)));
}

function itemAt<T>(items: readonly T[], index: number, what: string): T {
  const item = items[index];
  if (item === undefined) throw new RangeError(`There is no ${what} ${index}: the step has ${items.length}`);
  return item;
}

function entryEvidence(entries: readonly StateEntry[], index: number, what: string): SourceEvidence {
  const entry = itemAt(entries, index, what);
  return { kind: "entry", entry, proof: proveLeaf(entries.map(stateLeaf), index) };
}

/**
 * Evidence of what a source's root is. PERF: hashes the tree that the source is in.
 *
 * @param leaves Hashed leaves of the step's trace, for callers that need several sources.
 * @throws {RangeError} if what is known of the step does not hold the source.
 */
export function sourceEvidence(
  step: StepKnowledge,
  source: TensorSource,
  leaves: readonly Hash[] = traceLeaves(step.trace),
): SourceEvidence {
  switch (source.kind) {
    case "node": {
      const leaf = itemAt(step.trace, source.node, "node");
      return { kind: "node", leaf, proof: proveLeaf(leaves, source.node) };
    }
    case "state":
      return entryEvidence(step.input, source.index, "state tensor");
    case "data":
      return entryEvidence(step.data, source.index, "data tensor");
    default:
      return { kind: "none" };
  }
}

/** Largest sum of evidence in one opening, in bytes: leaves room in a transaction of 128 KiB for the rest of it. */
const EVIDENCE_BYTES = 64 * 1024;

/** Evidence in portions that each fit a transaction, in order. */
function portions(evidence: readonly SourceEvidence[]): readonly (readonly SourceEvidence[])[] {
  const parts: SourceEvidence[][] = [[]];
  let size = 0;
  for (const item of evidence) {
    const bytes = encode(SourceEvidence, item).length;
    if (size + bytes > EVIDENCE_BYTES && size > 0) {
      parts.push([]);
      size = 0;
    }
    parts.at(-1)?.push(item);
    size += bytes;
  }
  return parts;
}

/** A move that opens a node. */
export type NodeMove =
  | { readonly kind: "dispute_open_node" } & DisputeOpenNode
  | { readonly kind: "dispute_open_inputs" } & DisputeOpenInputs;

/**
 * The moves that open a node, in order; nearly always one. All belong into the window of the first.
 *
 * @throws {RangeError} if what is known of the step does not hold the node or one of its sources.
 */
export function nodeMoves(dispute: Hash, step: StepKnowledge, node: number): readonly NodeMove[] {
  const leaf = itemAt(step.trace, node, "node");
  const descriptor = itemAt(step.nodes, node, "node descriptor");
  const descriptorProof = proveLeaf(step.nodes.map((each) => leafHash(encode(NodeDescriptor, each))), node);
  const leaves = traceLeaves(step.trace);
  const evidence = descriptor.inputs.map((source) => sourceEvidence(step, source, leaves));
  const [inputs = [], ...rest] = portions(evidence);
  return [
    { kind: "dispute_open_node", dispute, leaf, descriptor, descriptorProof, inputs },
    ...rest.map((more): NodeMove => ({ kind: "dispute_open_inputs", dispute, inputs: more })),
  ];
}

/**
 * The move that opens an output of a step.
 *
 * @throws {RangeError} if what is known of the step does not hold the output or its source.
 */
export function outputMove(
  dispute: Hash,
  step: StepKnowledge,
  output: number,
): { readonly kind: "dispute_open_output" } & DisputeOpenOutput {
  const entry = itemAt(step.output, output, "output");
  const descriptor = itemAt(step.outputs, output, "output descriptor");
  const descriptorProof = proveLeaf(
    step.outputs.map((each) => leafHash(encode(OutputDescriptor, each))),
    output,
  );
  return {
    kind: "dispute_open_output",
    dispute,
    entry,
    descriptor,
    descriptorProof,
    source: sourceEvidence(step, descriptor.source),
  };
}
