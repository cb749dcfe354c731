/**
 * Quantised values (SPEC 7.5): floats to small integers and back, and pairs of 16-bit differences from zero points for integer products.
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
  splat,
  splatBits,
  store,
  storeFirst,
  type Text,
} from "./builder.ts";
import { COLUMNS, UNROLL } from "./packing.ts";
import * as f from "./vector_functions.ts";

/** Where scales and zero points vary: from row to row, or along every row. */
const FORMS = ["row", "column"] as const;
type Form = (typeof FORMS)[number];

/** Beyond this magnitude every type of 16 bits or less is at a limit, whatever its zero point. */
const BOUND = 2 ** 20;

/** Rounded to the nearest, ties to even, shifted to the zero point and limited. */
function quantised(b: Builder, scaled: Text): Text {
  const bounded = apply("f32x4.pmax", splat(-BOUND), apply("f32x4.pmin", splat(BOUND), scaled));
  const whole = apply("i32x4.trunc_sat_f32x4_s", apply("f32x4.nearest", bounded));
  const shifted = apply("i32x4.add", whole, get("zero"));
  return b.vector(apply("i32x4.min_s", get("highest"), apply("i32x4.max_s", get("lowest"), shifted)));
}

/** What the kernels make of a vector, with the locals `scale` and `zero`. */
const MAPS: Readonly<Record<string, (b: Builder, x: Text) => Text>> = {
  quantise: (b, x) => quantised(b, f.divide(b, x, get("scale"))),
  requantise: (b, x) =>
    quantised(b, f.multiply(b, b.vector(apply("f32x4.convert_i32x4_s", x)), get("scale"))),
  dequantise: (b, x) =>
    f.multiply(b, b.vector(apply("f32x4.convert_i32x4_s", apply("i32x4.sub", x, get("zero")))), get("scale")),
};

/**
 * `<map>_<form>(out, x, scales, zeros, step, rows, count, low, high)`: in the form `row` the scale and zero point move by `step` bytes from row to row,
 * in the form `column` there is one of each for every place of a row. Writes nothing beyond a row.
 */
function mapKernel(name: string, form: Form): Text {
  const parameters = integers("out", "x", "scales", "zeros", "step", "rows", "count", "low", "high");
  const map = MAPS[name] ?? ((_: Builder, x: Text) => x);
  return defineFunction({ name: `${name}_${form}`, parameters }, (b) => {
    ["vectors", "rest", "s", "z"].forEach((local) => b.declare(local, "i32"));
    ["scale", "zero", "lowest", "highest"].forEach((local) => b.declare(local, "v128"));
    b.put(set("lowest", apply("i32x4.splat", get("low"))));
    b.put(set("highest", apply("i32x4.splat", get("high"))));
    b.put(set("rest", apply("i32.and", get("count"), int(3))));
    const result = () => {
      if (form === "column") {
        b.put(set("scale", load(get("s"))));
        b.put(set("zero", load(get("z"))));
      }
      return map(b, b.vector(load(get("x"))));
    };
    b.times("rows", () => {
      b.put(set("s", get("scales")));
      b.put(set("z", get("zeros")));
      if (form === "row") {
        b.put(set("scale", apply("v128.load32_splat", get("s"))));
        b.put(set("zero", apply("v128.load32_splat", get("z"))));
        ["scales", "zeros"].forEach((pointer) => b.put(advance(pointer, get("step"))));
      }
      b.put(set("vectors", apply("i32.shr_u", get("count"), int(2))));
      b.times("vectors", () => {
        b.put(store(get("out"), result()));
        [...(form === "column" ? ["s", "z"] : []), "x", "out"].forEach((p) => b.put(advance(p, 16)));
      });
      b.when(get("rest"), () => {
        storeFirst(b, "out", result(), "rest");
        ["x", "out"].forEach((pointer) => b.put(advance(pointer, apply("i32.shl", get("rest"), int(2)))));
      });
    });
  });
}

/**
 * `pairRows(target, targetRow, a, zeros, step, rows, count)`: differences of rows of `count` integers from the rows' zero points, as pairs of 16 bits.
 * Pairs beyond a row's end are of what lies there.
 */
function pairRows(): Text {
  const parameters = integers("target", "targetRow", "a", "zeros", "step", "rows", "count");
  return defineFunction({ name: "pairRows", parameters }, (b) => {
    ["p", "q", "turns"].forEach((local) => b.declare(local, "i32"));
    b.declare("zero", "v128");
    b.times("rows", () => {
      b.put(set("p", get("a")));
      b.put(set("q", get("target")));
      b.put(set("zero", apply("v128.load32_splat", get("zeros"))));
      b.put(set("turns", apply("i32.shr_u", apply("i32.add", get("count"), int(7)), int(3))));
      b.times("turns", () => {
        const [low, high] = [0, 16].map((offset) => apply("i32x4.sub", load(get("p"), offset), get("zero")));
        b.put(store(get("q"), apply("i16x8.narrow_i32x4_s", low ?? "", high ?? "")));
        b.put(advance("p", 32));
        b.put(advance("q", 16));
      });
      b.put(advance("zeros", get("step")));
      b.put(advance("a", apply("i32.shl", get("count"), int(2))));
      b.put(advance("target", get("targetRow")));
    });
  });
}

/**
 * `pairColumns(target, b, row, zeros, count, panels)`: differences of columns of `count` integers, in rows of `row` bytes, from the columns' zero points,
 * as pairs of 16 bits down a column: panels of columns as products take them, filled up with 0.
 */
function pairColumns(): Text {
  const parameters = integers("target", "b", "row", "zeros", "count", "panels");
  return defineFunction({ name: "pairColumns", parameters }, (b) => {
    ["p", "pairs", "missing"].forEach((local) => b.declare(local, "i32"));
    const zeros = [0, 16].map((offset) => ({ offset, zero: `zero${offset}` }));
    zeros.forEach(({ zero }) => b.declare(zero, "v128"));
    const difference = (offset: number, zero: string) =>
      b.vector(apply("i32x4.sub", load(get("p"), offset), get(zero)));
    const lower = (x: Text) => apply("v128.and", x, splatBits(0xffff));
    const next = () => {
      b.put(advance("target", COLUMNS * 4));
      b.put(advance("p", get("row")));
    };
    // A step of the inner loop takes two of `count`, and there are UNROLL of them in a turn.
    const padded = apply("i32.and", apply("i32.add", get("count"), int(2 * UNROLL - 1)), int(-2 * UNROLL));
    const steps = (count: Text) => apply("i32.shr_u", count, int(1));
    const used = steps(apply("i32.add", get("count"), int(1)));
    b.put(set("missing", apply("i32.mul", apply("i32.sub", steps(padded), used), int(COLUMNS * 4))));
    b.times("panels", () => {
      zeros.forEach(({ offset, zero }) => b.put(set(zero, load(get("zeros"), offset))));
      b.put(set("p", get("b")));
      b.put(set("pairs", steps(get("count"))));
      b.times("pairs", () => {
        const first = zeros.map(({ offset, zero }) => difference(offset, zero));
        b.put(advance("p", get("row")));
        zeros.forEach(({ offset, zero }, i) => {
          const second = apply("i32x4.shl", difference(offset, zero), int(16));
          b.put(store(get("target"), apply("v128.or", lower(first[i] ?? ""), second), offset));
        });
        next();
      });
      b.when(apply("i32.and", get("count"), int(1)), () => {
        zeros.forEach(({ offset, zero }) =>
          b.put(store(get("target"), lower(difference(offset, zero)), offset))
        );
        next();
      });
      b.put(apply("memory.fill", get("target"), int(0), get("missing")));
      b.put(advance("target", get("missing")));
      ["b", "zeros"].forEach((pointer) => b.put(advance(pointer, COLUMNS * 4)));
    });
  });
}

/** Text of the kernels. */
export function quantizationKernels(): readonly Text[] {
  return [
    ...Object.keys(MAPS).flatMap((name) => FORMS.map((form) => mapKernel(name, form))),
    pairRows(),
    pairColumns(),
  ];
}
