import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import {
  CHUNK_BYTES,
  decode,
  encode,
  equalBytes,
  type Hash,
  saltedRunRoot,
  ZERO_HASH,
} from "../../../ledger/primitives/mod.ts";
import { type DemandedBlob, showsChunk } from "../../../ledger/mod.ts";
import { ChunkProof, type Committed } from "../../../ledger/availability/mod.ts";
import { SEED } from "../disputes/toy_program.ts";
import { FINAL, GRAPH, LAST, proofOf, REAL, SEGMENT_ROOTS, STEPS } from "./real_blobs.ts";

const committed: Committed = {
  program: REAL,
  manifest: ZERO_HASH,
  runRoot: saltedRunRoot(SEED, SEGMENT_ROOTS),
};

const PLACES: readonly (readonly [DemandedBlob, chunks: number])[] = [
  [{ kind: "graph", phase: 1 }, 2],
  [{ kind: "initial", tensor: 0 }, 3],
  [{ kind: "data", tensor: 1 }, 1],
  [{ kind: "state", segment: FINAL, tensor: 0 }, 3],
  [{ kind: "state", segment: FINAL, tensor: 1 }, 1],
  [{ kind: "state", segment: FINAL, tensor: 2 }, 0],
  [{ kind: "step", segment: 3, step: 1, tensor: 0 }, 1],
  [{ kind: "step", segment: 4, step: 2, tensor: 1 }, 1],
];

Deno.test("every chunk of everything that can be demanded is shown, and that a blob ends where it does", () => {
  for (const [what, chunks] of PLACES) {
    for (let chunk = 0; chunk < chunks + 2; chunk++) {
      const proof = decode(ChunkProof, encode(ChunkProof, proofOf(what, chunk)));
      assert(showsChunk(committed, { what, chunk }, proof), `${what.kind} ${chunk}`);
      assertEquals(proof.chunk === null, chunk >= chunks);
    }
  }
});

Deno.test("what is shown are the bytes themselves", () => {
  const proof = proofOf({ kind: "state", segment: FINAL, tensor: 0 }, 2);
  assertEquals(proof.chunk?.bytes, LAST[0]?.blob.slice(2 * CHUNK_BYTES));
  assertEquals(
    proofOf({ kind: "step", segment: 4, step: 2, tensor: 0 }, 0).chunk?.bytes,
    STEPS[2]?.[0]?.blob,
  );
  assertEquals(proofOf({ kind: "graph", phase: 0 }, 1).chunk?.bytes, GRAPH.slice(CHUNK_BYTES));
});

Deno.test("the proof of one place shows no other", () => {
  for (const [what] of PLACES) {
    const proof = proofOf(what, 0);
    for (const [other, chunks] of PLACES) {
      for (const chunk of [0, 1]) {
        const isSame = other === what && (chunk === 0 || chunks < 2);
        // A proof that a blob has no chunk 0 shows as well that it has no chunk 1.
        const isEmpty = other === what && chunks === 0;
        const shows = showsChunk(committed, { what: other, chunk }, proof);
        assertEquals(shows, isEmpty || isSame && chunk === 0, `${what.kind} for ${other.kind} ${chunk}`);
      }
    }
  }
});

/** Every byte string of a proof with one bit changed, one at a time; and numbers. */
function* forgeries(proof: ChunkProof): Generator<ChunkProof> {
  const flip = (bytes: Uint8Array): Hash => bytes.map((byte, i) => i === 0 ? byte ^ 1 : byte);
  const { segment, step, entry, chunk, top, byteLength } = proof;
  yield { ...proof, top: flip(top) };
  yield { ...proof, byteLength: byteLength + 1n };
  yield { ...proof, byteLength: 1n << 60n };
  yield { ...proof, byteLength: 0n };
  if (segment !== null) {
    yield { ...proof, segment: null };
    yield { ...proof, segment: { ...segment, root: flip(segment.root) } };
    yield { ...proof, segment: { ...segment, salt: flip(segment.salt) } };
  }
  if (step !== null) {
    yield { ...proof, step: null };
    yield { ...proof, step: { ...step, root: flip(step.root) } };
  }
  if (entry !== null) {
    yield { ...proof, entry: null };
    yield { ...proof, entry: { ...entry, name: `${entry.name}!` } };
    yield { ...proof, entry: { ...entry, header: { ...entry.header, dtype: "int8" } } };
    yield { ...proof, entry: { ...entry, header: { ...entry.header, blob: flip(entry.header.blob) } } };
    yield { ...proof, entry: { ...entry, proof: { ...entry.proof, index: entry.proof.index + 1 } } };
  }
  if (chunk === null) return;
  yield { ...proof, chunk: null };
  yield { ...proof, chunk: { ...chunk, bytes: flip(chunk.bytes) } };
  yield { ...proof, chunk: { ...chunk, bytes: chunk.bytes.slice(1) } };
  yield { ...proof, chunk: { ...chunk, proof: { ...chunk.proof, count: chunk.proof.count + 1 } } };
}

Deno.test("no part of a proof can be changed", () => {
  let tried = 0;
  for (const [what, chunks] of PLACES) {
    const chunk = Math.max(chunks - 1, 0), proof = proofOf(what, chunk), encoding = encode(ChunkProof, proof);
    for (const forged of forgeries(proof)) {
      if (equalBytes(encode(ChunkProof, forged), encoding)) continue; // an empty blob has no byte to leave out
      tried++;
      assert(!showsChunk(committed, { what, chunk }, forged), `${what.kind} forgery ${tried}`);
    }
  }
  assert(tried > 80, `only ${tried} forgeries were tried`);
});
