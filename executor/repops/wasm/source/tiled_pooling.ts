/**
 * MaxPool and its gradient where windows of 2 by 2 tile the planes (SPEC 6.6), four windows at a time.
 *
 * Rows have four windows at least. The last four windows of a row may be some that the vectors before them had already: they are
 * computed again, to the same values.
 *
 * @module
 */
import * as w from "./builder.ts";
import * as f from "./vector_functions.ts";

/** Bytes of a vector. */
const VECTOR = 16;

/** Words of two vectors by their places: 0 to 3 are of the first, 4 to 7 of the second. */
function shuffle(b: w.Builder, first: w.Text, second: w.Text, places: readonly number[]): w.Text {
  const bytes = places.flatMap((place) => [0, 1, 2, 3].map((byte) => place * 4 + byte)).join(" ");
  return b.vector(`(i8x16.shuffle ${bytes} ${first} ${second})`);
}

const evens = (b: w.Builder, first: w.Text, second: w.Text) => shuffle(b, first, second, [0, 2, 4, 6]);
const odds = (b: w.Builder, first: w.Text, second: w.Text) => shuffle(b, first, second, [1, 3, 5, 7]);
/** The first two words, or the last two, each twice. */
const lowTwice = (b: w.Builder, x: w.Text) => shuffle(b, x, x, [0, 0, 1, 1]);
const highTwice = (b: w.Builder, x: w.Text) => shuffle(b, x, x, [2, 2, 3, 3]);

/**
 * Visits the windows of `rows` rows of `count` windows, four at a time. Pointers in `small` move by a word for each window, those in
 * `large` by two; after a row those in `large` skip the second line of its windows.
 */
function eachFourWindows(
  b: w.Builder,
  small: readonly string[],
  large: readonly string[],
  visit: () => void,
): void {
  b.declare("left", "i32");
  b.declare("step", "i32");
  b.times("rows", () => {
    b.put(w.set("left", w.get("count")));
    b.put(`(block $rowDone (loop $row (br_if $rowDone (i32.le_s ${w.get("left")} (i32.const 0)))`);
    visit();
    // Short of four windows the next visit begins earlier, so that it ends with the row.
    b.put(w.set("left", w.apply("i32.sub", w.get("left"), w.int(4))));
    b.put(w.set("step", w.int(4)));
    const short = w.apply("i32.lt_u", w.apply("i32.sub", w.get("left"), w.int(1)), w.int(3));
    b.when(short, () => {
      b.put(w.set("step", w.get("left")));
      b.put(w.set("left", w.int(4)));
    });
    for (const pointer of small) b.put(w.advance(pointer, w.apply("i32.shl", w.get("step"), w.int(2))));
    for (const pointer of large) b.put(w.advance(pointer, w.apply("i32.shl", w.get("step"), w.int(3))));
    b.put("(br $row)))");
    for (const pointer of large) b.put(w.advance(pointer, w.apply("i32.shl", w.get("count"), w.int(3))));
  });
}

/** `maxPoolTiles(y, x, rows, count)`: y[i] is the greatest of window i. */
function maxPoolTiles(): w.Text {
  return w.defineFunction(
    { name: "maxPoolTiles", parameters: w.integers("y", "x", "rows", "count") },
    (b) => {
      b.declare("below", "i32");
      eachFourWindows(b, ["y"], ["x"], () => {
        b.put(w.set("below", w.apply("i32.add", w.get("x"), w.apply("i32.shl", w.get("count"), w.int(3)))));
        const taller = (offset: number) =>
          f.greater(b, b.vector(w.load(w.get("x"), offset)), b.vector(w.load(w.get("below"), offset)));
        const [low, high] = [taller(0), taller(VECTOR)];
        b.put(w.store(w.get("y"), f.greater(b, evens(b, low, high), odds(b, low, high))));
      });
    },
  );
}

/**
 * `maxPoolTilesGradient(dx, x, y, dy, rows, count)`: each element that equals its window's maximum has the window's gradient divided by
 * their number; the others have 0.
 */
function maxPoolTilesGradient(): w.Text {
  const parameters = w.integers("dx", "x", "y", "dy", "rows", "count");
  return w.defineFunction({ name: "maxPoolTilesGradient", parameters }, (b) => {
    b.declare("below", "i32");
    b.declare("under", "i32");
    eachFourWindows(b, ["y", "dy"], ["x", "dx"], () => {
      const line = w.apply("i32.shl", w.get("count"), w.int(3));
      b.put(w.set("below", w.apply("i32.add", w.get("x"), line)));
      b.put(w.set("under", w.apply("i32.add", w.get("dx"), line)));
      const y = b.vector(w.load(w.get("y")));
      const tops = [lowTwice(b, y), highTwice(b, y)] as const;
      const equal = (pointer: string) =>
        tops.map((top, i) => b.vector(w.apply("f32x4.eq", w.load(w.get(pointer), i * VECTOR), top)));
      const [first, second] = [equal("x"), equal("below")];
      // A mask is -1 as an integer: its sum is the number of maxima, negated.
      const columns = [0, 1].map((i) => b.vector(w.apply("i32x4.add", first[i] ?? "", second[i] ?? "")));
      const [low = "", high = ""] = columns;
      const negated = w.apply("i32x4.add", evens(b, low, high), odds(b, low, high));
      const number = b.vector(w.apply("f32x4.convert_i32x4_s", w.apply("i32x4.neg", negated)));
      const share = f.divide(b, b.vector(w.load(w.get("dy"))), number);
      const shares = [lowTwice(b, share), highTwice(b, share)];
      for (const [pointer, masks] of [["dx", first], ["under", second]] as const) {
        masks.forEach((mask, i) =>
          b.put(w.store(w.get(pointer), w.apply("v128.and", mask, shares[i] ?? ""), i * VECTOR))
        );
      }
    });
  });
}

/** Text of the kernels. */
export function tiledPoolingKernels(): readonly w.Text[] {
  return [maxPoolTiles(), maxPoolTilesGradient()];
}
