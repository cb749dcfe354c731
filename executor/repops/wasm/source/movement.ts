/**
 * Kernels that move words: strided lines, copies of rectangles, transposition.
 *
 * @module
 */
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
  store,
  type Text,
} from "./builder.ts";

/** Rows up to so many bytes are copied vector by vector: a call to copy memory costs as much as some. */
const SHORT_ROW = 512;

/** Copies rows of `bytes` bytes, whole words, from local `source` to local `target`: `rows` is given one of two ways to copy one. */
function copyingRows(b: Builder, rows: (copy: () => void) => void): void {
  ["p", "q", "left"].forEach((local) => b.declare(local, "i32"));
  const copyShort = () => {
    b.put(set("p", get("source")));
    b.put(set("q", get("target")));
    b.put(set("left", apply("i32.shr_u", get("bytes"), int(4))));
    b.times("left", () => {
      b.put(store(get("q"), load(get("p"))));
      ["p", "q"].forEach((pointer) => b.put(advance(pointer, 16)));
    });
    b.put(set("left", apply("i32.and", apply("i32.shr_u", get("bytes"), int(2)), int(3))));
    b.times("left", () => {
      b.put(apply("i32.store", get("q"), apply("i32.load", get("p"))));
      ["p", "q"].forEach((pointer) => b.put(advance(pointer, 4)));
    });
  };
  const copyLong = () => b.put(apply("memory.copy", get("target"), get("source"), get("bytes")));
  b.when(apply("i32.le_u", get("bytes"), int(SHORT_ROW)), () => rows(copyShort), () => rows(copyLong));
}

/** `copyRows(target, targetRow, source, sourceRow, rows, bytes)`: rectangles of bytes, which do not overlap. */
function copyRows(): Text {
  const parameters = integers("target", "targetRow", "source", "sourceRow", "rows", "bytes");
  return defineFunction(
    { name: "copyRows", parameters },
    (b) =>
      copyingRows(b, (copy) =>
        b.times("rows", () => {
          copy();
          b.put(advance("target", get("targetRow")));
          b.put(advance("source", get("sourceRow")));
        })),
  );
}

/**
 * `gatherRows(target, data, indices, outer, count, bytes, size)`: `outer` times row `indices[i]` of the next `size` rows of `bytes` bytes, counted from
 * the end if negative, then limited to the range (SPEC 6.11).
 */
function gatherRows(): Text {
  const parameters = integers("target", "data", "indices", "outer", "count", "bytes", "size");
  return defineFunction({ name: "gatherRows", parameters }, (b) => {
    ["source", "row", "at", "many"].forEach((local) => b.declare(local, "i32"));
    const isNegative = apply("i32.lt_s", get("row"), int(0));
    const last = apply("i32.sub", get("size"), int(1));
    copyingRows(b, (copy) =>
      b.times("outer", () => {
        b.put(set("at", get("indices")));
        b.put(set("many", get("count")));
        b.times("many", () => {
          b.put(set("row", apply("i32.load", get("at"))));
          b.put(
            set("row", apply("select", apply("i32.add", get("row"), get("size")), get("row"), isNegative)),
          );
          b.put(set("row", apply("select", int(0), get("row"), isNegative)));
          b.put(set("row", apply("select", last, get("row"), apply("i32.gt_s", get("row"), last))));
          b.put(set("source", apply("i32.add", get("data"), apply("i32.mul", get("row"), get("bytes")))));
          copy();
          b.put(advance("target", get("bytes")));
          b.put(advance("at", 4));
        });
        b.put(advance("data", apply("i32.mul", get("size"), get("bytes"))));
      }));
  });
}

/** `copyGrid(target, targetRow, targetStep, source, sourceRow, sourceStep, rows, count)`: words by strides in bytes. */
function copyGrid(): Text {
  const parameters = integers(
    "target",
    "targetRow",
    "targetStep",
    "source",
    "sourceRow",
    "sourceStep",
    "rows",
    "count",
  );
  return defineFunction({ name: "copyGrid", parameters }, (b) => {
    ["p", "q", "left"].forEach((local) => b.declare(local, "i32"));
    b.times("rows", () => {
      b.put(set("p", get("source")));
      b.put(set("q", get("target")));
      b.put(set("left", get("count")));
      b.times("left", () => {
        b.put(apply("i32.store", get("q"), apply("i32.load", get("p"))));
        b.put(advance("p", get("sourceStep")));
        b.put(advance("q", get("targetStep")));
      });
      b.put(advance("target", get("targetRow")));
      b.put(advance("source", get("sourceRow")));
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

const shuffle = (kind: keyof typeof SHUFFLES, a: Text, b: Text): Text =>
  `(i8x16.shuffle ${SHUFFLES[kind]} ${a} ${b})`;

/** `transposeTiles(target, targetRow, source, sourceRow, rowTiles, columnTiles)`: tiles of 4 by 4 words. */
function transposeTiles(): Text {
  const parameters = integers("target", "targetRow", "source", "sourceRow", "rowTiles", "columnTiles");
  return defineFunction({ name: "transposeTiles", parameters }, (b) => {
    ["p", "q", "left"].forEach((local) => b.declare(local, "i32"));
    const times = (row: "targetRow" | "sourceRow", n: number) => apply("i32.mul", get(row), int(n));
    b.times("rowTiles", () => {
      b.put(set("p", get("source")));
      b.put(set("q", get("target")));
      b.put(set("left", get("columnTiles")));
      b.times("left", () => {
        const at = (n: number) => b.vector(load(apply("i32.add", get("p"), times("sourceRow", n))));
        const [r0, r1, r2, r3] = [at(0), at(1), at(2), at(3)];
        const low = [b.vector(shuffle("lowOnes", r0, r1)), b.vector(shuffle("lowOnes", r2, r3))] as const;
        const high = [b.vector(shuffle("highOnes", r0, r1)), b.vector(shuffle("highOnes", r2, r3))] as const;
        const columns = [
          shuffle("lowTwos", ...low),
          shuffle("highTwos", ...low),
          shuffle("lowTwos", ...high),
          shuffle("highTwos", ...high),
        ];
        columns.forEach((column, n) =>
          b.put(store(apply("i32.add", get("q"), times("targetRow", n)), column))
        );
        b.put(advance("p", 16));
        b.put(advance("q", times("targetRow", 4)));
      });
      b.put(advance("source", times("sourceRow", 4)));
      b.put(advance("target", 16));
    });
  });
}

/** `fill(target, word, vectors)`. */
function fill(): Text {
  return defineFunction({ name: "fill", parameters: integers("target", "word", "vectors") }, (b) => {
    b.times("vectors", () => {
      b.put(store(get("target"), apply("i32x4.splat", get("word"))));
      b.put(advance("target", 16));
    });
  });
}

/** Text of all kernels that move words. */
export function movementKernels(): readonly Text[] {
  return [copyRows(), gatherRows(), copyGrid(), transposeTiles(), fill()];
}
