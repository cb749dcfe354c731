/**
 * Descending a Merkle tree together: the provider opens a subtree's top into the tops below it, the challenger names the leftmost that
 * differs from its own, until one leaf is left.
 *
 * A root binds its tree's leaf count, a top does not; so the first split is checked against the root, later ones against the chosen top.
 *
 * @module
 */
import {
  combineTops,
  equalBytes,
  type Hash,
  type LeafRange,
  rootOfTop,
  splitRange,
} from "../primitives/mod.ts";
import type { DisputeTree, Stage } from "./records.ts";

/** The stage of a descent. */
export type Descent = Extract<Stage, { kind: "descend" }>;

/** A subtree that was chosen. If its range is one leaf, `top` is that leaf's hash. */
export interface Part {
  readonly range: LeafRange;
  readonly top: Hash;
}

/** The stage in which the whole of a tree is disputed. `count` is at least 1. */
export function startDescent(tree: DisputeTree, root: Hash, count: number): Descent {
  return { kind: "descend", tree, count, from: 0, to: count, expected: root, tops: [] };
}

/** The stage in which a part is disputed. */
export function descendInto(descent: Descent, { range, top }: Part): Descent {
  return { ...descent, from: range.from, to: range.to, expected: top, tops: [] };
}

/** Whether these tops, over `splitRange` of the disputed range, make up what the provider is bound to. */
export function isSplitOf(descent: Descent, tops: readonly Hash[]): boolean {
  const top = combineTops(descent, tops);
  if (top === undefined) return false;
  const whole = descent.from === 0 && descent.to === descent.count;
  return equalBytes(whole ? rootOfTop(top, descent.count) : top, descent.expected);
}

/** The posted part at a position, or `undefined` if there is none. */
export function partAt(descent: Descent, index: number): Part | undefined {
  const range = splitRange(descent)[index], top = descent.tops[index];
  return range === undefined || top === undefined ? undefined : { range, top };
}

/** Most choices that a descent from the root of `count` leaves to one of them takes. */
export function descentRounds(count: number): number {
  let rounds = 0;
  // The first part is always a largest one: the tree splits at the largest power of two.
  for (let size = count; size > 1; rounds++) {
    const first = splitRange({ from: 0, to: size })[0];
    size = first === undefined ? 1 : first.to - first.from;
  }
  return rounds;
}
