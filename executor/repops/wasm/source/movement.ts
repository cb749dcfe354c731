/**
 * Kernels that move words: strided lines, copies of rectangles, transposition.
 *
 * @module
 */
import {
  advance,
  apply,
  defineFunction,
  get,
  int,
  integers,
  load,
  set,
  store,
  type Text,
} from "./builder.ts";

/** `copyRows(target, targetRow, source, sourceRow, rows, bytes)`: rectangles of bytes. */
function copyRows(): Text {
  const parameters = integers("target", "targetRow", "source", "sourceRow", "rows", "bytes");
  return defineFunction({ name: "copyRows", parameters }, (b) => {
    b.times("rows", () => {
      b.put(apply("memory.copy", get("target"), get("source"), get("bytes")));
      b.put(advance("target", get("targetRow")));
      b.put(advance("source", get("sourceRow")));
    });
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
  return [copyRows(), copyGrid(), transposeTiles(), fill()];
}
