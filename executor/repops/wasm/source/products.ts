/**
 * The inner kernels of a product (SPEC 3.2): `blocks_<precision>` computes tiles of 256 products a time from packed panels,
 * `finish` makes the totals canonical.
 *
 * @module
 */
import type { Precision } from "../../numbers/mod.ts";
import {
  advance,
  apply,
  type Builder,
  defineFunction,
  get,
  int,
  integers,
  load,
  set,
  splatBits,
  store,
  storeFirst,
  type Text,
} from "./builder.ts";
import { COLUMNS, ROWS, UNROLL } from "./packing.ts";
import * as f from "./vector_functions.ts";

const VECTORS = COLUMNS / 4;

/** One accumulation s + a * b. In `high` the product is exact, so that fused and unfused agree and the faster may be used. */
function accumulate(precision: Precision, a: Text, x: Text, sum: Text): Text {
  return precision === "high"
    ? apply("f32x4.relaxed_madd", a, x, sum)
    : apply("f32x4.add", sum, apply("f32x4.mul", a, x));
}

/**
 * `blocks_<precision>(a, b, c, rowPanels, columnPanels, cRow, count, first)`: for every pair of panels the sum over `count` k (at
 * most 256, a multiple of 4), stored to C if `first`, else added to it.
 */
function blocksKernel(precision: Precision): Text {
  const rows = ROWS[precision];
  const parameters = integers("a", "b", "c", "rowPanels", "columnPanels", "cRow", "count", "first");
  return defineFunction({ name: `blocks_${precision}`, parameters }, (b) => {
    ["p", "q", "k", "panels", "o", "tile"].forEach((local) => b.declare(local, "i32"));
    b.declare("factor", "v128");
    const sums = Array.from(
      { length: rows },
      (_, i) => Array.from({ length: VECTORS }, (_, j) => `s${i}_${j}`),
    );
    const operands = Array.from({ length: VECTORS }, (_, j) => `x${j}`);
    [...sums.flat(), ...operands].forEach((local) => b.declare(local, "v128"));
    b.times("columnPanels", () => {
      b.put(set("panels", get("rowPanels")));
      b.put(set("p", get("a")));
      b.put(set("tile", get("c")));
      b.times("panels", () => {
        sums.flat().forEach((sum) => b.put(set(sum, splatBits(0))));
        b.put(set("q", get("b")));
        b.put(set("k", apply("i32.shr_u", get("count"), int(31 - Math.clz32(UNROLL)))));
        b.times("k", () => {
          for (let step = 0; step < UNROLL; step++) {
            productStep(
              b,
              precision,
              step,
              sums,
              operands,
              (row) => `(v128.load32_splat offset=${(step * rows + row) * 4} ${get("p")})`,
            );
          }
          b.put(advance("p", rows * 4 * UNROLL));
          b.put(advance("q", COLUMNS * 4 * UNROLL));
        });
        b.put(set("o", get("tile")));
        b.when(
          get("first"),
          () => storeTile(b, sums, (sum) => sum),
          () => storeTile(b, sums, (sum, old) => apply("f32x4.add", old, sum)),
        );
        b.put(set("tile", get("o")));
      });
      b.put(advance("b", apply("i32.mul", get("count"), int(COLUMNS * 4))));
      b.put(advance("c", COLUMNS * 4));
    });
  });
}

function productStep(
  b: Builder,
  precision: Precision,
  step: number,
  sums: readonly (readonly string[])[],
  operands: readonly string[],
  factorOf: (row: number) => Text,
): void {
  operands.forEach((x, j) => b.put(set(x, load(get("q"), (step * VECTORS + j) * 16))));
  sums.forEach((row, i) => {
    b.put(set("factor", factorOf(i)));
    row.forEach((sum, j) =>
      b.put(set(sum, accumulate(precision, get("factor"), get(operands[j] ?? ""), get(sum))))
    );
  });
}

function storeTile(
  b: Builder,
  sums: readonly (readonly string[])[],
  value: (sum: Text, old: Text) => Text,
): void {
  for (const row of sums) {
    row.forEach((sum, j) => b.put(store(get("o"), value(get(sum), load(get("o"), j * 16)), j * 16)));
    b.put(advance("o", get("cRow")));
  }
}

/**
 * `rows_<precision>(a, aRow, rows, b, c, columnPanels, cRow, count, first)`: as `blocks`, with the factors of A in rows as they lie,
 * unpacked. Rows of a panel beyond the last repeat it. Up to three factors beyond a row's end are read: they meet zeros of B.
 */
function rowsKernel(precision: Precision): Text {
  const lanes = ROWS[precision];
  const parameters = integers("a", "aRow", "rows", "b", "c", "columnPanels", "cRow", "count", "first");
  return defineFunction({ name: `rows_${precision}`, parameters }, (b) => {
    ["q", "k", "panels", "o", "tile", "last", "p"].forEach((local) => b.declare(local, "i32"));
    b.declare("factor", "v128");
    const pointers = Array.from({ length: lanes }, (_, i) => `p${i}`);
    pointers.forEach((pointer) => b.declare(pointer, "i32"));
    const { sums, operands } = declareTile(b, lanes);
    const lastRow = apply("i32.mul", apply("i32.sub", get("rows"), int(1)), get("aRow"));
    b.put(set("last", apply("i32.add", get("a"), lastRow)));
    b.times("columnPanels", () => {
      const padded = apply("i32.add", get("rows"), int(lanes - 1));
      b.put(set("panels", apply("i32.div_u", padded, int(lanes))));
      b.put(set("p", get("a")));
      b.put(set("tile", get("c")));
      b.times("panels", () => {
        sums.flat().forEach((sum) => b.put(set(sum, splatBits(0))));
        pointers.forEach((pointer) => {
          const past = apply("i32.gt_u", get("p"), get("last"));
          b.put(set(pointer, apply("select", get("last"), get("p"), past)));
          b.put(advance("p", get("aRow")));
        });
        b.put(set("q", get("b")));
        b.put(set("k", apply("i32.shr_u", get("count"), int(31 - Math.clz32(UNROLL)))));
        b.times("k", () => {
          for (let step = 0; step < UNROLL; step++) {
            productStep(
              b,
              precision,
              step,
              sums,
              operands,
              (row) => `(v128.load32_splat offset=${step * 4} ${get(pointers[row] ?? "")})`,
            );
          }
          pointers.forEach((pointer) => b.put(advance(pointer, 4 * UNROLL)));
          b.put(advance("q", COLUMNS * 4 * UNROLL));
        });
        b.put(set("o", get("tile")));
        b.when(
          get("first"),
          () => storeTile(b, sums, (sum) => sum),
          () => storeTile(b, sums, (sum, old) => apply("f32x4.add", old, sum)),
        );
        b.put(set("tile", get("o")));
      });
      b.put(advance("b", apply("i32.mul", get("count"), int(COLUMNS * 4))));
      b.put(advance("c", COLUMNS * 4));
    });
  });
}

/** Declares the accumulators of a tile and the operands of one k. */
function declareTile(b: Builder, rows: number) {
  const sums = Array.from(
    { length: rows },
    (_, i) => Array.from({ length: VECTORS }, (_, j) => `s${i}_${j}`),
  );
  const operands = Array.from({ length: VECTORS }, (_, j) => `x${j}`);
  [...sums.flat(), ...operands].forEach((local) => b.declare(local, "v128"));
  return { sums, operands };
}

/** `addVectors(target, source, vectors)`: target + source, rounded: a node of the tree over groups. */
function addKernel(): Text {
  return defineFunction({ name: "addVectors", parameters: integers("target", "source", "vectors") }, (b) => {
    b.times("vectors", () => {
      b.put(store(get("target"), apply("f32x4.add", load(get("target")), load(get("source")))));
      b.put(advance("target", 16));
      b.put(advance("source", 16));
    });
  });
}

/** What `finish` adds to the totals. */
const BIASES = ["none", "row", "column"] as const;
type BiasKind = (typeof BIASES)[number];

/**
 * `finish_<bias>(source, sourceRow, target, targetRow, rows, count, bias)`: totals made canonical and, in two of the forms, a bias
 * added: one for each row, or one for each column. Writes nothing beyond the rows.
 */
function finishKernel(kind: BiasKind): Text {
  const parameters = integers("source", "sourceRow", "target", "targetRow", "rows", "count", "bias");
  return defineFunction({ name: `finish_${kind}`, parameters }, (b) => {
    ["p", "q", "vectors", "rest", "shift"].forEach((local) => b.declare(local, "i32"));
    b.declare("added", "v128");
    const result = () => {
      const x = f.canonical(b, b.vector(load(get("p"))));
      if (kind === "none") return x;
      return f.add(b, x, kind === "row" ? get("added") : load(get("shift")));
    };
    b.put(set("rest", apply("i32.and", get("count"), int(3))));
    b.times("rows", () => {
      b.put(set("p", get("source")));
      b.put(set("q", get("target")));
      b.put(set("shift", get("bias")));
      b.put(set("vectors", apply("i32.shr_u", get("count"), int(2))));
      if (kind === "row") {
        b.put(set("added", apply("v128.load32_splat", get("bias"))));
        b.put(advance("bias", 4));
      }
      b.times("vectors", () => {
        b.put(store(get("q"), result()));
        ["p", "q", "shift"].forEach((pointer) => b.put(advance(pointer, 16)));
      });
      b.when(get("rest"), () => storeFirst(b, "q", b.vector(result()), "rest"));
      b.put(advance("source", get("sourceRow")));
      b.put(advance("target", get("targetRow")));
    });
  });
}

/** Text of all kernels of products. */
export function productKernels(): readonly Text[] {
  const precisions: readonly Precision[] = ["high", "highest"];
  return [
    ...precisions.map(blocksKernel),
    ...precisions.map(rowsKernel),
    addKernel(),
    ...BIASES.map(finishKernel),
  ];
}
