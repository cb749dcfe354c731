import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import fc from "fast-check";
import {
  combineTops,
  DESCENT_ARITY,
  type Hash,
  hash,
  leafHash,
  type LeafRange,
  merkleRoot,
  proveLeaf,
  rootOfTop,
  splitRange,
  topOf,
  verifyLeaf,
} from "../../../ledger/primitives/mod.ts";

/** RFC 6962 section 2.1, word for word: the definition the fast code is held against. */
function topByDefinition(leaves: readonly Hash[]): Hash {
  const [only] = leaves;
  if (only === undefined) return new Uint8Array(32);
  if (leaves.length === 1) return only;
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return hash("assay/merkle/node", topByDefinition(leaves.slice(0, k)), topByDefinition(leaves.slice(k)));
}

function leavesOf(count: number): Hash[] {
  return Array.from({ length: count }, (_, i) => leafHash(new Uint8Array([i & 255, i >> 8])));
}

function topOfRange(leaves: readonly Hash[], { from, to }: LeafRange): Hash {
  return topByDefinition(leaves.slice(from, to));
}

const sizes = fc.integer({ min: 1, max: 300 });

Deno.test("the top of a list is the one RFC 6962 defines", () => {
  for (let count = 0; count <= 70; count++) {
    assertEquals(topOf(leavesOf(count)), topByDefinition(leavesOf(count)), `${count} leaves`);
  }
});

Deno.test("a root binds the number of leaves", () => {
  const top = topOf(leavesOf(4));
  assert(merkleRoot([new Uint8Array(1)]) !== merkleRoot([]));
  assertEquals(new Set([3, 4, 5].map((count) => rootOfTop(top, count).join())).size, 3);
});

Deno.test("every leaf proves at its own position and at no other, and no other leaf does", () => {
  fc.assert(
    fc.property(sizes, fc.nat(), fc.nat(), (count, a, b) => {
      const leaves = leavesOf(count), index = a % count, other = b % count;
      const root = rootOfTop(topOf(leaves), count);
      const proof = proveLeaf(leaves, index);
      const leaf = leaves[index] ?? new Uint8Array();
      assert(verifyLeaf(root, leaf, proof));
      if (other !== index) {
        assert(!verifyLeaf(root, leaf, { ...proof, index: other }));
        assert(!verifyLeaf(root, leaves[other] ?? new Uint8Array(), proof));
      }
      assert(!verifyLeaf(root, leaf, { ...proof, count: count + 1 }));
      assert(!verifyLeaf(root, leaf, { ...proof, siblings: [...proof.siblings, leaf] }));
      assert(!verifyLeaf(root, leaf, { ...proof, index: -1 }));
      assert(!verifyLeaf(root, leaf, { ...proof, index: count }));
    }),
  );
});

Deno.test("the tops of a split range combine to the range's top, down to single leaves", () => {
  fc.assert(
    fc.property(sizes, fc.nat(), (count, choice) => {
      const leaves = leavesOf(count);
      let range: LeafRange = { from: 0, to: count };
      let rounds = 0;
      while (range.to - range.from > 1) {
        const parts = splitRange(range);
        assert(parts.length <= DESCENT_ARITY && parts.length > 1);
        assertEquals([parts[0]?.from, parts.at(-1)?.to], [range.from, range.to]);
        assertEquals(
          combineTops(range, parts.map((part) => topOfRange(leaves, part))),
          topOfRange(leaves, range),
        );
        range = parts[choice % parts.length] ?? range;
        rounds++;
      }
      assert(rounds <= Math.ceil(Math.log2(count) / 4));
    }),
  );
});

Deno.test("too few or too many tops do not combine", () => {
  const range = { from: 0, to: 20 };
  const tops = splitRange(range).map((part) => topOfRange(leavesOf(20), part));
  assertEquals(combineTops(range, tops.slice(1)), undefined);
  assertEquals(combineTops(range, [...tops, tops[0] ?? new Uint8Array()]), undefined);
});
