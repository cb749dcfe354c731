/**
 * Kernels that go along a line element by element: cumulative sums (SPEC 4.4) and the greatest or least few (SPEC 6.10).
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
  splatBits,
  type Text,
} from "./builder.ts";
import * as f from "./vector_functions.ts";

/** Rows that go side by side in the lanes of a vector. */
const SIDE_BY_SIDE = [0, 1, 2, 3] as const;

/**
 * `cumulate(out, x, rows, row, count, step, exclusive)`: sums along rows that are `row` bytes apart, of elements that are `step` bytes apart. Four
 * rows go together; missing ones repeat the last.
 */
function cumulate(): Text {
  const parameters = integers("out", "x", "rows", "row", "count", "step", "exclusive");
  return defineFunction({ name: "cumulate", parameters }, (b) => {
    const pointers = (name: string) => SIDE_BY_SIDE.map((lane) => `${name}${lane}`);
    const [sources, targets] = [pointers("p"), pointers("q")];
    [...sources, ...targets, "first", "at", "left"].forEach((local) => b.declare(local, "i32"));
    ["sum", "term"].forEach((local) => b.declare(local, "v128"));
    const storeSums = () =>
      targets.forEach((target, lane) => b.put(`(v128.store32_lane ${lane} ${get(target)} ${get("sum")})`));
    const addTerms = () => b.put(set("sum", f.add(b, get("sum"), get("term"))));
    b.put(set("first", int(0)));
    b.put(`(block $done (loop $next (br_if $done (i32.ge_s ${get("first")} ${get("rows")}))`);
    SIDE_BY_SIDE.forEach((lane) => {
      const last = apply("i32.sub", get("rows"), int(1));
      b.put(set("at", apply("i32.add", get("first"), int(lane))));
      b.put(set("at", apply("select", last, get("at"), apply("i32.gt_s", get("at"), last))));
      b.put(set("at", apply("i32.mul", get("at"), get("row"))));
      b.put(set(sources[lane] ?? "", apply("i32.add", get("x"), get("at"))));
      b.put(set(targets[lane] ?? "", apply("i32.add", get("out"), get("at"))));
    });
    b.put(set("sum", splatBits(0)));
    b.put(set("left", get("count")));
    b.times("left", () => {
      b.put(set("term", `(v128.load32_zero ${get(sources[0] ?? "")})`));
      sources.slice(1).forEach((source, i) =>
        b.put(set("term", `(v128.load32_lane ${i + 1} ${get(source)} ${get("term")})`))
      );
      b.when(get("exclusive"), () => {
        storeSums();
        addTerms();
      }, () => {
        addTerms();
        storeSums();
      });
      [...sources, ...targets].forEach((pointer) => b.put(advance(pointer, get("step"))));
    });
    b.put(advance("first", SIDE_BY_SIDE.length));
    b.put("(br $next)))");
  });
}

/** Which of two elements comes first. */
const ORDERS = { largest: "gt", smallest: "lt" } as const;

/**
 * `top_<order>(values, places, x, count, step, k)`: the first `k` of a line of `count` elements, in order, and their places; of equals the lowest
 * place comes first. Elements are `step` bytes apart, results lie side by side. A list of those found is kept in order; most elements are
 * worse than its last, and of neighbours four are looked at together.
 */
function top(order: keyof typeof ORDERS): Text {
  const better = ORDERS[order];
  const parameters = integers("values", "places", "x", "count", "step", "k");
  return defineFunction({ name: `top_${order}`, parameters }, (b) => {
    ["i", "found", "low", "high", "middle", "moved"].forEach((local) => b.declare(local, "i32"));
    ["element", "worst"].forEach((local) => b.declare(local, "f32"));
    const word = (base: string, place: Text) => apply("i32.add", get(base), apply("i32.shl", place, int(2)));
    const left = apply("i32.sub", get("count"), get("i"));
    b.put(`(block $done (loop $next (br_if $done (i32.ge_s ${get("i")} ${get("count")}))`);
    const isFull = apply("i32.eq", get("found"), get("k"));
    const isClose = apply("i32.eq", get("step"), int(4));
    const four = apply("i32.gt_s", left, int(3));
    b.when(apply("i32.and", isFull, apply("i32.and", isClose, four)), () => {
      const found = apply(`f32x4.${better}`, load(get("x")), apply("f32x4.splat", get("worst")));
      b.when(apply("i32.eqz", apply("v128.any_true", found)), () => {
        b.put(advance("x", 16));
        b.put(advance("i", 4));
        b.put("(br $next)");
      });
    });
    b.put(set("element", apply("f32.load", get("x"))));
    const isBetter = apply(`f32.${better}`, get("element"), get("worst"));
    b.when(apply("i32.or", apply("i32.eqz", isFull), isBetter), () => insert(b, better, word));
    b.put(advance("x", get("step")));
    b.put(advance("i", 1));
    b.put("(br $next)))");
  });
}

/** Puts `element` behind all that are not worse. */
function insert(b: Builder, better: string, word: (base: string, place: Text) => Text): void {
  b.put(set("low", int(0)));
  b.put(set("high", get("found")));
  b.put(`(block $placed (loop $halve (br_if $placed (i32.ge_s ${get("low")} ${get("high")}))`);
  b.put(set("middle", apply("i32.shr_u", apply("i32.add", get("low"), get("high")), int(1))));
  const isAfter = apply(`f32.${better}`, get("element"), apply("f32.load", word("values", get("middle"))));
  b.when(
    isAfter,
    () => b.put(set("high", get("middle"))),
    () => b.put(set("low", apply("i32.add", get("middle"), int(1)))),
  );
  b.put("(br $halve)))");
  b.when(apply("i32.lt_s", get("found"), get("k")), () => b.put(advance("found", 1)));
  b.put(
    set(
      "moved",
      apply("i32.shl", apply("i32.sub", apply("i32.sub", get("found"), get("low")), int(1)), int(2)),
    ),
  );
  for (const base of ["values", "places"]) {
    const from = word(base, get("low"));
    b.put(apply("memory.copy", apply("i32.add", from, int(4)), from, get("moved")));
  }
  b.put(apply("f32.store", word("values", get("low")), get("element")));
  b.put(apply("i32.store", word("places", get("low")), get("i")));
  const last = word("values", apply("i32.sub", get("found"), int(1)));
  b.put(set("worst", apply("f32.load", last)));
}

/** Text of the kernels. */
export function scanKernels(): readonly Text[] {
  return [cumulate(), top("largest"), top("smallest")];
}
