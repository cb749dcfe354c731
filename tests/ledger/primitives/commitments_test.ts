import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertNotEquals } from "@std/assert/not_equals.js";
import { assertThrows } from "@std/assert/throws.js";
import fc from "fast-check";
import {
  batchIndices,
  batchRoot,
  blobRoot,
  blobRootOfChunks,
  bytesToHex,
  chunkRoots,
  hash,
  locateSegment,
  permutation,
  type Phase,
  type Program,
  programId,
  programSegments,
  sha256,
  stateRoot,
  tensorRoot,
  utf8,
  ZERO_HASH,
} from "../../../ledger/primitives/mod.ts";

/** Both computed by a separate implementation of the formats' documentation. */
const GOLDEN_ROWS = [305n, 420n, 47n, 779n];
const GOLDEN_BATCH_ROOT = "eff4305714e57927ecb11ce0c4f06dce1e47cdd680632458b7418df57d6bb2dd";

function phase(steps: number, segmentSteps: number): Phase {
  return {
    mode: "carry",
    graph: ZERO_HASH,
    nodes: 3,
    nodesRoot: ZERO_HASH,
    outputs: 1,
    outputsRoot: ZERO_HASH,
    steps,
    segmentSteps,
    batch: null,
  };
}

const program: Program = {
  engine: "ort-strict",
  engineHash: ZERO_HASH,
  stateTensors: 1,
  initialRoot: ZERO_HASH,
  dataTensors: 0,
  dataRoot: ZERO_HASH,
  phases: [phase(10, 4), phase(2, 2)],
  metric: null,
  note: utf8("test"),
};

Deno.test("a tagged hash is SHA-256 over the tag's length, the tag and the parts", () => {
  const expected = sha256(new Uint8Array([1, 0x61, 0x62, 0x63]));
  assertEquals(hash("a", utf8("b"), utf8("c")), expected);
  assertEquals(
    bytesToHex(sha256(utf8("abc"))), // FIPS 180-4 example
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
});

Deno.test("a blob's root binds every byte and the length", () => {
  const blob = new Uint8Array(200_000).map((_, i) => i * 7);
  const root = blobRoot(blob);
  assertEquals(root, blobRootOfChunks(chunkRoots(blob), blob.length));
  for (const at of [0, 1023, 1024, 65_535, 65_536, 199_999]) {
    const changed = blob.slice();
    changed[at] = (changed[at] ?? 0) ^ 1;
    assertNotEquals(blobRoot(changed), root);
  }
  assertNotEquals(blobRoot(blob.subarray(0, 199_999)), root);
  assertNotEquals(blobRoot(new Uint8Array(0)), blobRoot(new Uint8Array(1)));
});

Deno.test("a tensor's root binds dtype and shape; a state's root binds names and order", () => {
  const blob = blobRoot(new Uint8Array(24));
  const roots = [
    tensorRoot({ dtype: "float32", shape: [2, 3], blob }),
    tensorRoot({ dtype: "float32", shape: [3, 2], blob }),
    tensorRoot({ dtype: "int32", shape: [2, 3], blob }),
    tensorRoot({ dtype: "float32", shape: [6], blob }),
  ];
  assertEquals(new Set(roots.map(bytesToHex)).size, 4);
  const [a = ZERO_HASH, b = ZERO_HASH] = roots;
  const states = [
    stateRoot([{ name: "x", root: a }, { name: "y", root: b }]),
    stateRoot([{ name: "y", root: b }, { name: "x", root: a }]),
    stateRoot([{ name: "x", root: b }, { name: "y", root: a }]),
    stateRoot([{ name: "x", root: a }]),
  ];
  assertEquals(new Set(states.map(bytesToHex)).size, 4);
});

Deno.test("segments are laid out phase after phase, the last of each may be short", () => {
  assertEquals(programSegments(program), 4);
  const places = [0, 1, 2, 3, 4].map((index) => {
    const place = locateSegment(program, index);
    return place === undefined ? undefined : [place.phaseIndex, place.firstStep, place.endStep];
  });
  assertEquals(places, [[0, 0, 4], [0, 4, 8], [0, 8, 10], [1, 0, 2], undefined]);
});

Deno.test("a program's identity binds each of its fields", () => {
  const changes: Partial<Program>[] = [
    { engine: "repops" },
    { initialRoot: new Uint8Array(32).fill(1) },
    { phases: [phase(10, 5)] },
    { metric: { name: "accuracy", index: 0, total: 100 } },
    { note: utf8("other") },
  ];
  const ids = [program, ...changes.map((change) => ({ ...program, ...change }))].map((p) =>
    bytesToHex(programId(p))
  );
  assertEquals(new Set(ids).size, ids.length);
});

Deno.test("the shuffle of an epoch is a permutation, another for each epoch and seed", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 700 }),
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      (rows, seed) => {
        const shuffled = permutation(rows, seed, 3);
        const seen = new Set(Array.from({ length: rows }, (_, i) => shuffled(i)));
        assertEquals(seen.size, rows);
        assert(Math.max(...seen) === rows - 1 && Math.min(...seen) === 0);
      },
    ),
    { numRuns: 50 },
  );
  const order = (seed: bigint, epoch: number) =>
    Array.from({ length: 100 }, (_, i) => permutation(100, seed, epoch)(i));
  assertNotEquals(order(1n, 0), order(1n, 1));
  assertNotEquals(order(1n, 0), order(2n, 0));
});

Deno.test("an epoch's batches take each row once; without a seed rows come in order and wrap around", () => {
  const schedule = { rows: 10, size: 3, seed: 5n };
  const epoch = [0, 1, 2].flatMap((step) => [...batchIndices(schedule, step)]);
  assertEquals(new Set(epoch).size, 9);
  assertNotEquals([...batchIndices(schedule, 3)], [...batchIndices(schedule, 0)]);
  assertEquals([...batchIndices({ ...schedule, seed: null }, 3)], [9n, 0n, 1n]);
  assertThrows(() => batchIndices({ rows: 2, size: 3, seed: null }, 0), RangeError);
});

Deno.test("the shuffle is frozen: an engine or host that drew other rows would contradict every commitment", () => {
  assertEquals([...batchIndices({ rows: 1000, size: 4, seed: 42n }, 7)], GOLDEN_ROWS);
  assertEquals(bytesToHex(batchRoot({ rows: 1000, size: 4, seed: 42n }, 7)), GOLDEN_BATCH_ROOT);
});
