import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import fc from "fast-check";
import { compareBytes, decode, encode, hash, utf8, ZERO_HASH } from "../../../ledger/primitives/mod.ts";
import { createDraft, State, StateProof, verifyStateProof } from "../../../ledger/state/mod.ts";

/** A key of a small space, so that deletions and overwrites meet. */
const key = fc.nat(60).map((n) => utf8(`key ${n}`));
const value = fc.uint8Array({ minLength: 1, maxLength: 8 });
const change = fc.tuple(key, fc.option(value, { nil: undefined }));

type Entry = readonly [Uint8Array, Uint8Array];

/** The root by the definition, straight from the sorted entries: an independent, slow model of the tree. */
function modelRoot(entries: readonly Entry[]): Uint8Array {
  const leaves = entries.map(([k, v]) => {
    const path = hash("assay/state/key", k);
    const bits = Array.from(path, (byte) => byte.toString(2).padStart(8, "0")).join("");
    return { bits, hash: hash("assay/state/leaf", path, hash("assay/state/value", v)) };
  });
  const rootOf = (some: typeof leaves, level: number): Uint8Array => {
    const [first] = some;
    if (first === undefined) return ZERO_HASH;
    if (some.length === 1) return first.hash;
    const left = some.filter(({ bits }) => bits[level] === "0");
    const right = some.filter(({ bits }) => bits[level] === "1");
    return hash("assay/state/node", rootOf(left, level + 1), rootOf(right, level + 1));
  };
  return rootOf(leaves, 0);
}

function modelEntries(model: ReadonlyMap<string, Uint8Array>): Entry[] {
  return Array.from(model, ([k, v]): Entry => [utf8(k), v]);
}

/** Applies batches of changes to the tree and to a plain map. */
function build(batches: readonly (readonly (readonly [Uint8Array, Uint8Array | undefined])[])[]) {
  const model = new Map<string, Uint8Array>();
  let state = State.empty;
  for (const batch of batches) {
    const draft = createDraft(state);
    for (const [k, v] of batch) {
      const name = new TextDecoder().decode(k);
      if (v === undefined) {
        draft.delete(k);
        model.delete(name);
      } else {
        draft.put(k, v);
        model.set(name, v);
      }
    }
    state = draft.commit();
  }
  return { state, model };
}

Deno.test("after any changes in any batches, the root and the entries are those of the naive model", () => {
  fc.assert(
    fc.property(fc.array(fc.array(change, { maxLength: 30 }), { maxLength: 6 }), (batches) => {
      const { state, model } = build(batches);
      const expected = modelEntries(model);
      assertEquals(state.root, modelRoot(expected));
      const byPath = (a: Entry, b: Entry) =>
        compareBytes(hash("assay/state/key", a[0]), hash("assay/state/key", b[0]));
      assertEquals(Array.from(state.entries()), expected.sort(byPath));
      for (let n = 0; n <= 60; n++) assertEquals(state.get(utf8(`key ${n}`)), model.get(`key ${n}`));
      assertEquals(State.from(state.entries()).root, state.root);
    }),
    { numRuns: 150 },
  );
});

Deno.test("a proof shows the value of a key or its absence, and nothing else", () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40 }), key, value, (changes, asked, other) => {
      const { state } = build([changes]);
      const held = state.get(asked);
      const proof = decode(StateProof, encode(StateProof, state.prove(asked)));
      assert(verifyStateProof(state.root, asked, held, proof));
      const lie = held === undefined ? other : undefined;
      assert(!verifyStateProof(state.root, asked, lie, proof));
      if (held !== undefined && compareBytes(held, other) !== 0) {
        assert(!verifyStateProof(state.root, asked, other, proof));
      }
      assert(!verifyStateProof(hash("assay/test", state.root), asked, held, proof));
    }),
    { numRuns: 150 },
  );
});

Deno.test("a proof with a changed sibling, or one too many, is refused", () => {
  const state = State.from(Array.from({ length: 50 }, (_, n): Entry => [utf8(`key ${n}`), utf8(`${n}`)]));
  const asked = utf8("key 7");
  const proof = state.prove(asked);
  assert(proof.siblings.length > 2);
  for (const i of proof.siblings.keys()) {
    const siblings = proof.siblings.map((sibling, at) => at === i ? ZERO_HASH : sibling);
    const same = compareBytes(proof.siblings[i] ?? ZERO_HASH, ZERO_HASH) === 0;
    assertEquals(verifyStateProof(state.root, asked, utf8("7"), { ...proof, siblings }), same);
  }
  const longer = { ...proof, siblings: [...proof.siblings, ZERO_HASH] };
  assert(!verifyStateProof(state.root, asked, utf8("7"), longer));
});

Deno.test("a leaf from another place of the tree proves no absence", () => {
  const state = State.from(Array.from({ length: 50 }, (_, n): Entry => [utf8(`key ${n}`), utf8(`${n}`)]));
  const present = utf8("key 7");
  for (let n = 0; n < 50; n++) {
    const foreign = state.prove(utf8(`key ${n}`));
    assert(!verifyStateProof(state.root, present, undefined, foreign));
  }
});

Deno.test("forks of one state do not see each other, and the parent stays as it is", () => {
  const parent = State.from([[utf8("a"), utf8("1")], [utf8("b"), utf8("2")]]);
  const root = parent.root;
  const left = parent.update([[utf8("a"), utf8("left")]]);
  const right = parent.update([[utf8("b"), undefined]]);
  assertEquals(left.get(utf8("b")), utf8("2"));
  assertEquals(right.get(utf8("a")), utf8("1"));
  assertEquals(right.get(utf8("b")), undefined);
  assertEquals(parent.get(utf8("a")), utf8("1"));
  assertEquals(parent.root, root);
  assertEquals(left.update([[utf8("a"), utf8("1")]]).root, root);
});

Deno.test("writing what is there already gives the same state", () => {
  const state = State.from([[utf8("a"), utf8("1")], [utf8("b"), utf8("2")]]);
  assert(state.update([[utf8("a"), utf8("1")], [utf8("none"), undefined]]) === state);
});

Deno.test("savepoints nest, and a rollback takes back exactly what came after", () => {
  const draft = createDraft(State.from([[utf8("a"), utf8("1")]]));
  draft.put(utf8("b"), utf8("2"));
  const outer = draft.savepoint();
  draft.delete(utf8("a"));
  const inner = draft.savepoint();
  draft.put(utf8("a"), utf8("3"));
  draft.put(utf8("c"), utf8("4"));
  inner.rollback();
  assertEquals(draft.get(utf8("a")), undefined);
  assertEquals(draft.get(utf8("c")), undefined);
  outer.rollback();
  assertEquals(draft.get(utf8("a")), utf8("1"));
  assertEquals(draft.get(utf8("b")), utf8("2"));
  assertEquals(draft.commit().root, State.from([[utf8("a"), utf8("1")], [utf8("b"), utf8("2")]]).root);
});
