/**
 * Kernels along rows that lie side by side in memory (SPEC 4 and 6.7 to 6.9): sums in the reduction's order, softmax,
 * normalisation.
 *
 * @module
 */
import { REDUCTION_BLOCK } from "../../numbers/mod.ts";
import {
  advance,
  apply,
  type Builder,
  defineFunction,
  float,
  get,
  int,
  integers,
  load,
  set,
  splat,
  splatBits,
  store,
  type Text,
} from "./builder.ts";
import * as f from "./vector_functions.ts";

/** A block has 32 lanes: 8 vectors. */
const LANE_VECTORS = 8;

/** What is summed: the elements, their squares, their magnitudes. */
const TERMS: Readonly<Record<string, (b: Builder, x: Text) => Text>> = {
  Sum: (_, x) => x,
  SumSquare: (b, x) => f.multiply(b, x, x),
  L1: (b, x) => f.absolute(b, x),
};

/** `blockSum<term>(p, count) -> f32`: one block of at most 2048 elements. */
function blockSum(term: string): Text {
  const of = TERMS[term] ?? ((_: Builder, x: Text) => x);
  const parameters = integers("p", "count");
  return defineFunction({ name: `block${term}`, exported: false, parameters, result: "f32" }, (b) => {
    b.declare("whole", "i32");
    const lanes = Array.from({ length: LANE_VECTORS }, (_, i) => `lane${i}`);
    lanes.forEach((lane) => b.declare(lane, "v128"));
    b.put(set("whole", apply("i32.shr_u", get("count"), int(5))));
    b.times("whole", () => {
      lanes.forEach((lane, i) =>
        b.put(set(lane, apply("f32x4.add", get(lane), of(b, b.vector(load(get("p"), i * 16))))))
      );
      b.put(advance("p", 128));
    });
    b.put(set("count", apply("i32.and", get("count"), int(31))));
    b.when(get("count"), () => {
      const rest = b.vector(apply("i32x4.splat", get("count")));
      lanes.forEach((lane, i) => {
        const places = `(v128.const i32x4 ${[0, 1, 2, 3].map((j) => i * 4 + j).join(" ")})`;
        const present = apply("i32x4.lt_s", places, rest);
        const x = b.vector(apply("v128.and", load(get("p"), i * 16), present));
        b.put(set(lane, apply("f32x4.add", get(lane), of(b, x))));
      });
    });
    b.put(foldLanes(b, lanes));
  });
}

/** Folds 32 lanes in halves down to one value. */
function foldLanes(b: Builder, lanes: readonly string[]): Text {
  let left = lanes.map(get);
  while (left.length > 1) {
    const half = left.length / 2;
    left = left.slice(0, half).map((lane, i) => b.vector(apply("f32x4.add", lane, left[i + half] ?? "")));
  }
  const last = left[0] ?? "";
  const pairs = b.vector(apply("f32x4.add", last, `(i32x4.shuffle_halves ${last})`));
  const at = (lane: number) => apply(`f32x4.extract_lane ${lane}`, pairs);
  return apply("f32.add", at(0), at(1));
}

/** `row<term>(p, count) -> f32`: the whole sum; blocks meet in a tree split at the largest power of two below their count. */
function rowSum(term: string): Text {
  const parameters = integers("p", "count");
  return defineFunction({ name: `row${term}`, parameters, result: "f32" }, (b) => {
    b.declare("split", "i32");
    const call = (start: Text, count: Text) => apply(`call $row${term}`, start, count);
    const isBlock = apply("i32.le_s", get("count"), int(REDUCTION_BLOCK));
    b.put(`(if (result f32) ${isBlock} (then ${apply(`call $block${term}`, get("p"), get("count"))}) (else`);
    b.put(set("split", int(REDUCTION_BLOCK)));
    const doubled = apply("i32.shl", get("split"), int(1));
    b.put(`(loop $grow (if ${apply("i32.lt_s", doubled, get("count"))} (then
      ${set("split", doubled)} (br $grow))))`);
    const second = apply("i32.add", get("p"), apply("i32.shl", get("split"), int(2)));
    const rest = apply("i32.sub", get("count"), get("split"));
    b.put(apply("f32.add", call(get("p"), get("split")), call(second, rest)));
    b.put("))");
  });
}

/** `sumRows<term>(out, p, rows, count, divisor)`: canonical sums of rows, divided by `divisor` unless it is 0. */
function sumRows(term: string): Text {
  const parameters = [...integers("out", "p", "rows", "count"), ["divisor", "f32"]] as const;
  return defineFunction({ name: `sumRows${term}`, parameters }, (b) => {
    b.declare("x", "v128");
    b.times("rows", () => {
      const sum = apply(`call $row${term}`, get("p"), get("count"));
      b.put(set("x", f.canonical(b, b.vector(apply("f32x4.splat", sum)))));
      b.when(apply("f32.ne", get("divisor"), float(0)), () => {
        b.put(set("x", f.divide(b, get("x"), apply("f32x4.splat", get("divisor")))));
      });
      b.put(`(v128.store32_lane 0 ${get("out")} ${get("x")})`);
      b.put(advance("out", 4));
      b.put(advance("p", apply("i32.shl", get("count"), int(2))));
    });
  });
}

/** `rowTop(p, count) -> f32`: the greatest (or least) element of a row that is not empty. */
function rowExtreme(name: string, choose: (b: Builder, x: Text, y: Text) => Text): Text {
  return defineFunction({ name, parameters: integers("p", "count"), result: "f32" }, (b) => {
    b.declare("best", "v128");
    b.put(set("best", apply("v128.load32_splat", get("p"))));
    b.put(`(block $done (loop $next (br_if $done (i32.lt_s ${get("count")} (i32.const 4)))`);
    b.put(set("best", choose(b, get("best"), load(get("p")))));
    b.put(advance("p", 16));
    b.put(advance("count", -4));
    b.put("(br $next)))");
    b.times("count", () => {
      b.put(set("best", choose(b, get("best"), apply("v128.load32_splat", get("p")))));
      b.put(advance("p", 4));
    });
    const swapped = b.vector(choose(b, get("best"), `(i32x4.shuffle_halves ${get("best")})`));
    const odd = apply("f32x4.splat", apply("f32x4.extract_lane 1", swapped));
    b.put(apply("f32x4.extract_lane 0", choose(b, swapped, odd)));
  });
}

/** `rowMaxs(out, p, rows, count)`, `rowMins`: the greatest or least element of each row. */
function extremeRows(name: string): Text {
  return defineFunction({ name: `${name}s`, parameters: integers("out", "p", "rows", "count") }, (b) => {
    b.times("rows", () => {
      b.put(apply("f32.store", get("out"), apply(`call $${name}`, get("p"), get("count"))));
      b.put(advance("out", 4));
      b.put(advance("p", apply("i32.shl", get("count"), int(2))));
    });
  });
}

/** Applies a step to every vector of a row: reads at `p`, writes at `q`. */
function alongRow(b: Builder, source: string, write: (x: Text) => Text): void {
  b.put(set("p", get(source)));
  b.put(set("q", get("y")));
  b.put(set("n", apply("i32.shr_u", apply("i32.add", get("count"), int(3)), int(2))));
  b.times("n", () => {
    b.put(store(get("q"), write(b.vector(load(get("p"))))));
    b.put(advance("p", 16));
    b.put(advance("q", 16));
  });
}

function nextRow(b: Builder): void {
  ["x", "y"].forEach((pointer) => b.put(advance(pointer, apply("i32.shl", get("count"), int(2)))));
}

const splatOf = (b: Builder, value: Text): Text => b.vector(apply("f32x4.splat", value));

/** `softmax(y, x, rows, count)` and `logSoftmax`. */
function softmaxKernel(logarithmic: boolean): Text {
  const name = logarithmic ? "logSoftmax" : "softmax";
  return defineFunction({ name, parameters: integers("y", "x", "rows", "count") }, (b) => {
    ["p", "q", "n"].forEach((local) => b.declare(local, "i32"));
    ["top", "scale"].forEach((local) => b.declare(local, "v128"));
    b.times("rows", () => {
      b.put(set("top", splatOf(b, apply("call $rowMax", get("x"), get("count")))));
      alongRow(b, "x", (x) => f.exponentialOfFall(b, x, get("top")));
      const total = f.canonical(b, splatOf(b, apply("call $rowSum", get("y"), get("count"))));
      if (logarithmic) {
        b.put(set("scale", f.logarithm(b, total)));
        alongRow(b, "x", (x) => f.subtract(b, f.subtract(b, x, get("top")), get("scale")));
      } else {
        b.put(set("scale", f.divide(b, splat(1), total)));
        alongRow(b, "y", (e) => f.canonicalFraction(b, b.vector(apply("f32x4.mul", e, get("scale")))));
      }
      nextRow(b);
    });
  });
}

/**
 * `normalise(y, x, gain, shift, rows, count, means, inverses, epsilon, centred)`: LayerNormalization, or RMSNormalization
 * if not `centred`. `gain`, `shift`, `means` and `inverses` may be 0 for none.
 */
function normaliseKernel(): Text {
  const parameters = [
    ...integers("y", "x", "gain", "shift", "rows", "count", "means", "inverses"),
    ["epsilon", "f32"],
    ["centred", "i32"],
  ] as const;
  return defineFunction({ name: "normalise", parameters }, (b) => {
    ["p", "q", "n", "g", "s"].forEach((local) => b.declare(local, "i32"));
    ["mean", "inverse", "length", "value"].forEach((local) => b.declare(local, "v128"));
    b.put(set("length", apply("f32x4.splat", apply("f32.convert_i32_s", get("count")))));
    b.times("rows", () => {
      b.put(set("mean", splatBits(0)));
      b.when(get("centred"), () => {
        const sum = f.canonical(b, splatOf(b, apply("call $rowSum", get("x"), get("count"))));
        b.put(set("mean", f.divide(b, sum, get("length"))));
      });
      alongRow(b, "x", (x) => f.subtract(b, x, get("mean")));
      const squares = f.canonical(b, splatOf(b, apply("call $rowSumSquare", get("y"), get("count"))));
      const variance = f.divide(b, squares, get("length"));
      const deviation = f.squareRoot(b, f.add(b, variance, splatOf(b, get("epsilon"))));
      b.put(set("inverse", f.divide(b, splat(1), deviation)));
      b.put(set("g", get("gain")));
      b.put(set("s", get("shift")));
      alongRow(b, "y", (d) => {
        b.put(set("value", f.multiply(b, d, get("inverse"))));
        b.when(get("gain"), () => {
          b.put(set("value", f.multiply(b, get("value"), load(get("g")))));
          b.put(advance("g", 16));
        });
        b.when(get("shift"), () => {
          b.put(set("value", f.add(b, get("value"), load(get("s")))));
          b.put(advance("s", 16));
        });
        return get("value");
      });
      for (const [target, value] of [["means", "mean"], ["inverses", "inverse"]] as const) {
        b.when(get(target), () => {
          b.put(`(v128.store32_lane 0 ${get(target)} ${get(value)})`);
          b.put(advance(target, 4));
        });
      }
      nextRow(b);
    });
  });
}

/** Text of all row kernels. */
export function rowKernels(): readonly Text[] {
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
