/**
 * Products without workgroup memory, for adapters that are software. Those run threads as lanes of the processor's vectors, and every load,
 * from whatever memory, costs as much as some ten products: so a thread computes as many outputs as pay for its loads, a strip of rows by
 * columns, and reads the operands where they lie. The registers of a GPU would not hold that many sums: there tiles are right.
 *
 * What a product is and its parameters are those of `product_texts.ts`, and so are the bits.
 *
 * @module
 */
import { type Precision, PRODUCT_BLOCK } from "../../numbers/mod.ts";
import { type Form, GROUP_TERMS, type Layout, PUT, startOf, step } from "./product_texts.ts";
import type { ShaderParts } from "./shader.ts";

/** Threads of a workgroup, side by side along the columns: lanes of a vector of 256 bits. */
const THREADS = 8;

/** Outputs of a thread: rows, and columns that are as far apart as there are threads. */
export interface Strip {
  readonly down: number;
  readonly each: number;
}

/** The larger a strip, the fewer loads for each product; the smaller, the less waste at edges. */
export const STRIPS = {
  broad: { down: 16, each: 8 },
  narrow: { down: 8, each: 2 },
} as const;

/** Columns of a workgroup. */
export const stripWidth = ({ each }: Strip): number => THREADS * each;

/** How B is read: what is known of a column before its terms are, of a term before its columns are, and the word at both. */
interface Loader {
  readonly declarations: string;
  column(j: number): string;
  /** Before the terms of a block, from `k0` on. */
  readonly first: string;
  /** What the term `k` is in A and B: `inA`, `inB`. */
  readonly term: string;
  /** Between two terms. */
  readonly next: string;
  word(j: number): string;
}

const byStrides: Loader = {
  declarations: "",
  column: (j) => `let column_${j} = baseB + n_${j} * P[5].y;`,
  first: "",
  term: "let inA = k * P[4].y; let inB = k * P[5].x;",
  next: "",
  word: (j) => `I1[column_${j} + inB]`,
};

/** Divisions, which vectors do not have, are done before the terms: taps are counted. */
function byTaps(isSpread: boolean): Loader {
  const place = isSpread
    ? "let row = down / P[13].x; let column = across / P[13].y;"
    : "let row = down; let column = across;";
  const between = isSpread ? "|| row * P[13].x != down || column * P[13].y != across" : "";
  return {
    declarations: `fn wordB(start: u32, down: u32, across: u32) -> u32 {
  ${place}
  // Places before the first element have wrapped around and are beyond the last one.
  let before = ((down | across) & 0x80000000u) != 0u;
  let outside = before || row >= P[10].x || column >= P[10].y ${between};
  return select(I1[start + row * P[10].y + column], 0u, outside);
}`,
    column: (j) => `
  let down_${j} = ((n_${j} % P[2].w) / P[10].w) * P[11].z - P[12].z;
  let across${j} = ((n_${j} % P[2].w) % P[10].w) * P[11].w - P[12].w;
  let column_${j} = baseB + (n_${j} / P[2].w) * P[13].z;`,
    first: `
    var channel = k0 / P[4].w;
    var tapDown = (k0 % P[4].w) / P[11].y;
    var tapAcross = (k0 % P[4].w) % P[11].y;`,
    term: `
      let inA = (tapDown * P[11].y + tapAcross) * P[4].y + channel * P[4].z;
      let inB = channel * P[13].w;
      let stepDown = tapDown * P[12].x;
      let stepAcross = tapAcross * P[12].y;`,
    next: `
      tapAcross = tapAcross + 1u;
      if (tapAcross == P[11].y) { tapAcross = 0u; tapDown = tapDown + 1u; }
      if (tapDown == P[11].x) { tapDown = 0u; channel = channel + 1u; }`,
    word: (j) => `wordB(column_${j} + inB, down_${j} + stepDown, across${j} + stepAcross)`,
  };
}

const LOADERS: Readonly<Record<Layout, Loader>> = {
  strides: byStrides,
  taps: byTaps(false),
  spread: byTaps(true),
};

/** The text of a product over strips. */
export function stripParts(precision: Precision, strip: Strip, layout: Layout, form: Form): ShaderParts {
  const { down, each } = strip, loader = LOADERS[layout];
  const rows = Array.from({ length: down }, (_, i) => i), columns = Array.from({ length: each }, (_, j) => j);
  const inRow = (write: (j: number) => string) => columns.map(write).join(" ");
  const inColumn = (write: (i: number) => string) => rows.map(write).join("\n      ");
  const every = (write: (i: number, j: number) => string) => inColumn((i) => inRow((j) => write(i, j)));
  return {
    name: `product ${precision} ${down}x${stripWidth(strip)} ${layout}`,
    inputs: 3,
    outputs: 1,
    threads: THREADS,
    declarations: `${loader.declarations}\n${PUT}`,
    // Rows and columns beyond the edges read the last one, and are not put.
    body: `
${startOf(down, stripWidth(strip), "rows")}
  ${inColumn((i) => `let row${i} = baseA + min(m0 + ${i}u, P[1].x - 1u) * P[4].x;`)}
  ${inRow((j) => `let n_${j} = min(n0 + thread + ${j * THREADS}u, P[1].y - 1u); ${loader.column(j)}`)}
  var sums: array<f32, ${down * each}>;
  for (var k0 = split * ${GROUP_TERMS}u; k0 < end; k0 = k0 + ${PRODUCT_BLOCK}u) {
    ${every((i, j) => `var s${i}_${j} = 0.0;`)}
    let blockEnd = min(end, k0 + ${PRODUCT_BLOCK}u);
    ${loader.first}
    for (var k = k0; k < blockEnd; k = k + 1u) {
      ${loader.term}
      ${inRow((j) => `let b${j} = factor_${precision}(${loader.word(j)});`)}
      ${
      inColumn((i) =>
        `let a${i} = factor_${precision}(I0[row${i} + inA]); ${
          inRow((j) => step(precision, form, "guard", `a${i}`, `b${j}`, `s${i}_${j}`))
        }`
      )
    }
      ${loader.next}
    }
    ${every((i, j) => `sums[${i * each + j}] = plus(sums[${i * each + j}], s${i}_${j});`)}
  }
  // A loop, since drivers are slow to compile what is written out once for each output.
  for (var q = 0u; q < ${down * each}u + P[0].x; q = q + 1u) {
    put(batch, split, m0 + q / ${each}u, n0 + thread + (q % ${each}u) * ${THREADS}u, sums[q]);
  }`,
  };
}
