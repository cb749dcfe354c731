/**
 * What a challenger posts that names a node directly, built from what the provider serves of its run.
 *
 * @module
 */
import {
  encode,
  type Hash,
  leafHash,
  leafHashes,
  locateSegment,
  NodeDescriptor,
  openSegment,
  OutputDescriptor,
  type Program,
  proveLeaf,
  segmentInput,
  type StateEntry,
  stateLeaf,
  type TensorSource,
} from "../primitives/mod.ts";
import type { CommittedOutput, DisputeNameNode, NamedInput } from "./moves.ts";

/** What a provider committed to about one step of a map phase, and what the program says of it; each list complete and in declared order. */
export interface CommittedStep {
  readonly program: Program;
  /** Of the run's salts. */
  readonly seed: Hash;
  readonly segmentRoots: readonly Hash[];
  readonly segment: number;
  /** Output roots of the segment's steps. */
  readonly stepRoots: readonly Hash[];
  /** Position in its phase. */
  readonly step: number;
  readonly nodes: readonly NodeDescriptor[];
  readonly outputs: readonly OutputDescriptor[];
  /** Entries of the step's outputs, of the state that the segment starts from, and of the program's data. */
  readonly entries: readonly StateEntry[];
  readonly input: readonly StateEntry[];
  readonly data: readonly StateEntry[];
}

/** The output of the step that is this output of a node; `undefined` if the step does not put it out. */
function committedOutput(
  { outputs, entries }: CommittedStep,
  source: { readonly node: number; readonly output: number },
): CommittedOutput | undefined {
  const index = outputs.findIndex(({ source: of }) =>
    of.kind === "node" && of.node === source.node && of.output === source.output
  );
  const descriptor = outputs[index], entry = entries[index];
  if (descriptor === undefined || entry === undefined) return undefined;
  const described = outputs.map((each) => leafHash(encode(OutputDescriptor, each)));
  return {
    descriptor,
    descriptorProof: proveLeaf(described, index),
    entry,
    entryProof: proveLeaf(entries.map(stateLeaf), index),
  };
}

function namedEntry(entries: readonly StateEntry[], index: number): NamedInput | undefined {
  const entry = entries[index];
  return entry && { kind: "entry", entry, proof: proveLeaf(entries.map(stateLeaf), index) };
}

function namedInput(step: CommittedStep, source: TensorSource): NamedInput | undefined {
  switch (source.kind) {
    case "node": {
      const output = committedOutput(step, source);
      return output && { kind: "output", ...output };
    }
    case "state":
      return namedEntry(step.input, source.index);
    case "data":
      return namedEntry(step.data, source.index);
    default:
      return { kind: "none" };
  }
}

/** All of a list, if nothing of it is missing. */
function complete<T>(items: readonly (T | undefined)[]): readonly T[] | undefined {
  const present = items.flatMap((item) => item === undefined ? [] : [item]);
  return present.length === items.length ? present : undefined;
}

/**
 * The move that names a node. PERF: hashes the step's entries and descriptors once for each of the node's inputs and outputs.
 *
 * @param own Hash of the node's trace leaf as the challenger has it.
 * @returns `undefined` if the step does not put out all that the node reads and writes, or does not exist: then descend.
 */
export function namingMove(
  dispute: Hash,
  committed: CommittedStep,
  node: number,
  own: Hash,
): { readonly kind: "dispute_name_node" } & DisputeNameNode | undefined {
  const { program, seed, segmentRoots, segment, stepRoots, step, nodes } = committed;
  const local = step - (locateSegment(program, segment)?.firstStep ?? 0);
  const descriptor = nodes[node], stepRoot = stepRoots[local];
  if (descriptor === undefined || stepRoot === undefined || segment >= segmentRoots.length) return undefined;
  const inputs = complete(descriptor.inputs.map((source) => namedInput(committed, source)));
  const outputs = complete(
    descriptor.outputs.map((_, output) => committedOutput(committed, { node, output })),
  );
  if (inputs === undefined || outputs === undefined) return undefined;
  const proven = (index: number) => {
    const { root, proof } = openSegment(seed, segmentRoots, index);
    return { root, proof };
  };
  const from = segmentInput(program, segment);
  return {
    kind: "dispute_name_node",
    dispute,
    segment,
    segmentRoot: proven(segment),
    input: from.kind === "initial" ? null : proven(from.index),
    step,
    stepRoot: { root: stepRoot, proof: proveLeaf(leafHashes(stepRoots), local) },
    node,
    descriptor,
    descriptorProof: proveLeaf(nodes.map((each) => leafHash(encode(NodeDescriptor, each))), node),
    inputs,
    outputs,
    own,
  };
}
