/**
 * MaxPool and its gradient where windows of 2 by 2 tile the planes (SPEC 6.6), four windows at a time.
 *
 * Rows have four windows at least. The last four windows of a row may be some that the vectors before them had already: they are
 * computed again, to the same values.
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
import * as f from "./vector_functions.ts";

/** Bytes of a vector. */
const VECTOR = 16;

/** Words of two vectors by their places: 0 to 3 are of the first, 4 to 7 of the second. */
function shuffle(b: Builder, first: Text, second: Text, places: readonly number[]): Text {
  const bytes = places.flatMap((place) => [0, 1, 2, 3].map((byte) => place * 4 + byte)).join(" ");
  return b.vector(`(i8x16.shuffle ${bytes} ${first} ${second})`);
}

const evens = (b: Builder, first: Text, second: Text) => shuffle(b, first, second, [0, 2, 4, 6]);
const odds = (b: Builder, first: Text, second: Text) => shuffle(b, first, second, [1, 3, 5, 7]);
/** The first two words, or the last two, each twice. */
const lowTwice = (b: Builder, x: Text) => shuffle(b, x, x, [0, 0, 1, 1]);
const highTwice = (b: Builder, x: Text) => shuffle(b, x, x, [2, 2, 3, 3]);

/**
 * Visits the windows of `rows` rows of `count` windows, four at a time. Pointers in `small` move by a word for each window, those in
 * `large` by two; after a row those in `large` skip the second line of its windows.
 */
function eachFourWindows(
  b: Builder,
  small: readonly string[],
  large: readonly string[],
  visit: () => void,
): void {
  b.declare("left", "i32");
  b.declare("step", "i32");
  b.times("rows", () => {
    b.put(set("left", get("count")));
    b.put(`(block $rowDone (loop $row (br_if $rowDone (i32.le_s ${get("left")} (i32.const 0)))`);
    visit();
    // Short of four windows the next visit begins earlier, so that it ends with the row.
    b.put(set("left", apply("i32.sub", get("left"), int(4))));
    b.put(set("step", int(4)));
    const short = apply("i32.lt_u", apply("i32.sub", get("left"), int(1)), int(3));
    b.when(short, () => {
      b.put(set("step", get("left")));
      b.put(set("left", int(4)));
    });
    for (const pointer of small) b.put(advance(pointer, apply("i32.shl", get("step"), int(2))));
    for (const pointer of large) b.put(advance(pointer, apply("i32.shl", get("step"), int(3))));
    b.put("(br $row)))");
    for (const pointer of large) b.put(advance(pointer, apply("i32.shl", get("count"), int(3))));
  });
}

/** `maxPoolTiles(y, x, rows, count)`: y[i] is the greatest of window i. */
function maxPoolTiles(): Text {
  return defineFunction({ name: "maxPoolTiles", parameters: integers("y", "x", "rows", "count") }, (b) => {
    b.declare("below", "i32");
    eachFourWindows(b, ["y"], ["x"], () => {
      b.put(set("below", apply("i32.add", get("x"), apply("i32.shl", get("count"), int(3)))));
      const taller = (offset: number) =>
        f.greater(b, b.vector(load(get("x"), offset)), b.vector(load(get("below"), offset)));
      const [low, high] = [taller(0), taller(VECTOR)];
      b.put(store(get("y"), f.greater(b, evens(b, low, high), odds(b, low, high))));
    });
  });
}

/**
 * `maxPoolTilesGradient(dx, x, y, dy, rows, count)`: each element that equals its window's maximum has the window's gradient divided by
 * their number; the others have 0.
 */
function maxPoolTilesGradient(): Text {
  const parameters = integers("dx", "x", "y", "dy", "rows", "count");
  return defineFunction({ name: "maxPoolTilesGradient", parameters }, (b) => {
    b.declare("below", "i32");
    b.declare("under", "i32");
    eachFourWindows(b, ["y", "dy"], ["x", "dx"], () => {
      const line = apply("i32.shl", get("count"), int(3));
      b.put(set("below", apply("i32.add", get("x"), line)));
      b.put(set("under", apply("i32.add", get("dx"), line)));
      const y = b.vector(load(get("y")));
      const tops = [lowTwice(b, y), highTwice(b, y)] as const;
      const equal = (pointer: string) =>
        tops.map((top, i) => b.vector(apply("f32x4.eq", load(get(pointer), i * VECTOR), top)));
      const [first, second] = [equal("x"), equal("below")];
      // A mask is -1 as an integer: its sum is the number of maxima, negated.
      const columns = [0, 1].map((i) => b.vector(apply("i32x4.add", first[i] ?? "", second[i] ?? "")));
      const [low = "", high = ""] = columns;
      const negated = apply("i32x4.add", evens(b, low, high), odds(b, low, high));
      const number = b.vector(apply("f32x4.convert_i32x4_s", apply("i32x4.neg", negated)));
      const share = f.divide(b, b.vector(load(get("dy"))), number);
      const shares = [lowTwice(b, share), highTwice(b, share)];
      for (const [pointer, masks] of [["dx", first], ["under", second]] as const) {
        masks.forEach((mask, i) =>
          b.put(store(get(pointer), apply("v128.and", mask, shares[i] ?? ""), i * VECTOR))
        );
      }
    });
  });
}

/** Text of the kernels. */
export function tiledPoolingKernels(): readonly Text[] {
  return [maxPoolTiles(), maxPoolTilesGradient()];
}
