/**
 * A run of the toy program whose states and outputs are real bytes: what can be demanded chunk by chunk.
 *
 * @module
 */
import {
  blobRoot,
  CHUNK_BYTES,
  type Hash,
  hash,
  merkleRoot,
  type Program,
  stateRoot,
  type TensorHeader,
  tensorRoot,
  utf8,
} from "../../../ledger/primitives/mod.ts";
import { type ChunkProof, type ChunkSource, type DemandedBlob, proveChunk } from "../../../ledger/mod.ts";
import { PROGRAM, SEED } from "../disputes/toy_program.ts";

/** A named tensor with its bytes. */
export interface RealTensor {
  readonly name: string;
  readonly header: TensorHeader;
  readonly blob: Uint8Array;
}

/** Bytes that differ everywhere. */
function bytesOf(seed: string, length: number): Uint8Array {
  const block = hash("test/bytes", utf8(seed));
  return Uint8Array.from({ length }, (_, i) => (block[i % 32] ?? 0) ^ (i >> 5) & 255);
}

function tensorOf(name: string, seed: string, length: number): RealTensor {
  const blob = bytesOf(seed, length);
  return { name, blob, header: { dtype: "uint8", shape: [length], blob: blobRoot(blob) } };
}

function rootOf(tensors: readonly RealTensor[]): Hash {
  return stateRoot(tensors.map(({ name, header }) => ({ name, root: tensorRoot(header) })));
}

/** Two and a half chunks, one byte, nothing. */
function stateOf(seed: string): readonly RealTensor[] {
  return [
    tensorOf("a", `${seed} a`, 2 * CHUNK_BYTES + CHUNK_BYTES / 2),
    tensorOf("b", `${seed} b`, 1),
    tensorOf("c", `${seed} c`, 0),
  ];
}

/** A state that segment 2 ends in, the last one, and what the three inference steps of segments 3 and 4 put out. */
export const OPENED = 2, FINAL = 6;
export const MIDDLE: readonly RealTensor[] = stateOf("middle");
export const LAST: readonly RealTensor[] = stateOf("last");
export const STEPS: readonly (readonly RealTensor[])[] = [0, 1, 2].map((step) => [
  tensorOf("y", `y ${step}`, CHUNK_BYTES),
  tensorOf("rows", `rows ${step}`, 8),
  tensorOf("inner", `inner ${step}`, 40),
]);

/** The files of the requester. */
export const GRAPH: Uint8Array = bytesOf("graph", CHUNK_BYTES + 7);
export const INITIAL: readonly RealTensor[] = stateOf("initial");
export const DATA: readonly RealTensor[] = [
  tensorOf("x", "x", 3 * CHUNK_BYTES),
  tensorOf("labels", "l", 100),
];

/** The toy program over these files. */
export const REAL: Program = {
  ...PROGRAM,
  initialRoot: rootOf(INITIAL),
  dataRoot: rootOf(DATA),
  phases: PROGRAM.phases.map((phase) => ({ ...phase, graph: blobRoot(GRAPH) })),
};

/** Roots of a run's segments: 3 and 4 have two steps and one. */
export const SEGMENT_ROOTS: readonly Hash[] = [
  hash("test/segment 0"),
  hash("test/segment 1"),
  rootOf(MIDDLE),
  merkleRoot(STEPS.slice(0, 2).map(rootOf)),
  merkleRoot(STEPS.slice(2).map(rootOf)),
  hash("test/segment 5"),
  rootOf(LAST),
];

const none = new Uint8Array();
const run = { segmentRoots: SEGMENT_ROOTS, seed: SEED };

function ofTensor(
  entries: readonly RealTensor[],
  tensor: number,
  more: Partial<ChunkSource> = {},
): ChunkSource {
  return {
    program: REAL,
    blob: entries[tensor]?.blob ?? none,
    entries: entries.map(({ name, header }) => ({ name, header })),
    ...more,
  };
}

/** What a blob's holder proves its chunks from. */
export function sourceOf(what: DemandedBlob): ChunkSource {
  switch (what.kind) {
    case "manifest":
      return { program: REAL, blob: none };
    case "graph":
      return { program: REAL, blob: GRAPH };
    case "initial":
      return ofTensor(INITIAL, what.tensor);
    case "data":
      return ofTensor(DATA, what.tensor);
    case "state":
      return ofTensor(what.segment === FINAL ? LAST : MIDDLE, what.tensor, { run });
    case "step": {
      const stepRoots = (what.segment === 3 ? STEPS.slice(0, 2) : STEPS.slice(2)).map(rootOf);
      return ofTensor(STEPS[what.step] ?? [], what.tensor, { run, stepRoots });
    }
  }
}

/** The proof of a chunk. */
export function proofOf(what: DemandedBlob, chunk: number): ChunkProof {
  return proveChunk({ what, chunk }, sourceOf(what));
}
