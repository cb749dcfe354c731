/**
 * Shaders of products (SPEC 3): a workgroup computes a tile of the output over one group of 2048 terms; if there are more groups,
 * another shader adds their sums in the order of the tree.
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
import { MAP_THREADS } from "./maps.ts";
import { defineShader, defineVariants, type Shader, type ShaderParts } from "./shader.ts";

/** Terms of k that a tile holds at once: a divisor of the block, and enough to hide the barriers. */
const DEPTH = 16;
/** Terms of a group. */
export const GROUP_TERMS = PRODUCT_BLOCK * PRODUCT_GROUP;
/** Batch axes that the parameters have room for. */
export const BATCH_AXES = 4;
/** Groups that a sum of 2^26 terms has, as a power of two, and one more. */
const WAITING = 17;

/** A tile: `size` by `size` outputs, `each` by `each` of them for a thread. */
export interface Tile {
  readonly size: number;
  readonly each: number;
}

/** The larger a tile, the more work for each word read; the smaller, the less waste at edges and the more threads kept busy. */
export const TILES = {
  large: { size: 64, each: 8 },
  medium: { size: 32, each: 4 },
  small: { size: 16, each: 2 },
} as const;
/** Where B's elements lie. */
export type Layout = "strides" | "taps";

const LOADERS: Readonly<Record<Layout, string>> = {
  strides: `fn termB(base: u32, k: u32, n: u32) -> u32 { return I1[base + k * P[5].x + n * P[5].y]; }`,
  taps: `fn termB(base: u32, k: u32, n: u32) -> u32 {
  let tap = k % P[4].w;
  let place = n % P[2].w;
  let down = (place / P[10].w) * P[11].z + (tap / P[11].y) * P[12].x - P[12].z;
  let across = (place % P[10].w) * P[11].w + (tap % P[11].y) * P[12].y - P[12].w;
  let row = down / P[13].x;
  let column = across / P[13].y;
  // Places before the first element have wrapped around and are beyond the last one.
  let outside = down >= 0x80000000u || across >= 0x80000000u || row >= P[10].x || column >= P[10].y;
  if (outside || row * P[13].x != down || column * P[13].y != across) { return 0u; }
  return I1[base + (n / P[2].w) * P[13].z + (k / P[4].w) * P[13].w + row * P[10].y + column];
}`,
};

/** How a step of the sum is written: `plain` relies on `fma` or on exactness, `guarded` on nothing. */
type Form = "plain" | "guarded";

function step(precision: Precision, form: Form, a: string, b: string, s: string): string {
  if (precision === "highest") return `${s} = guard4(${s} + guard4(${a} * ${b}));`;
  return form === "plain" ? `${s} = fma(${a}, ${b}, ${s});` : `${s} = guard4(fma(${a}, ${b}, ${s}));`;
}

/** Columns of a thread in vectors of up to four. */
function widthOf(tile: Tile) {
  const width = Math.min(4, tile.each);
  return { width, vectors: tile.each / width, vector: `vec${width}<f32>` };
}

function partsOf(precision: Precision, tile: Tile, layout: Layout, form: Form): ShaderParts {
  const { size, each } = tile;
  const { width, vectors, vector } = widthOf(tile);
  const side = size / each;
  const threads = side * side;
  const rows = Array.from({ length: each }, (_, i) => i);
  const columns = Array.from({ length: vectors }, (_, j) => j);
  const every = (write: (i: number, j: number) => string) =>
    rows.map((i) => columns.map((j) => write(i, j)).join(" ")).join("\n    ");
  const guardVector = width === 4 ? "guard4" : "guard2";
  const stepText = (i: number, j: number) =>
    step(precision, form, `${vector}(a${i})`, `b${j}`, `s${i}_${j}`).replaceAll("guard4", guardVector);
  return {
    name: `product ${precision} ${size} ${layout}`,
    inputs: 3,
    outputs: 1,
    threads,
    declarations: `
var<workgroup> tileA: array<f32, ${DEPTH * size}>;
var<workgroup> tileB: array<${vector}, ${(DEPTH * size) / width}>;
fn guard2(x: vec2<f32>) -> vec2<f32> { return bitcast<vec2<f32>>(bitcast<vec2<u32>>(x) ^ vec2<u32>(P[0].x)); }
${LOADERS[layout]}
fn termA(base: u32, m: u32, k: u32) -> u32 {
  return I0[base + m * P[4].x + (k % P[4].w) * P[4].y + (k / P[4].w) * P[4].z];
}
fn factorB(base: u32, k: u32, n: u32, end: u32) -> f32 {
  if (k >= end || n >= P[1].y) { return 0.0; }
  return factor_${precision}(termB(base, k, n));
}
fn put(batch: u32, split: u32, m: u32, n: u32, sum: f32) {
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
}`,
    body: `
  if (group >= P[0].y) { return; }
  let n0 = P[14].z + (group % P[1].z) * ${size}u;
  let m0 = P[14].y + ((group / P[1].z) % P[1].w) * ${size}u;
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
  let down = thread / ${side}u;
  let across = thread % ${side}u;
  let end = min(P[0].w, (split + 1u) * ${GROUP_TERMS}u);
  ${every((i, j) => `var t${i}_${j} = ${vector}(0.0); var s${i}_${j} = ${vector}(0.0);`)}
  for (var k0 = split * ${GROUP_TERMS}u; k0 < end; k0 = k0 + ${DEPTH}u) {
    for (var q = thread; q < ${DEPTH * size}u + P[0].x; q = q + ${threads}u) {
      let k = k0 + q % ${DEPTH}u;
      let m = m0 + q / ${DEPTH}u;
      var value = 0.0;
      if (m < P[1].x && k < end) { value = factor_${precision}(termA(baseA, m, k)); }
      tileA[(q % ${DEPTH}u) * ${size}u + q / ${DEPTH}u] = value;
    }
    for (var q = thread; q < ${(DEPTH * size) / width}u + P[0].x; q = q + ${threads}u) {
      let n = n0 + (q % ${size / width}u) * ${width}u;
      let k = k0 + q / ${size / width}u;
      tileB[q] = ${vector}(${
      Array.from({ length: width }, (_, x) => `factorB(baseB, k, n + ${x}u, end)`).join(", ")
    });
    }
    workgroupBarrier();
    for (var k = 0u; k < ${DEPTH}u + P[0].x; k = k + 1u) {
      ${columns.map((j) => `let b${j} = tileB[k * ${size / width}u + across + ${j * side}u];`).join(" ")}
      ${rows.map((i) => `let a${i} = tileA[k * ${size}u + down * ${each}u + ${i}u];`).join(" ")}
      ${every(stepText)}
    }
    workgroupBarrier();
    if ((k0 + ${DEPTH}u) % ${PRODUCT_BLOCK}u == 0u || k0 + ${DEPTH}u >= end) {
      ${every((i, j) => `t${i}_${j} = ${guardVector}(t${i}_${j} + s${i}_${j}); s${i}_${j} = ${vector}(0.0);`)}
    }
  }
  // A loop, since drivers are slow to compile what is written out once for each output.
  var sums: array<${vector}, ${each * vectors}>;
  ${every((i, j) => `sums[${i * vectors + j}] = t${i}_${j};`)}
  for (var q = 0u; q < ${each * each}u + P[0].x; q = q + 1u) {
    let m = m0 + down * ${each}u + q / ${each}u;
    let n = n0 + (across + ((q % ${each}u) / ${width}u) * ${side}u) * ${width}u + q % ${width}u;
    put(batch, split, m, n, sums[q / ${width}u][q % ${width}u]);
  }`,
  };
}

/** The shader of a product. */
export function productShader(precision: Precision, tile: Tile, layout: Layout): Shader {
  const guarded = partsOf(precision, tile, layout, "guarded");
  if (precision === "highest") return defineShader(guarded);
  return defineVariants(partsOf(precision, tile, layout, "plain"), guarded);
}

/**
 * Adds the sums of groups, which lie `P[0].y` words apart; `P[0].w` of them for each element of the part. `P[2]`, `P[3]`, `P[14]` and
 * `P[15]` are those of the product.
 */
export const GROUP_TREE: Shader = defineShader({
  name: "group tree",
  inputs: 1,
  outputs: 1,
  threads: MAP_THREADS,
  body: `
  let index = group * ${MAP_THREADS}u + thread;
  if (index >= P[0].y) { return; }
  var waiting: array<f32, ${WAITING}>;
  var level = 0u;
  for (var i = 0u; i < P[0].w; i = i + 1u) {
    waiting[level] = bitcast<f32>(I0[i * P[0].y + index]);
    level = level + 1u;
    for (var bits = i + 1u; (bits & 1u) == 0u; bits = bits >> 1u) {
      level = level - 1u;
      waiting[level - 1u] = plus(waiting[level - 1u], waiting[level]);
    }
  }
  for (; level > 1u; level = level - 1u) {
    waiting[level - 2u] = plus(waiting[level - 2u], waiting[level - 1u]);
  }
  let batch = P[14].x + index / (P[15].x * P[15].y);
  let m = P[14].y + (index / P[15].y) % P[15].x;
  let n = P[14].z + index % P[15].y;
  let at = batch * P[3].z + m * P[3].x + (n / P[2].w) * P[3].y + n % P[2].w;
  O0[at] = bitcast<u32>(canonical(waiting[0]));`,
});
