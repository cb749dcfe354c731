/**
 * Kernels along rows that lie side by side in memory (SPEC 4 and 6.7 to 6.9): sums in the reduction's order, softmax,
 * normalisation.
 *
 * @module
 */
import { REDUCTION_BLOCK } from "../../numbers/mod.ts";
import * as w from "./builder.ts";
import * as f from "./vector_functions.ts";

/** A block has 32 lanes: 8 vectors. */
const LANE_VECTORS = 8;

/** What is summed: the elements, their squares, their magnitudes. */
const TERMS: Readonly<Record<string, (b: w.Builder, x: w.Text) => w.Text>> = {
  Sum: (_, x) => x,
  SumSquare: (b, x) => f.multiply(b, x, x),
  L1: (b, x) => f.absolute(b, x),
};

/** `blockSum<term>(p, count) -> f32`: one block of at most 2048 elements. */
function blockSum(term: string): w.Text {
  const of = TERMS[term] ?? ((_: w.Builder, x: w.Text) => x);
  const parameters = w.integers("p", "count");
  return w.defineFunction({ name: `block${term}`, exported: false, parameters, result: "f32" }, (b) => {
    b.declare("whole", "i32");
    const lanes = Array.from({ length: LANE_VECTORS }, (_, i) => `lane${i}`);
    lanes.forEach((lane) => b.declare(lane, "v128"));
    b.put(w.set("whole", w.apply("i32.shr_u", w.get("count"), w.int(5))));
    b.times("whole", () => {
      lanes.forEach((lane, i) =>
        b.put(w.set(lane, w.apply("f32x4.add", w.get(lane), of(b, b.vector(w.load(w.get("p"), i * 16))))))
      );
      b.put(w.advance("p", 128));
    });
    b.put(w.set("count", w.apply("i32.and", w.get("count"), w.int(31))));
    b.when(w.get("count"), () => {
      const rest = b.vector(w.apply("i32x4.splat", w.get("count")));
      lanes.forEach((lane, i) => {
        const places = `(v128.const i32x4 ${[0, 1, 2, 3].map((j) => i * 4 + j).join(" ")})`;
        const present = w.apply("i32x4.lt_s", places, rest);
        const x = b.vector(w.apply("v128.and", w.load(w.get("p"), i * 16), present));
        b.put(w.set(lane, w.apply("f32x4.add", w.get(lane), of(b, x))));
      });
    });
    b.put(foldLanes(b, lanes));
  });
}

/** Folds 32 lanes in halves down to one value. */
function foldLanes(b: w.Builder, lanes: readonly string[]): w.Text {
  let left = lanes.map(w.get);
  while (left.length > 1) {
    const half = left.length / 2;
    left = left.slice(0, half).map((lane, i) => b.vector(w.apply("f32x4.add", lane, left[i + half] ?? "")));
  }
  const last = left[0] ?? "";
  const pairs = b.vector(w.apply("f32x4.add", last, `(i32x4.shuffle_halves ${last})`));
  const at = (lane: number) => w.apply(`f32x4.extract_lane ${lane}`, pairs);
  return w.apply("f32.add", at(0), at(1));
}

/** `row<term>(p, count) -> f32`: the whole sum; blocks meet in a tree split at the largest power of two below their count. */
function rowSum(term: string): w.Text {
  const parameters = w.integers("p", "count");
  return w.defineFunction({ name: `row${term}`, parameters, result: "f32" }, (b) => {
    b.declare("split", "i32");
    const call = (start: w.Text, count: w.Text) => w.apply(`call $row${term}`, start, count);
    const isBlock = w.apply("i32.le_s", w.get("count"), w.int(REDUCTION_BLOCK));
    b.put(
      `(if (result f32) ${isBlock} (then ${w.apply(`call $block${term}`, w.get("p"), w.get("count"))}) (else`,
    );
    b.put(w.set("split", w.int(REDUCTION_BLOCK)));
    const doubled = w.apply("i32.shl", w.get("split"), w.int(1));
    b.put(`(loop $grow (if ${w.apply("i32.lt_s", doubled, w.get("count"))} (then
      ${w.set("split", doubled)} (br $grow))))`);
    const second = w.apply("i32.add", w.get("p"), w.apply("i32.shl", w.get("split"), w.int(2)));
    const rest = w.apply("i32.sub", w.get("count"), w.get("split"));
    b.put(w.apply("f32.add", call(w.get("p"), w.get("split")), call(second, rest)));
    b.put("))");
  });
}

/** `sumRows<term>(out, p, rows, count, divisor)`: canonical sums of rows, divided by `divisor` unless it is 0. */
function sumRows(term: string): w.Text {
  const parameters = [...w.integers("out", "p", "rows", "count"), ["divisor", "f32"]] as const;
  return w.defineFunction({ name: `sumRows${term}`, parameters }, (b) => {
    b.declare("x", "v128");
    b.times("rows", () => {
      const sum = w.apply(`call $row${term}`, w.get("p"), w.get("count"));
      b.put(w.set("x", f.canonical(b, b.vector(w.apply("f32x4.splat", sum)))));
      b.when(w.apply("f32.ne", w.get("divisor"), w.float(0)), () => {
        b.put(w.set("x", f.divide(b, w.get("x"), w.apply("f32x4.splat", w.get("divisor")))));
      });
      b.put(`(v128.store32_lane 0 ${w.get("out")} ${w.get("x")})`);
      b.put(w.advance("out", 4));
      b.put(w.advance("p", w.apply("i32.shl", w.get("count"), w.int(2))));
    });
  });
}

/** `rowTop(p, count) -> f32`: the greatest (or least) element of a row that is not empty. */
function rowExtreme(name: string, choose: (b: w.Builder, x: w.Text, y: w.Text) => w.Text): w.Text {
  return w.defineFunction({ name, parameters: w.integers("p", "count"), result: "f32" }, (b) => {
    b.declare("best", "v128");
    b.put(w.set("best", w.apply("v128.load32_splat", w.get("p"))));
    b.put(`(block $done (loop $next (br_if $done (i32.lt_s ${w.get("count")} (i32.const 4)))`);
    b.put(w.set("best", choose(b, w.get("best"), w.load(w.get("p")))));
    b.put(w.advance("p", 16));
    b.put(w.advance("count", -4));
    b.put("(br $next)))");
    b.times("count", () => {
      b.put(w.set("best", choose(b, w.get("best"), w.apply("v128.load32_splat", w.get("p")))));
      b.put(w.advance("p", 4));
    });
    const swapped = b.vector(choose(b, w.get("best"), `(i32x4.shuffle_halves ${w.get("best")})`));
    const odd = w.apply("f32x4.splat", w.apply("f32x4.extract_lane 1", swapped));
    b.put(w.apply("f32x4.extract_lane 0", choose(b, swapped, odd)));
  });
}

/** `rowMaxs(out, p, rows, count)`, `rowMins`: the greatest or least element of each row. */
function extremeRows(name: string): w.Text {
  return w.defineFunction({ name: `${name}s`, parameters: w.integers("out", "p", "rows", "count") }, (b) => {
    b.times("rows", () => {
      b.put(w.apply("f32.store", w.get("out"), w.apply(`call $${name}`, w.get("p"), w.get("count"))));
      b.put(w.advance("out", 4));
      b.put(w.advance("p", w.apply("i32.shl", w.get("count"), w.int(2))));
    });
  });
}

/** Applies a step to every vector of a row: reads at `p`, writes at `q`. */
function alongRow(b: w.Builder, source: string, write: (x: w.Text) => w.Text): void {
  b.put(w.set("p", w.get(source)));
  b.put(w.set("q", w.get("y")));
  b.put(w.set("n", w.apply("i32.shr_u", w.apply("i32.add", w.get("count"), w.int(3)), w.int(2))));
  b.times("n", () => {
    b.put(w.store(w.get("q"), write(b.vector(w.load(w.get("p"))))));
    b.put(w.advance("p", 16));
    b.put(w.advance("q", 16));
  });
}

function nextRow(b: w.Builder): void {
  ["x", "y"].forEach((pointer) => b.put(w.advance(pointer, w.apply("i32.shl", w.get("count"), w.int(2)))));
}

const splatOf = (b: w.Builder, value: w.Text): w.Text => b.vector(w.apply("f32x4.splat", value));

/** `softmax(y, x, rows, count)` and `logSoftmax`. */
function softmaxKernel(logarithmic: boolean): w.Text {
  const name = logarithmic ? "logSoftmax" : "softmax";
  return w.defineFunction({ name, parameters: w.integers("y", "x", "rows", "count") }, (b) => {
    ["p", "q", "n"].forEach((local) => b.declare(local, "i32"));
    ["top", "scale"].forEach((local) => b.declare(local, "v128"));
    b.times("rows", () => {
      b.put(w.set("top", splatOf(b, w.apply("call $rowMax", w.get("x"), w.get("count")))));
      alongRow(b, "x", (x) => f.exponentialOfFall(b, x, w.get("top")));
      const total = f.canonical(b, splatOf(b, w.apply("call $rowSum", w.get("y"), w.get("count"))));
      if (logarithmic) {
        b.put(w.set("scale", f.logarithm(b, total)));
        alongRow(b, "x", (x) => f.subtract(b, f.subtract(b, x, w.get("top")), w.get("scale")));
      } else {
        b.put(w.set("scale", f.divide(b, w.splat(1), total)));
        alongRow(b, "y", (e) => f.canonicalFraction(b, b.vector(w.apply("f32x4.mul", e, w.get("scale")))));
      }
      nextRow(b);
    });
  });
}

/**
 * `normalise(y, x, gain, shift, rows, count, means, inverses, epsilon, centred)`: LayerNormalization, or RMSNormalization
 * if not `centred`. `gain`, `shift`, `means` and `inverses` may be 0 for none.
 */
function normaliseKernel(): w.Text {
  const parameters = [
    ...w.integers("y", "x", "gain", "shift", "rows", "count", "means", "inverses"),
    ["epsilon", "f32"],
    ["centred", "i32"],
  ] as const;
  return w.defineFunction({ name: "normalise", parameters }, (b) => {
    ["p", "q", "n", "g", "s"].forEach((local) => b.declare(local, "i32"));
    ["mean", "inverse", "length", "value"].forEach((local) => b.declare(local, "v128"));
    b.put(w.set("length", w.apply("f32x4.splat", w.apply("f32.convert_i32_s", w.get("count")))));
    b.times("rows", () => {
      b.put(w.set("mean", w.splatBits(0)));
      b.when(w.get("centred"), () => {
        const sum = f.canonical(b, splatOf(b, w.apply("call $rowSum", w.get("x"), w.get("count"))));
        b.put(w.set("mean", f.divide(b, sum, w.get("length"))));
      });
      alongRow(b, "x", (x) => f.subtract(b, x, w.get("mean")));
      const squares = f.canonical(b, splatOf(b, w.apply("call $rowSumSquare", w.get("y"), w.get("count"))));
      const variance = f.divide(b, squares, w.get("length"));
      const deviation = f.squareRoot(b, f.add(b, variance, splatOf(b, w.get("epsilon"))));
      b.put(w.set("inverse", f.divide(b, w.splat(1), deviation)));
      b.put(w.set("g", w.get("gain")));
      b.put(w.set("s", w.get("shift")));
      alongRow(b, "y", (d) => {
        b.put(w.set("value", f.multiply(b, d, w.get("inverse"))));
        b.when(w.get("gain"), () => {
          b.put(w.set("value", f.multiply(b, w.get("value"), w.load(w.get("g")))));
          b.put(w.advance("g", 16));
        });
        b.when(w.get("shift"), () => {
          b.put(w.set("value", f.add(b, w.get("value"), w.load(w.get("s")))));
          b.put(w.advance("s", 16));
        });
        return w.get("value");
      });
      for (const [target, value] of [["means", "mean"], ["inverses", "inverse"]] as const) {
        b.when(w.get(target), () => {
          b.put(`(v128.store32_lane 0 ${w.get(target)} ${w.get(value)})`);
          b.put(w.advance(target, 4));
        });
      }
      nextRow(b);
    });
  });
}

/** Text of all row kernels. */
export function rowKernels(): readonly w.Text[] {
  return [
    ...Object.keys(TERMS).flatMap((term) => [blockSum(term), rowSum(term), sumRows(term)]),
    rowExtreme("rowMax", f.greater),
    rowExtreme("rowMin", f.lesser),
    extremeRows("rowMax"),
    extremeRows("rowMin"),
    softmaxKernel(false),
    softmaxKernel(true),
    normaliseKernel(),
  ].map((text) =>
    text.replaceAll(
      /\(i32x4\.shuffle_halves (\(local\.get \$\w+\))\)/g,
      "(i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 $1 $1)",
    )
  );
}
