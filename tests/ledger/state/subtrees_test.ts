import { assertEquals } from "@std/assert/equals.js";
import { bytesToHex, hash, utf8 } from "../../../ledger/primitives/mod.ts";
import { rootOfSubtrees, State, type StateEntryBytes } from "../../../ledger/state/mod.ts";

const entries = (count: number) =>
  Array.from(
    { length: count },
    (_, i): StateEntryBytes => [utf8(`key ${i}`), hash("assay/test", utf8(`${i}`))],
  );

Deno.test("the subtrees of any depth make up the root, and their entries the state", () => {
  for (const count of [0, 1, 2, 3, 17, 300]) {
    const state = State.from(entries(count));
    for (const depth of [0, 1, 3, 8]) {
      const subtrees = Array.from({ length: 2 ** depth }, (_, i) => state.subtree(depth, i));
      assertEquals(rootOfSubtrees(subtrees), state.root);
      assertEquals(subtrees.reduce((sum, subtree) => sum + subtree.count, 0), count);
      const parts = subtrees.map((_, i) => [...state.entriesUnder(depth, i)]);
      assertEquals(parts.flat(), [...state.entries()]);
      for (const [i, part] of parts.entries()) {
        assertEquals(State.from(part).subtree(depth, i), state.subtree(depth, i));
      }
    }
  }
});

Deno.test("a subtree that holds another entry, or says so, changes the root", () => {
  const state = State.from(entries(20));
  const subtrees = Array.from({ length: 8 }, (_, i) => state.subtree(3, i));
  const other = State.from([...entries(20).slice(1), [utf8("key 0"), utf8("changed")]]);
  const changed = subtrees.findIndex((subtree, i) =>
    bytesToHex(subtree.top) !== bytesToHex(other.subtree(3, i).top)
  );
  const forged = subtrees.map((subtree, i) => i === changed ? other.subtree(3, i) : subtree);
  assertEquals(rootOfSubtrees(forged), other.root);
  const lone = State.from(entries(1));
  const pair = [lone.subtree(1, 0), lone.subtree(1, 1)].map(({ top, count }) => ({ top, count: count * 2 }));
  assertEquals(bytesToHex(rootOfSubtrees(pair)) === bytesToHex(lone.root), false);
});
