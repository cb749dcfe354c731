/**
 * Kernels that move words: strided lines, copies of rectangles, transposition.
 *
 * @module
 */
import * as w from "./builder.ts";

/** Rows up to so many bytes are copied vector by vector: a call to copy memory costs as much as some. */
const SHORT_ROW = 512;

/** Copies rows of `bytes` bytes, whole words, from local `source` to local `target`: `rows` is given one of two ways to copy one. */
function copyingRows(b: w.Builder, rows: (copy: () => void) => void): void {
  ["p", "q", "left"].forEach((local) => b.declare(local, "i32"));
  const copyShort = () => {
    b.put(w.set("p", w.get("source")));
    b.put(w.set("q", w.get("target")));
    b.put(w.set("left", w.apply("i32.shr_u", w.get("bytes"), w.int(4))));
    b.times("left", () => {
      b.put(w.store(w.get("q"), w.load(w.get("p"))));
      ["p", "q"].forEach((pointer) => b.put(w.advance(pointer, 16)));
    });
    b.put(w.set("left", w.apply("i32.and", w.apply("i32.shr_u", w.get("bytes"), w.int(2)), w.int(3))));
    b.times("left", () => {
      b.put(w.apply("i32.store", w.get("q"), w.apply("i32.load", w.get("p"))));
      ["p", "q"].forEach((pointer) => b.put(w.advance(pointer, 4)));
    });
  };
  const copyLong = () => b.put(w.apply("memory.copy", w.get("target"), w.get("source"), w.get("bytes")));
  b.when(w.apply("i32.le_u", w.get("bytes"), w.int(SHORT_ROW)), () => rows(copyShort), () => rows(copyLong));
}

/** `copyRows(target, targetRow, source, sourceRow, rows, bytes)`: rectangles of bytes, which do not overlap. */
function copyRows(): w.Text {
  const parameters = w.integers("target", "targetRow", "source", "sourceRow", "rows", "bytes");
  return w.defineFunction(
    { name: "copyRows", parameters },
    (b) =>
      copyingRows(b, (copy) =>
        b.times("rows", () => {
          copy();
          b.put(w.advance("target", w.get("targetRow")));
          b.put(w.advance("source", w.get("sourceRow")));
        })),
  );
}

/**
 * `gatherRows(target, data, indices, outer, count, bytes, size)`: `outer` times row `indices[i]` of the next `size` rows of `bytes` bytes, counted from
 * the end if negative, then limited to the range (SPEC 6.11).
 */
function gatherRows(): w.Text {
  const parameters = w.integers("target", "data", "indices", "outer", "count", "bytes", "size");
  return w.defineFunction({ name: "gatherRows", parameters }, (b) => {
    ["source", "row", "at", "many"].forEach((local) => b.declare(local, "i32"));
    const isNegative = w.apply("i32.lt_s", w.get("row"), w.int(0));
    const last = w.apply("i32.sub", w.get("size"), w.int(1));
    copyingRows(b, (copy) =>
      b.times("outer", () => {
        b.put(w.set("at", w.get("indices")));
        b.put(w.set("many", w.get("count")));
        b.times("many", () => {
          b.put(w.set("row", w.apply("i32.load", w.get("at"))));
          b.put(
            w.set(
              "row",
              w.apply("select", w.apply("i32.add", w.get("row"), w.get("size")), w.get("row"), isNegative),
            ),
          );
          b.put(w.set("row", w.apply("select", w.int(0), w.get("row"), isNegative)));
          b.put(w.set("row", w.apply("select", last, w.get("row"), w.apply("i32.gt_s", w.get("row"), last))));
          b.put(
            w.set(
              "source",
              w.apply("i32.add", w.get("data"), w.apply("i32.mul", w.get("row"), w.get("bytes"))),
            ),
          );
          copy();
          b.put(w.advance("target", w.get("bytes")));
          b.put(w.advance("at", 4));
        });
        b.put(w.advance("data", w.apply("i32.mul", w.get("size"), w.get("bytes"))));
      }));
  });
}

/** `copyGrid(target, targetRow, targetStep, source, sourceRow, sourceStep, rows, count)`: words by strides in bytes. */
function copyGrid(): w.Text {
  const parameters = w.integers(
    "target",
    "targetRow",
    "targetStep",
    "source",
    "sourceRow",
    "sourceStep",
    "rows",
    "count",
  );
  return w.defineFunction({ name: "copyGrid", parameters }, (b) => {
    ["p", "q", "left"].forEach((local) => b.declare(local, "i32"));
    b.times("rows", () => {
      b.put(w.set("p", w.get("source")));
      b.put(w.set("q", w.get("target")));
      b.put(w.set("left", w.get("count")));
      b.times("left", () => {
        b.put(w.apply("i32.store", w.get("q"), w.apply("i32.load", w.get("p"))));
        b.put(w.advance("p", w.get("sourceStep")));
        b.put(w.advance("q", w.get("targetStep")));
      });
      b.put(w.advance("target", w.get("targetRow")));
      b.put(w.advance("source", w.get("sourceRow")));
    });
  });
}

/** Words of two vectors side by side: the low or the high pairs, interleaved by one or by two. */
const SHUFFLES = {
  lowOnes: "0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23",
  highOnes: "8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31",
  lowTwos: "0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23",
  highTwos: "8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31",
} as const;

const shuffle = (kind: keyof typeof SHUFFLES, a: w.Text, b: w.Text): w.Text =>
  `(i8x16.shuffle ${SHUFFLES[kind]} ${a} ${b})`;

/** Tiles side by side that are transposed together, down all rows: then what they write are lines of caches that are soon whole. */
const STRIP = 2;

/** `transposeTiles(target, targetRow, source, sourceRow, rowTiles, columnTiles)`: tiles of 4 by 4 words. */
function transposeTiles(): w.Text {
  const parameters = w.integers("target", "targetRow", "source", "sourceRow", "rowTiles", "columnTiles");
  return w.defineFunction({ name: "transposeTiles", parameters }, (b) => {
    ["p", "q", "strips", "across", "left", "down"].forEach((local) => b.declare(local, "i32"));
    const rowsOf = (row: "targetRow" | "sourceRow") =>
      [1, 2, 3, 4].map((n) => b.integer(w.apply("i32.mul", w.get(row), w.int(n))));
    const [sourceRows, targetRows] = [rowsOf("sourceRow"), rowsOf("targetRow")];
    const fourRows = (rows: readonly w.Text[]) => rows[3] ?? "";
    b.put(
      w.set(
        "strips",
        w.apply("i32.div_u", w.apply("i32.add", w.get("columnTiles"), w.int(STRIP - 1)), w.int(STRIP)),
      ),
    );
    b.times("strips", () => {
      const isWhole = w.apply("i32.gt_s", w.get("columnTiles"), w.int(STRIP));
      b.put(w.set("across", w.apply("select", w.int(STRIP), w.get("columnTiles"), isWhole)));
      b.put(w.set("columnTiles", w.apply("i32.sub", w.get("columnTiles"), w.get("across"))));
      b.put(w.set("down", w.get("rowTiles")));
      b.put(w.set("p", w.get("source")));
      b.put(w.set("q", w.get("target")));
      b.times("down", () => {
        b.put(w.set("left", w.get("across")));
        b.times("left", () => {
          transposeTile(b, sourceRows, targetRows);
          b.put(w.advance("p", 16));
          b.put(w.advance("q", fourRows(targetRows)));
        });
        // Back to the strip's beginning, a tile further down.
        b.put(
          w.advance(
            "p",
            w.apply("i32.sub", fourRows(sourceRows), w.apply("i32.shl", w.get("across"), w.int(4))),
          ),
        );
        const back = w.apply("i32.mul", w.get("across"), fourRows(targetRows));
        b.put(w.set("q", w.apply("i32.sub", w.apply("i32.add", w.get("q"), w.int(16)), back)));
      });
      b.put(w.advance("source", w.apply("i32.shl", w.get("across"), w.int(4))));
      b.put(w.advance("target", w.apply("i32.mul", w.get("across"), fourRows(targetRows))));
    });
  });
}

/** One tile, from local `p` to local `q`, with the bytes to the next rows on both sides. */
function transposeTile(b: w.Builder, sourceRows: readonly w.Text[], targetRows: readonly w.Text[]): void {
  const below = (pointer: string, rows: readonly w.Text[], n: number) =>
    n === 0 ? w.get(pointer) : w.apply("i32.add", w.get(pointer), rows[n - 1] ?? "");
  const at = (n: number) => b.vector(w.load(below("p", sourceRows, n)));
  const [r0, r1, r2, r3] = [at(0), at(1), at(2), at(3)];
  const low = [b.vector(shuffle("lowOnes", r0, r1)), b.vector(shuffle("lowOnes", r2, r3))] as const;
  const high = [b.vector(shuffle("highOnes", r0, r1)), b.vector(shuffle("highOnes", r2, r3))] as const;
  const columns = [
    shuffle("lowTwos", ...low),
    shuffle("highTwos", ...low),
    shuffle("lowTwos", ...high),
    shuffle("highTwos", ...high),
  ];
  columns.forEach((column, n) => b.put(w.store(below("q", targetRows, n), column)));
}

/** `fill(target, word, vectors)`. */
function fill(): w.Text {
  return w.defineFunction({ name: "fill", parameters: w.integers("target", "word", "vectors") }, (b) => {
    b.times("vectors", () => {
      b.put(w.store(w.get("target"), w.apply("i32x4.splat", w.get("word"))));
      b.put(w.advance("target", 16));
    });
  });
}

/** Text of all kernels that move words. */
export function movementKernels(): readonly w.Text[] {
  return [copyRows(), gatherRows(), copyGrid(), transposeTiles(), fill()];
}
