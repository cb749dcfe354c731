/**
 * Elements of a product, faster than the reference and with its bits: each vector becomes factors once, and the sums run over arrays.
 *
 * @module
 */
import { canonical, factor, PRODUCT_BLOCK, PRODUCT_GROUP, treeSum } from "../numbers/mod.ts";
import { type Call, input, type ProductSide, type ProductSums } from "../reference/mod.ts";
import type { Words } from "../values.ts";

/** Bytes of factors that are kept: what the columns of a product of 4096 terms take in one chunk of its output. */
const KEPT_BYTES = 2 ** 28;

/** Computes elements from `start` on into `words`. */
export function productRange(call: Call, sums: ProductSums, start: number, words: Words): Words {
  const left = keptFactors(call, sums.left, sums.terms);
  const right = keptFactors(call, sums.right, sums.terms);
  for (let i = 0; i < words.length; i++) {
    const sum = canonical(sumOfProducts(left(start + i), right(start + i)));
    words[i] = sums.finish(sum, start + i);
  }
  return words;
}

/** The factors of terms `from` to `to` of the vector that enters the element at `index`. */
export function factorsOf(
  call: Call,
  side: ProductSide,
  index: number,
  from: number,
  to: number,
): Float32Array {
  const operand = input(call, side.position);
  const elementOf = side.elementsOf(side.vectorOf(index));
  const factors = new Float32Array(to - from);
  for (let k = from; k < to; k++) {
    const element = elementOf(k);
    if (element !== undefined) factors[k - from] = factor(operand.at(element), call.precision);
  }
  return factors;
}

function keptFactors(call: Call, side: ProductSide, terms: number): (index: number) => Float32Array {
  const kept = new Map<number, Float32Array>();
  return (index) => {
    const vector = side.vectorOf(index);
    const known = kept.get(vector);
    if (known) return known;
    if ((kept.size + 1) * terms * 4 > KEPT_BYTES) kept.clear();
    const factors = factorsOf(call, side, index, 0, terms);
    kept.set(vector, factors);
    return factors;
  };
}

const { fround } = Math;

/** The sum of all products of two vectors of factors, in the order of SPEC 3, not yet canonical. */
function sumOfProducts(a: Float32Array, b: Float32Array): number {
  const perGroup = PRODUCT_BLOCK * PRODUCT_GROUP;
  if (a.length <= perGroup) return groupSum(a, b, 0);
  const groups = new Float32Array(Math.ceil(a.length / perGroup));
  for (let group = 0; group < groups.length; group++) groups[group] = groupSum(a, b, group * perGroup);
  return treeSum(0, groups.length, (group) => groups[group] ?? 0);
}

/** The group of up to 8 blocks that starts at term `from`. */
export function groupSum(a: Float32Array, b: Float32Array, from: number): number {
  const end = Math.min(a.length, from + PRODUCT_BLOCK * PRODUCT_GROUP);
  let sum = 0;
  for (let first = from; first < end; first += PRODUCT_BLOCK) {
    sum = fround(sum + blockSum(a, b, first, Math.min(first + PRODUCT_BLOCK, end)));
  }
  return sum;
}

/** Products `first` to `end`, added to +0 in ascending order. */
function blockSum(a: Float32Array, b: Float32Array, first: number, end: number): number {
  let sum = 0;
  for (let k = first; k < end; k++) sum = fround(sum + fround((a[k] ?? 0) * (b[k] ?? 0)));
  return sum;
}
