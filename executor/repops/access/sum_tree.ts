/**
 * How the parts of a sum are put together (SPEC 3.3 and 4.1): all with plain steps, binary32 in and out.
 *
 * @module
 */
import { ExecutorError } from "../../errors.ts";

/** The part of a sum's tree over groups `first` to `first + count`. The whole sum is the one over all groups. */
export interface Subtree {
  readonly first: number;
  readonly count: number;
}

const { fround } = Math;

/** A group, from its blocks: added to +0 in ascending order. */
export function combineBlocks(blocks: Float32Array): number {
  let sum = 0;
  for (const block of blocks) sum = fround(sum + block);
  return sum;
}

/**
 * The up to `ways` subtrees that a subtree consists of: every one split into its halves, level by level, as long as there is room for all
 * of a level. Subtrees of one group stay.
 *
 * @param ways At least 2; a power of two fills up.
 * @throws {ExecutorError} `bad_request` for an empty subtree or fewer than 2 ways.
 */
export function subtreesOf(whole: Subtree, ways: number): readonly Subtree[] {
  if (whole.count < 1 || ways < 2) {
    throw new ExecutorError("bad_request", `${whole.count} groups cannot be split into ${ways} subtrees.`);
  }
  let level: readonly Subtree[] = [whole];
  while (true) {
    const next = level.flatMap((each) => (each.count === 1 ? [each] : halves(each)));
    if (next.length > ways || next.length === level.length) return level;
    level = next;
  }
}

/**
 * The sum over a subtree, from the sums over the subtrees that {@link subtreesOf} splits it into, for as many ways as there are sums; in
 * particular from all its groups.
 *
 * @throws {ExecutorError} `bad_request` if no level has so many subtrees.
 */
export function combineSubtrees(whole: Subtree, sums: Float32Array): number {
  if (whole.count === 0 && sums.length === 0) return 0;
  if (sums.length === 1) return sums[0] ?? 0;
  const parts = subtreesOf(whole, sums.length);
  if (parts.length !== sums.length) {
    throw new ExecutorError(
      "bad_request",
      `A sum over ${whole.count} groups has no level of ${sums.length} subtrees: the nearest has ${parts.length}.`,
    );
  }
  const over = (part: Subtree): number => {
    const position = parts.findIndex(({ first, count }) => first === part.first && count === part.count);
    if (position >= 0) return sums[position] ?? 0;
    const [a, b] = halves(part);
    return fround(over(a) + over(b));
  };
  return over(whole);
}

/** A tree over n > 1 groups: over the first m, m the largest power of two below n, and over the rest. */
function halves({ first, count }: Subtree): readonly [Subtree, Subtree] {
  let split = 1;
  while (split * 2 < count) split *= 2;
  return [{ first, count: split }, { first: first + split, count: count - split }];
}
