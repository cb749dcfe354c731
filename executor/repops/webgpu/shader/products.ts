/**
 * Shaders of products (SPEC 3): a workgroup computes a tile of the output over one group of 2048 terms; if there are more groups,
 * another shader adds their sums in the order of the tree. `product_texts.ts` has the parameters.
 *
 * @module
 */
import { type Precision, PRODUCT_BLOCK } from "../../numbers/mod.ts";
import { MAP_THREADS } from "./maps.ts";
import { type Form, GROUP_TERMS, type Layout, PUT, startOf, step } from "./product_texts.ts";
import { defineShader, defineVariants, type Shader, type ShaderParts } from "./shader.ts";
import { type Strip, stripParts, stripWidth } from "./strip_products.ts";

/** Terms of k that a tile holds at once: a divisor of the block, and enough to hide the barriers. */
const DEPTH = 16;
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
function termOfTaps(isSpread: boolean): string {
  const place = isSpread
    ? "let row = down / P[13].x; let column = across / P[13].y;"
    : "let row = down; let column = across;";
  const between = "if (row * P[13].x != down || column * P[13].y != across) { return 0u; }";
  return `fn termB(base: u32, k: u32, n: u32) -> u32 {
  let tap = k % P[4].w;
  let place = n % P[2].w;
  let down = (place / P[10].w) * P[11].z + (tap / P[11].y) * P[12].x - P[12].z;
  let across = (place % P[10].w) * P[11].w + (tap % P[11].y) * P[12].y - P[12].w;
  ${place}
  // Places before the first element have wrapped around and are beyond the last one.
  if (down >= 0x80000000u || across >= 0x80000000u || row >= P[10].x || column >= P[10].y) { return 0u; }
  ${isSpread ? between : ""}
  return I1[base + (n / P[2].w) * P[13].z + (k / P[4].w) * P[13].w + row * P[10].y + column];
}`;
}

const LOADERS: Readonly<Record<Layout, string>> = {
  strides: `fn termB(base: u32, k: u32, n: u32) -> u32 { return I1[base + k * P[5].x + n * P[5].y]; }`,
  taps: termOfTaps(false),
  spread: termOfTaps(true),
};

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
    step(precision, form, guardVector, `${vector}(a${i})`, `b${j}`, `s${i}_${j}`);
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
${PUT}`,
    body: `
${startOf(size, size, "columns")}
  let down = thread / ${side}u;
  let across = thread % ${side}u;
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

/** What computes the outputs of a product: a workgroup a tile, or a thread a strip. */
export type Shape = Tile | Strip;

/** Rows and columns of the outputs of a workgroup. */
export function extentOf(shape: Shape): { readonly height: number; readonly width: number } {
  return "size" in shape
    ? { height: shape.size, width: shape.size }
    : { height: shape.down, width: stripWidth(shape) };
}

/** The shader of a product. */
export function productShader(precision: Precision, shape: Shape, layout: Layout): Shader {
  const partsIn = (form: Form) =>
    "size" in shape ? partsOf(precision, shape, layout, form) : stripParts(precision, shape, layout, form);
  const guarded = partsIn("guarded");
  return precision === "highest" ? defineShader(guarded) : defineVariants(partsIn("plain"), guarded);
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
