/**
 * The two orders of summation (SPEC 3 and 4): of a reduction, and of a product.
 *
 * Their partial sums are rounded to binary32 and otherwise left alone; the caller makes the total canonical.
 *
 * @module
 */

/** Lanes of a reduction's block: term i goes to lane i mod 32, as 8 SIMD registers or a GPU subgroup would have it. */
export const REDUCTION_LANES = 32;
/** Terms of a reduction's block. */
export const REDUCTION_BLOCK = 2048;
/** Terms of a product's block, summed in ascending order. */
export const PRODUCT_BLOCK = 256;
/** Blocks of a product's group, added in ascending order. */
export const PRODUCT_GROUP = 8;
/** Longest sum for which no partial sum can overflow. */
export const LONGEST_SUM = 2 ** 26;

const { fround } = Math;

/** The sum of `count` canonical terms in the order of a reduction. */
export function reductionSum(count: number, term: (index: number) => number): number {
  const blocks = Math.ceil(count / REDUCTION_BLOCK);
  return treeSum(0, blocks, (block) => {
    const start = block * REDUCTION_BLOCK;
    return reductionBlock(Math.min(REDUCTION_BLOCK, count - start), (i) => term(start + i));
  });
}

/** One block of a reduction, of up to 2048 terms: 32 lanes, each from +0 in ascending order, then folded in halves. */
export function reductionBlock(count: number, term: (index: number) => number): number {
  const lanes = new Float32Array(REDUCTION_LANES);
  for (let i = 0; i < count; i++) {
    const lane = i % REDUCTION_LANES;
    lanes[lane] = fround((lanes[lane] ?? 0) + term(i));
  }
  for (let half = REDUCTION_LANES / 2; half >= 1; half /= 2) {
    for (let i = 0; i < half; i++) lanes[i] = fround((lanes[i] ?? 0) + (lanes[i + half] ?? 0));
  }
  return lanes[0] ?? 0;
}

/** The sum of `count` products in the order of a matrix product. Each product is rounded to binary32 if it is not exact. */
export function productSum(count: number, product: (k: number) => number): number {
  const blocks = Math.ceil(count / PRODUCT_BLOCK);
  const groups = Math.ceil(blocks / PRODUCT_GROUP);
  return treeSum(0, groups, (group) => productGroup(group, count, product));
}

/** Group `group` of a product: up to 8 blocks added in ascending order. */
export function productGroup(group: number, count: number, product: (k: number) => number): number {
  const first = group * PRODUCT_GROUP;
  const end = Math.min(first + PRODUCT_GROUP, Math.ceil(count / PRODUCT_BLOCK));
  let sum = 0;
  for (let block = first; block < end; block++) sum = fround(sum + productBlock(block, count, product));
  return sum;
}

/** Block `block` of a product: up to 256 products added in ascending order, from +0. */
export function productBlock(block: number, count: number, product: (k: number) => number): number {
  const first = block * PRODUCT_BLOCK;
  const end = Math.min(first + PRODUCT_BLOCK, count);
  let sum = 0;
  for (let k = first; k < end; k++) sum = fround(sum + fround(product(k)));
  return sum;
}

/** The sum of `count` leaves as a binary tree, split at the largest power of two below the count; 0 of none. */
export function treeSum(first: number, count: number, leaf: (index: number) => number): number {
  if (count === 0) return 0;
  if (count === 1) return leaf(first);
  let split = 1;
  while (split * 2 < count) split *= 2;
  return fround(treeSum(first, split, leaf) + treeSum(first + split, count - split, leaf));
}
