import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertNotEquals } from "@std/assert/not_equals.js";
import {
  bytesToHex,
  hash,
  openSegments,
  runLeaves,
  saltCommitment,
  saltedRunRoot,
  type SegmentOpening,
  sha256,
  utf8,
  verifySegment,
} from "../../../ledger/primitives/mod.ts";

const SEED = hash("test/seed");
const ROOTS = Array.from({ length: 7 }, (_, i) => hash("test/root", new Uint8Array([i])));

/** A tagged hash by its definition. */
function byDefinition(tag: string, ...parts: Uint8Array[]): Uint8Array {
  return hash(tag, ...parts);
}

Deno.test("a run's leaves are what the definition says, word for word", () => {
  const expected = ROOTS.map((root, i) => {
    const index = new Uint8Array([0, 0, 0, i]);
    return byDefinition("assay/segment", byDefinition("assay/leaf-salt", SEED, index), index, root);
  });
  assertEquals(runLeaves(SEED, ROOTS), expected);
  assertEquals(saltCommitment(SEED), byDefinition("assay/salt", SEED));
});

Deno.test("the root of a salted run is frozen", () => {
  assertEquals(
    bytesToHex(saltedRunRoot(sha256(utf8("seed")), [sha256(utf8("one")), sha256(utf8("two"))])),
    "165caee041047c1e9b6b15a1eb08470717f5891b25396ac3a98ccca1a955fbcf",
  );
});

Deno.test("every segment opens alone, at its place and nowhere else", () => {
  const runRoot = saltedRunRoot(SEED, ROOTS);
  const openings = openSegments(SEED, ROOTS, [...ROOTS.keys()]);
  for (const [i, opening] of openings.entries()) {
    for (const at of ROOTS.keys()) assertEquals(verifySegment(runRoot, opening, at, ROOTS.length), at === i);
    const falsified: readonly SegmentOpening[] = [
      { ...opening, root: hash("test/other") },
      { ...opening, salt: hash("test/other") },
      { ...opening, proof: { ...opening.proof, siblings: [...opening.proof.siblings].reverse().slice(1) } },
      { ...opening, proof: { ...opening.proof, count: ROOTS.length + 1 } },
    ];
    for (const other of falsified) assert(!verifySegment(runRoot, other, i, ROOTS.length));
  }
});

Deno.test("equal runs have different roots under different seeds, and equal segments of one run different leaves", () => {
  assertNotEquals(saltedRunRoot(SEED, ROOTS), saltedRunRoot(hash("test/another seed"), ROOTS));
  const leaves = runLeaves(SEED, ROOTS.map(() => hash("test/same"))).map(bytesToHex);
  assertEquals(new Set(leaves).size, leaves.length);
});
