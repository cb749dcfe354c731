/**
 * What the shaders of products have in common: parameters, where a workgroup stands, where a sum goes.
 *
 * A product is C[m, n] = sum over k of A[m, k] B[k, n]. Where an element of B lies is either a matter of strides, or, for a
 * convolution, of taps: then k = (channel, tap row, tap column) and n = (image, output row, output column).
 *
 * Parameters:
 *
 * | vector   | words                                                                                        |
 * | -------- | -------------------------------------------------------------------------------------------- |
 * | P[0]     | 0, workgroups, first workgroup, K                                                            |
 * | P[1]     | M, N, tiles along N, tiles along M                                                           |
 * | P[2]     | groups of terms, elements of the output, bias (0 none, 1 by column, 2 by row), columns of a plane of C |
 * | P[3]     | distances in C: of rows, of planes, of batches; number of batch axes                         |
 * | P[4]     | distances in A: of rows, of k within a channel's taps, of channels; taps of a channel        |
 * | P[5]     | distances in B: of k, of columns                                                             |
 * | P[6..9]  | batch axes, outermost first: size, distance in A, distance in B                              |
 * | P[10..13] | convolution: input size, output size; kernel, strides; dilations, padding; zeros between elements, image, channel |
 * | P[14]    | first batch, row, column of the part that is computed; rows of the whole                      |
 * | P[15]    | rows and columns of the part                                                                  |
 *
 * M and N end the part: they are counted from the whole's first row and column. Sums of groups lie as batch, row, column of the part.
 *
 * @module
 */
import { type Precision, PRODUCT_BLOCK, PRODUCT_GROUP } from "../../numbers/mod.ts";

/** Terms of a group. */
export const GROUP_TERMS = PRODUCT_BLOCK * PRODUCT_GROUP;

/** Where B's elements lie: `taps` are those of a convolution, `spread` those of one with zeros between the input's elements. */
export type Layout = "strides" | "taps" | "spread";

/** How a step of the sum is written: `plain` relies on `fma` or on exactness, `guarded` on nothing. */
export type Form = "plain" | "guarded";

/**
 * s = s + a b, a step of SPEC 3.3.
 *
 * @param guard The guard of such values.
 */
export function step(
  precision: Precision,
  form: Form,
  guard: string,
  a: string,
  b: string,
  s: string,
): string {
  if (precision === "highest") return `${s} = ${guard}(${s} + ${guard}(${a} * ${b}));`;
  return form === "plain" ? `${s} = fma(${a}, ${b}, ${s});` : `${s} = ${guard}(fma(${a}, ${b}, ${s}));`;
}

/**
 * Where a workgroup stands that computes `height` by `width` outputs: `m0`, `n0`, `split`, `batch`, `baseA`, `baseB`; and the `end` of its terms.
 *
 * @param fastest The axis along which one workgroup follows another: what they read of the other operand stays in the caches.
 */
export function startOf(height: number, width: number, fastest: "rows" | "columns"): string {
  const [across, down] = fastest === "columns"
    ? ["group % P[1].z", "(group / P[1].z) % P[1].w"]
    : ["(group / P[1].w) % P[1].z", "group % P[1].w"];
  return `
  if (group >= P[0].y) { return; }
  let n0 = P[14].z + (${across}) * ${width}u;
  let m0 = P[14].y + (${down}) * ${height}u;
  let split = (group / (P[1].z * P[1].w)) % P[2].x;
  let batch = P[14].x + group / (P[1].z * P[1].w * P[2].x);
  var baseA = 0u;
  var baseB = 0u;
  var rest = batch;
  for (var axis = P[3].w; axis > 0u; axis = axis - 1u) {
    let size = P[5u + axis];
    baseA += (rest % size.x) * size.y;
    baseB += (rest % size.x) * size.z;
    rest = rest / size.x;
  }
  let end = min(P[0].w, (split + 1u) * ${GROUP_TERMS}u);`;
}

/** A function that finishes a sum: to the output if it is whole, to its place among the sums of groups if not. Beyond the edges it does nothing. */
export const PUT = `fn put(batch: u32, split: u32, m: u32, n: u32, sum: f32) {
  if (m >= P[1].x || n >= P[1].y) { return; }
  if (P[2].x > 1u) {
    let own = ((batch - P[14].x) * P[15].x + m - P[14].y) * P[15].y + n - P[14].z;
    O0[split * P[2].y + own] = bitcast<u32>(sum);
    return;
  }
  let at = batch * P[3].z + m * P[3].x + (n / P[2].w) * P[3].y + n % P[2].w;
  var result = canonical(sum);
  if (P[2].z == 1u) { result = add(result, bitcast<f32>(I2[n])); }
  if (P[2].z == 2u) { result = add(result, bitcast<f32>(I2[batch * P[14].w + m])); }
  O0[at] = bitcast<u32>(result);
}`;
