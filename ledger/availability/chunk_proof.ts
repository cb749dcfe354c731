/**
 * The way from a chunk's bytes up to what was committed to: chunk, blob, tensor, state, and if need be step and segment.
 *
 * @module
 */
import {
  blobRootOfTop,
  bytes,
  bytes32,
  CHUNK_BYTES,
  chunkRoot,
  chunkRoots,
  equalBytes,
  type Hash,
  type Infer,
  leafHash,
  leafHashes,
  locateSegment,
  nullable,
  openSegment,
  type Program,
  programSegments,
  Proof,
  proveLeaf,
  record,
  rootOfTop,
  SegmentOpening,
  stateLeaf,
  TensorHeader,
  tensorRoot,
  text,
  topOf,
  u64,
  verifyLeaf,
  verifySegment,
} from "../primitives/mod.ts";
import type { DemandedBlob } from "./places.ts";

/** A tensor's entry under the root of a state, of a step's outputs, or of the data. */
const EntryProof = record("EntryProof", { name: text(256), header: TensorHeader, proof: Proof });

/** See the module. What a place does not lie under is null. */
export const ChunkProof = record("ChunkProof", {
  segment: nullable(SegmentOpening),
  step: nullable(record("StepProof", { root: bytes32, proof: Proof })),
  entry: nullable(EntryProof),
  /** Of the blob: its length and the top over its chunks' roots, which together are its root. */
  byteLength: u64,
  top: bytes32,
  /** Null exactly if the blob has no chunk of that number, which its length shows. */
  chunk: nullable(record("OpenedChunk", { bytes: bytes(CHUNK_BYTES), proof: Proof })),
});
/** See {@link ChunkProof}. */
export type ChunkProof = Infer<typeof ChunkProof>;

/** What the ledger knows of a task's commitments. */
export interface Committed {
  readonly program: Program;
  readonly manifest: Hash;
  readonly runRoot: Hash;
}

function isEntryOf(root: Hash, count: number, tensor: number, entry: ChunkProof["entry"]): Hash | undefined {
  if (entry === null) return undefined;
  const { name, header, proof } = entry;
  const isShown = proof.index === tensor && proof.count === count &&
    verifyLeaf(root, stateLeaf({ name, root: tensorRoot(header) }), proof);
  return isShown ? header.blob : undefined;
}

/** The blob root that a proof shows at a place; undefined if it shows none. */
function blobAt({ program, manifest, runRoot }: Committed, what: DemandedBlob, proof: ChunkProof) {
  switch (what.kind) {
    case "manifest":
      return manifest;
    case "graph":
      return program.phases[what.phase]?.graph;
    case "initial":
      return isEntryOf(program.initialRoot, program.stateTensors, what.tensor, proof.entry);
    case "data":
      return isEntryOf(program.dataRoot, program.dataTensors, what.tensor, proof.entry);
    case "state":
    case "step":
      return outputAt(program, runRoot, what, proof);
  }
}

function outputAt(
  program: Program,
  runRoot: Hash,
  what: Extract<DemandedBlob, { segment: number }>,
  { segment, step, entry }: ChunkProof,
): Hash | undefined {
  const location = locateSegment(program, what.segment);
  const isOpened = segment !== null &&
    verifySegment(runRoot, segment, what.segment, programSegments(program));
  if (location === undefined || !isOpened) return undefined;
  if (what.kind === "state") return isEntryOf(segment.root, program.stateTensors, what.tensor, entry);
  const { firstStep, endStep, phase } = location;
  const isShown = step !== null && step.proof.index === what.step - firstStep &&
    step.proof.count === endStep - firstStep && verifyLeaf(segment.root, leafHash(step.root), step.proof);
  return isShown ? isEntryOf(step.root, phase.outputs, what.tensor, entry) : undefined;
}

/** Whether a proof shows the demanded chunk, or that its blob has none of that number. PERF: hashes the chunk. */
export function showsChunk(
  committed: Committed,
  { what, chunk: index }: { readonly what: DemandedBlob; readonly chunk: number },
  proof: ChunkProof,
): boolean {
  const { byteLength, top, chunk } = proof;
  if (byteLength > BigInt(Number.MAX_SAFE_INTEGER)) return false;
  const length = Number(byteLength), count = Math.ceil(length / CHUNK_BYTES);
  const blob = blobAt(committed, what, proof);
  if (blob === undefined || !equalBytes(blobRootOfTop(top, length), blob)) return false;
  if (index >= count) return chunk === null;
  return chunk !== null && chunk.bytes.length === Math.min(CHUNK_BYTES, length - index * CHUNK_BYTES) &&
    chunk.proof.index === index && chunk.proof.count === count &&
    verifyLeaf(rootOfTop(top, count), chunkRoot(chunk.bytes), chunk.proof);
}

/** What a proof is made from, by whoever has the blob. */
export interface ChunkSource {
  readonly program: Program;
  /** The blob, whole. */
  readonly blob: Uint8Array;
  /** Of a tensor: all entries of its state, of its step's outputs, or of the data, in declared order. */
  readonly entries?: readonly { readonly name: string; readonly header: TensorHeader }[];
  /** Of an output: the run's segment roots and the seed of its salts. */
  readonly run?: { readonly segmentRoots: readonly Hash[]; readonly seed: Hash };
  /** Of a step's output: the output roots of all steps of its segment. */
  readonly stepRoots?: readonly Hash[];
}

function entryAt({ entries = [] }: ChunkSource, tensor: number): ChunkProof["entry"] {
  const entry = entries[tensor];
  if (entry === undefined) throw new RangeError(`There is no tensor ${tensor}: there are ${entries.length}`);
  const leaves = entries.map(({ name, header }) => stateLeaf({ name, root: tensorRoot(header) }));
  return { ...entry, proof: proveLeaf(leaves, tensor) };
}

function stepAt({ program, stepRoots = [] }: ChunkSource, segment: number, step: number): ChunkProof["step"] {
  const at = step - (locateSegment(program, segment)?.firstStep ?? 0), root = stepRoots[at];
  if (root === undefined) throw new RangeError(`There is no step ${step} in segment ${segment}`);
  return { root, proof: proveLeaf(leafHashes(stepRoots), at) };
}

/**
 * Proves a chunk.
 *
 * @throws {RangeError} if the source does not hold the place.
 */
export function proveChunk(
  { what, chunk: index }: { readonly what: DemandedBlob; readonly chunk: number },
  source: ChunkSource,
): ChunkProof {
  const { blob, run } = source, roots = chunkRoots(blob);
  const chunk = index >= roots.length ? null : {
    bytes: blob.slice(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES),
    proof: proveLeaf(roots, index),
  };
  const isOutput = what.kind === "state" || what.kind === "step";
  return {
    segment: isOutput && run !== undefined ? openSegment(run.seed, run.segmentRoots, what.segment) : null,
    step: what.kind === "step" ? stepAt(source, what.segment, what.step) : null,
    entry: "tensor" in what ? entryAt(source, what.tensor) : null,
    byteLength: BigInt(blob.length),
    top: topOf(roots),
    chunk,
  };
}
