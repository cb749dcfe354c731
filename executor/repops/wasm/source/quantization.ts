/**
 * Quantised values (SPEC 7.5): floats to small integers and back, and pairs of 16-bit differences from zero points for integer products.
 *
 * @module
 */
import * as w from "./builder.ts";
import { ROUNDER } from "../../numbers/mod.ts";
import { eachVector, UNROLLED } from "./elementwise.ts";
import { COLUMNS, UNROLL } from "./packing.ts";
import * as f from "./vector_functions.ts";

/** Where scales and zero points vary: from row to row, or along every row. */
const FORMS = ["row", "column"] as const;
type Form = (typeof FORMS)[number];

/** Beyond this magnitude every type of 16 bits or less is at a limit, whatever its zero point. */
const BOUND = 2 ** 20;

/**
 * Rounded to the nearest, ties to even, shifted to the zero point and limited. The value need not be canonical: what that changes is at a limit or
 * rounds to 0 either way, but for NaN, which is 0.
 */
function quantised(b: w.Builder, x: w.Text): w.Text {
  const isNumber = w.apply("f32x4.eq", x, x);
  const bounded = w.apply("f32x4.pmax", w.splat(-BOUND), w.apply("f32x4.pmin", w.splat(BOUND), x));
  // The sum's fraction ends at the ones: its bits are those of the rounder and the whole number.
  const rounded = w.apply("f32x4.add", w.apply("v128.and", bounded, isNumber), w.splat(ROUNDER));
  const whole = w.apply("i32x4.sub", rounded, w.splat(ROUNDER));
  const shifted = w.apply("i32x4.add", whole, w.get("zero"));
  return b.vector(w.apply("i32x4.min_s", w.get("highest"), w.apply("i32x4.max_s", w.get("lowest"), shifted)));
}

/** What the kernels make of a vector, with the locals `scale` and `zero`. */
const MAPS: Readonly<Record<string, (b: w.Builder, x: w.Text) => w.Text>> = {
  quantise: (b, x) => quantised(b, b.vector(w.apply("f32x4.div", x, w.get("scale")))),
  requantise: (b, x) =>
    quantised(b, b.vector(w.apply("f32x4.mul", w.apply("f32x4.convert_i32x4_s", x), w.get("scale")))),
  dequantise: (b, x) =>
    f.multiply(
      b,
      b.vector(w.apply("f32x4.convert_i32x4_s", w.apply("i32x4.sub", x, w.get("zero")))),
      w.get("scale"),
    ),
};

/**
 * `<map>_<form>(out, x, scales, zeros, step, rows, count, low, high)`: in the form `row` the scale and zero point move by `step` bytes from row to row,
 * in the form `column` there is one of each for every place of a row. Writes nothing beyond a row.
 */
function mapKernel(name: string, form: Form): w.Text {
  const parameters = w.integers("out", "x", "scales", "zeros", "step", "rows", "count", "low", "high");
  const map = MAPS[name] ?? ((_: w.Builder, x: w.Text) => x);
  return w.defineFunction({ name: `${name}_${form}`, parameters }, (b) => {
    ["vectors", "turns", "rest", "s", "z"].forEach((local) => b.declare(local, "i32"));
    ["scale", "zero", "lowest", "highest"].forEach((local) => b.declare(local, "v128"));
    b.put(w.set("lowest", w.apply("i32x4.splat", w.get("low"))));
    b.put(w.set("highest", w.apply("i32x4.splat", w.get("high"))));
    b.put(w.set("rest", w.apply("i32.and", w.get("count"), w.int(3))));
    const result = (offset = 0) => {
      if (form === "column") {
        b.put(w.set("scale", w.load(w.get("s"), offset)));
        b.put(w.set("zero", w.load(w.get("z"), offset)));
      }
      return map(b, b.vector(w.load(w.get("x"), offset)));
    };
    b.times("rows", () => {
      b.put(w.set("s", w.get("scales")));
      b.put(w.set("z", w.get("zeros")));
      if (form === "row") {
        b.put(w.set("scale", w.apply("v128.load32_splat", w.get("s"))));
        b.put(w.set("zero", w.apply("v128.load32_splat", w.get("z"))));
        ["scales", "zeros"].forEach((pointer) => b.put(w.advance(pointer, w.get("step"))));
      }
      b.put(w.set("vectors", w.apply("i32.shr_u", w.get("count"), w.int(2))));
      const pointers = [...(form === "column" ? ["s", "z"] : []), "x", "out"];
      eachVector(b, pointers, UNROLLED, (offset) => b.put(w.store(w.get("out"), result(offset), offset)));
      b.when(w.get("rest"), () => {
        w.storeFirst(b, "out", result(), "rest");
        ["x", "out"].forEach((pointer) =>
          b.put(w.advance(pointer, w.apply("i32.shl", w.get("rest"), w.int(2))))
        );
      });
    });
  });
}

/**
 * `pairRows(target, targetRow, a, zeros, step, rows, count)`: differences of rows of `count` integers from the rows' zero points, as pairs of 16 bits.
 * Pairs beyond a row's end are of what lies there.
 */
function pairRows(): w.Text {
  const parameters = w.integers("target", "targetRow", "a", "zeros", "step", "rows", "count");
  return w.defineFunction({ name: "pairRows", parameters }, (b) => {
    ["p", "q", "turns"].forEach((local) => b.declare(local, "i32"));
    b.declare("zero", "v128");
    b.times("rows", () => {
      b.put(w.set("p", w.get("a")));
      b.put(w.set("q", w.get("target")));
      b.put(w.set("zero", w.apply("v128.load32_splat", w.get("zeros"))));
      b.put(w.set("turns", w.apply("i32.shr_u", w.apply("i32.add", w.get("count"), w.int(7)), w.int(3))));
      b.times("turns", () => {
        const [low, high] = [0, 16].map((offset) =>
          w.apply("i32x4.sub", w.load(w.get("p"), offset), w.get("zero"))
        );
        b.put(w.store(w.get("q"), w.apply("i16x8.narrow_i32x4_s", low ?? "", high ?? "")));
        b.put(w.advance("p", 32));
        b.put(w.advance("q", 16));
      });
      b.put(w.advance("zeros", w.get("step")));
      b.put(w.advance("a", w.apply("i32.shl", w.get("count"), w.int(2))));
      b.put(w.advance("target", w.get("targetRow")));
    });
  });
}

/**
 * `pairColumns(target, b, row, zeros, count, panels)`: differences of columns of `count` integers, in rows of `row` bytes, from the columns' zero points,
 * as pairs of 16 bits down a column: panels of columns as products take them, filled up with 0.
 */
function pairColumns(): w.Text {
  const parameters = w.integers("target", "b", "row", "zeros", "count", "panels");
  return w.defineFunction({ name: "pairColumns", parameters }, (b) => {
    ["p", "pairs", "missing"].forEach((local) => b.declare(local, "i32"));
    const zeros = [0, 16].map((offset) => ({ offset, zero: `zero${offset}` }));
    zeros.forEach(({ zero }) => b.declare(zero, "v128"));
    const difference = (offset: number, zero: string) =>
      b.vector(w.apply("i32x4.sub", w.load(w.get("p"), offset), w.get(zero)));
    const lower = (x: w.Text) => w.apply("v128.and", x, w.splatBits(0xffff));
    const next = () => {
      b.put(w.advance("target", COLUMNS * 4));
      b.put(w.advance("p", w.get("row")));
    };
    // A step of the inner loop takes two of `count`, and there are UNROLL of them in a turn.
    const padded = w.apply(
      "i32.and",
      w.apply("i32.add", w.get("count"), w.int(2 * UNROLL - 1)),
      w.int(-2 * UNROLL),
    );
    const steps = (count: w.Text) => w.apply("i32.shr_u", count, w.int(1));
    const used = steps(w.apply("i32.add", w.get("count"), w.int(1)));
    b.put(w.set("missing", w.apply("i32.mul", w.apply("i32.sub", steps(padded), used), w.int(COLUMNS * 4))));
    b.times("panels", () => {
      zeros.forEach(({ offset, zero }) => b.put(w.set(zero, w.load(w.get("zeros"), offset))));
      b.put(w.set("p", w.get("b")));
      b.put(w.set("pairs", steps(w.get("count"))));
      b.times("pairs", () => {
        const first = zeros.map(({ offset, zero }) => difference(offset, zero));
        b.put(w.advance("p", w.get("row")));
        zeros.forEach(({ offset, zero }, i) => {
          const second = w.apply("i32x4.shl", difference(offset, zero), w.int(16));
          b.put(w.store(w.get("target"), w.apply("v128.or", lower(first[i] ?? ""), second), offset));
        });
        next();
      });
      b.when(w.apply("i32.and", w.get("count"), w.int(1)), () => {
        zeros.forEach(({ offset, zero }) =>
          b.put(w.store(w.get("target"), lower(difference(offset, zero)), offset))
        );
        next();
      });
      b.put(w.apply("memory.fill", w.get("target"), w.int(0), w.get("missing")));
      b.put(w.advance("target", w.get("missing")));
      ["b", "zeros"].forEach((pointer) => b.put(w.advance(pointer, COLUMNS * 4)));
    });
  });
}

/** Text of the kernels. */
export function quantizationKernels(): readonly w.Text[] {
  return [
    ...Object.keys(MAPS).flatMap((name) => FORMS.map((form) => mapKernel(name, form))),
    pairRows(),
    pairColumns(),
  ];
}
