/**
 * The state of the ledger at one block: an immutable map from keys to values under one root hash.
 *
 * It is a compact sparse Merkle tree over hashed keys: a key's place is `H("assay/state/key", key)`, read bit by bit from the
 * first; a subtree with one entry is that entry's leaf, an empty one is {@link ZERO_HASH}. An update copies the path it changes
 * and shares the rest, so that blocks on different parents are free forks of one another, and a change costs log n.
 * After "Compact Sparse Merkle Trees" (Haider, 2018, https://eprint.iacr.org/2018/955), with leaves and nodes under distinct tags.
 *
 * Hashes are computed when a root or a proof is first asked for, and kept.
 *
 * @module
 */
import {
  bytes32,
  compareBytes,
  equalBytes,
  type Hash,
  hash,
  hashEach,
  type Infer,
  list,
  nullable,
  record,
  smallBytes,
  ZERO_HASH,
} from "../primitives/mod.ts";
import type { StateReader } from "./table.ts";

interface Leaf {
  readonly path: Hash;
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  hash: Hash | undefined;
}

interface Branch {
  readonly left: Node;
  readonly right: Node;
  hash: Hash | undefined;
}

/** An empty subtree is `null`. */
type Node = Leaf | Branch | null;

/** A key and its value. */
export type StateEntryBytes = readonly [key: Uint8Array, value: Uint8Array];

/** A key and its new value; `undefined` deletes it. */
export type StateChange = readonly [key: Uint8Array, value: Uint8Array | undefined];

/** Tree levels a hashed key can decide: one for each of its bits. */
const MAX_LEVELS = 256;

function isLeaf(node: Leaf | Branch): node is Leaf {
  return "key" in node;
}

/** Paths of the keys of records that the state holds once: one byte long, at most 256 of them, read by every rule. */
const shortPaths: (Hash | undefined)[] = [];

function pathOf(key: Uint8Array): Hash {
  const [first] = key;
  if (key.length !== 1 || first === undefined) return hash("assay/state/key", key);
  return shortPaths[first] ??= hash("assay/state/key", key);
}

/** Bit `level` of a path, from the most significant of the first byte. */
function bitOf(path: Hash, level: number): number {
  return ((path[level >>> 3] ?? 0) >>> (7 - (level & 7))) & 1;
}

function valueHashOf(value: Uint8Array): Hash {
  return hash("assay/state/value", value);
}

function leafHashOf(path: Hash, valueHash: Hash): Hash {
  return hash("assay/state/leaf", path, valueHash);
}

function branchHashOf(left: Hash, right: Hash): Hash {
  return hash("assay/state/node", left, right);
}

/** Hash of a node that is known to have one. */
function knownHash(node: Node): Hash {
  return node?.hash ?? ZERO_HASH;
}

/** What has no hash yet: leaves, and branches by their level. An update leaves the top of the tree without, so below a hash all have one. */
function unhashed(top: Node): { readonly leaves: readonly Leaf[]; readonly levels: readonly Branch[][] } {
  const leaves: Leaf[] = [], levels: Branch[][] = [];
  const visit = (node: Node, level: number) => {
    if (node === null || node.hash !== undefined) return;
    if (isLeaf(node)) {
      leaves.push(node);
      return;
    }
    (levels[level] ??= []).push(node);
    visit(node.left, level + 1);
    visit(node.right, level + 1);
  };
  visit(top, 0);
  return { leaves, levels };
}

/** The hash of a subtree. What it takes is hashed level by level, since several of one length are hashed in the time of one. */
function hashOf(top: Node): Hash {
  const { leaves, levels } = unhashed(top);
  const values = hashEach("assay/state/value", leaves.map(({ value }) => [value]));
  const hashed = hashEach("assay/state/leaf", leaves.map(({ path }, i) => [path, values[i] ?? ZERO_HASH]));
  for (const [i, leaf] of leaves.entries()) leaf.hash = hashed[i];
  for (const level of levels.toReversed()) {
    const nodes = hashEach(
      "assay/state/node",
      level.map(({ left, right }) => [knownHash(left), knownHash(right)]),
    );
    for (const [i, branch] of level.entries()) branch.hash = nodes[i];
  }
  return knownHash(top);
}

/** A branch, or what it collapses to: a lone leaf stands for its whole subtree, so that one content has one shape. */
function join(left: Node, right: Node): Node {
  if (left === null && (right === null || isLeaf(right))) return right;
  if (right === null && left !== null && isLeaf(left)) return left;
  return { left, right, hash: undefined };
}

interface Change {
  readonly path: Hash;
  readonly key: Uint8Array;
  readonly value: Uint8Array | undefined;
}

/** First position in `changes[from, to)` whose path has bit `level` set. They are sorted by path and share the bits above. */
function splitAt(changes: readonly Change[], from: number, to: number, level: number): number {
  let low = from, high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const change = changes[middle];
    if (change !== undefined && bitOf(change.path, level) === 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * A leaf with its bytes side by side, copied: most leaves live much longer than what was made while a block was executed, and would keep
 * alive whatever small byte strings share their memory.
 */
function leafOf(path: Hash, key: Uint8Array, value: Uint8Array): Leaf {
  const own = smallBytes(path.length + key.length + value.length);
  own.set(path);
  own.set(key, path.length);
  own.set(value, path.length + key.length);
  return {
    path: own.subarray(0, path.length),
    key: own.subarray(path.length, path.length + key.length),
    value: own.subarray(path.length + key.length),
    hash: undefined,
  };
}

function sameValue(a: Uint8Array, b: Uint8Array): boolean {
  return a === b || equalBytes(a, b);
}

function applyChanges(
  node: Node,
  changes: readonly Change[],
  from: number,
  to: number,
  level: number,
): Node {
  const first = changes[from];
  if (from === to || first === undefined) return node;
  const only = to - from === 1;
  if (only && (node === null || isLeaf(node) && equalBytes(node.path, first.path))) {
    if (first.value === undefined) return null;
    if (node !== null && isLeaf(node) && sameValue(node.value, first.value)) return node;
    return leafOf(first.path, first.key, first.value);
  }
  if (level >= MAX_LEVELS) {
    throw new RangeError("Two state keys have the same SHA-256, or one was given twice");
  }
  let left: Node = null, right: Node = null;
  if (node !== null && !isLeaf(node)) ({ left, right } = node);
  else if (node !== null && bitOf(node.path, level) === 0) left = node;
  else right = node;
  const middle = splitAt(changes, from, to, level);
  const newLeft = applyChanges(left, changes, from, middle, level + 1);
  const newRight = applyChanges(right, changes, middle, to, level + 1);
  if (node !== null && !isLeaf(node) && newLeft === node.left && newRight === node.right) return node;
  return join(newLeft, newRight);
}

/** The part of a state whose paths begin with certain bits: its hash, {@link ZERO_HASH} if empty, and how many entries it has. */
export interface Subtree {
  readonly top: Hash;
  readonly count: number;
}

/** What stands for the paths that begin with the `depth` bits of `index`. */
function descend(top: Node, depth: number, index: number): Node {
  const bit = (level: number) => index >>> (depth - 1 - level) & 1;
  let node = top;
  for (let level = 0; level < depth && node !== null; level++) {
    if (isLeaf(node)) {
      for (; level < depth; level++) if (bitOf(node.path, level) !== bit(level)) return null;
      return node;
    }
    node = bit(level) === 0 ? node.left : node.right;
  }
  return node;
}

function* entriesOf(top: Node): IterableIterator<StateEntryBytes> {
  const stack: Node[] = [top];
  while (stack.length > 0) {
    const node = stack.pop();
    if (node === undefined || node === null) continue;
    if (isLeaf(node)) yield [node.key, node.value];
    else stack.push(node.right, node.left);
  }
}

function countOf(top: Node): number {
  let count = 0;
  for (const _ of entriesOf(top)) count++;
  return count;
}

/**
 * The root of the state that consists of these subtrees.
 *
 * @param subtrees Those of one depth in order: a power of two of them.
 */
export function rootOfSubtrees(subtrees: readonly Subtree[]): Hash {
  let level = subtrees;
  while (level.length > 1) {
    const above: Subtree[] = [];
    for (let i = 0; i + 1 < level.length; i += 2) {
      const left = level[i], right = level[i + 1];
      if (left !== undefined && right !== undefined) above.push(joinSubtrees(left, right));
    }
    level = above;
  }
  return level[0]?.top ?? ZERO_HASH;
}

/** As {@link join}: a lone leaf stands for its whole subtree. */
function joinSubtrees(left: Subtree, right: Subtree): Subtree {
  if (left.count === 0 && right.count <= 1) return right;
  if (right.count === 0 && left.count === 1) return left;
  return { top: branchHashOf(left.top, right.top), count: left.count + right.count };
}

/** Proof of what a key holds, or that it holds nothing. */
export const StateProof = record("StateProof", {
  /** Hashes of the subtrees beside the path, from the leaf up. */
  siblings: list(bytes32, MAX_LEVELS),
  /** What stands at the end of the path: nothing, or the leaf of some key. */
  leaf: nullable(record("StateProofLeaf", { path: bytes32, valueHash: bytes32 })),
});
/** See {@link StateProof}. */
export type StateProof = Infer<typeof StateProof>;

/** See the module. */
export class State implements StateReader {
  readonly #top: Node;

  private constructor(top: Node) {
    this.#top = top;
  }

  /** The state without entries. */
  static readonly empty: State = new State(null);

  /** The state with these entries, in any order; each key once. */
  static from(entries: Iterable<StateEntryBytes>): State {
    return State.empty.update(entries);
  }

  /** Root hash. Computed on first use. PERF: two hashes for each entry changed since the last root that was computed. */
  get root(): Hash {
    return hashOf(this.#top);
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const path = pathOf(key);
    let node = this.#top;
    for (let level = 0; node !== null && !isLeaf(node); level++) {
      node = bitOf(path, level) === 0 ? node.left : node.right;
    }
    return node !== null && equalBytes(node.path, path) ? node.value : undefined;
  }

  /**
   * The state after some changes; this one stays as it is.
   *
   * @param changes Keys with their new values, `undefined` to delete; each key once. The byte strings are copied.
   */
  update(changes: Iterable<StateChange>): State {
    const sorted = Array.from(changes, ([key, value]): Change => ({ path: pathOf(key), key, value }))
      .sort((a, b) => compareBytes(a.path, b.path));
    const top = applyChanges(this.#top, sorted, 0, sorted.length, 0);
    return top === this.#top ? this : new State(top);
  }

  /** Proof for {@link verifyStateProof} of the key's value, or of its absence. */
  prove(key: Uint8Array): StateProof {
    const path = pathOf(key);
    const siblings: Hash[] = [];
    let node = this.#top;
    for (let level = 0; node !== null && !isLeaf(node); level++) {
      const left = bitOf(path, level) === 0;
      siblings.push(hashOf(left ? node.right : node.left));
      node = left ? node.left : node.right;
    }
    return {
      siblings: siblings.reverse(),
      leaf: node === null ? null : { path: node.path, valueHash: valueHashOf(node.value) },
    };
  }

  /** All entries in the order of their hashed keys: equal states give equal sequences. */
  entries(): IterableIterator<StateEntryBytes> {
    return entriesOf(this.#top);
  }

  /**
   * The subtree of the paths that begin with the `depth` bits of `index`. PERF: walks its entries.
   *
   * @param depth 0 for the whole state, at most 16.
   * @param index In [0, 2^depth).
   */
  subtree(depth: number, index: number): Subtree {
    const node = descend(this.#top, depth, index);
    return { top: hashOf(node), count: countOf(node) };
  }

  /** The entries of {@link subtree}, in the order of their hashed keys. */
  entriesUnder(depth: number, index: number): IterableIterator<StateEntryBytes> {
    return entriesOf(descend(this.#top, depth, index));
  }
}

/**
 * Whether a proof shows that `key` holds `value` under `root`; with `value` undefined, that it holds nothing. The proof
 * has been decoded by its schema, which bounds it. Never throws.
 */
export function verifyStateProof(
  root: Hash,
  key: Uint8Array,
  value: Uint8Array | undefined,
  proof: StateProof,
): boolean {
  const { siblings, leaf } = proof;
  if (siblings.length > MAX_LEVELS || siblings.some((sibling) => sibling.length !== ZERO_HASH.length)) {
    return false;
  }
  const path = pathOf(key);
  if (leaf !== null && leaf.path.length !== path.length) return false;
  const holdsKey = leaf !== null && equalBytes(leaf.path, path);
  if (value === undefined ? holdsKey : !holdsKey || !equalBytes(leaf.valueHash, valueHashOf(value))) {
    return false;
  }
  const depth = siblings.length;
  if (leaf !== null && !sharesBits(leaf.path, path, depth)) return false;
  let top = leaf === null ? ZERO_HASH : leafHashOf(leaf.path, leaf.valueHash);
  for (const [i, sibling] of siblings.entries()) {
    top = bitOf(path, depth - 1 - i) === 0 ? branchHashOf(top, sibling) : branchHashOf(sibling, top);
  }
  return equalBytes(top, root);
}

/** Whether two paths agree in their first `count` bits: else a foreign leaf says nothing about the key. */
function sharesBits(a: Hash, b: Hash, count: number): boolean {
  for (let level = 0; level < count; level++) if (bitOf(a, level) !== bitOf(b, level)) return false;
  return true;
}
