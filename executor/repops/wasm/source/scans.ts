/**
 * Kernels that go along a line element by element: cumulative sums (SPEC 4.4) and the greatest or least few (SPEC 6.10).
 *
 * @module
 */
import * as w from "./builder.ts";
import * as f from "./vector_functions.ts";

/** Rows that go side by side in the lanes of a vector. */
const SIDE_BY_SIDE = [0, 1, 2, 3] as const;

/**
 * `cumulate(out, x, rows, row, count, step, exclusive)`: sums along rows that are `row` bytes apart, of elements that are `step` bytes apart. Four
 * rows go together; missing ones repeat the last.
 */
function cumulate(): w.Text {
  const parameters = w.integers("out", "x", "rows", "row", "count", "step", "exclusive");
  return w.defineFunction({ name: "cumulate", parameters }, (b) => {
    const pointers = (name: string) => SIDE_BY_SIDE.map((lane) => `${name}${lane}`);
    const [sources, targets] = [pointers("p"), pointers("q")];
    [...sources, ...targets, "first", "at", "left"].forEach((local) => b.declare(local, "i32"));
    ["sum", "term"].forEach((local) => b.declare(local, "v128"));
    const storeSums = () =>
      targets.forEach((target, lane) =>
        b.put(`(v128.store32_lane ${lane} ${w.get(target)} ${w.get("sum")})`)
      );
    const addTerms = () => b.put(w.set("sum", f.add(b, w.get("sum"), w.get("term"))));
    b.put(w.set("first", w.int(0)));
    b.put(`(block $done (loop $next (br_if $done (i32.ge_s ${w.get("first")} ${w.get("rows")}))`);
    SIDE_BY_SIDE.forEach((lane) => {
      const last = w.apply("i32.sub", w.get("rows"), w.int(1));
      b.put(w.set("at", w.apply("i32.add", w.get("first"), w.int(lane))));
      b.put(w.set("at", w.apply("select", last, w.get("at"), w.apply("i32.gt_s", w.get("at"), last))));
      b.put(w.set("at", w.apply("i32.mul", w.get("at"), w.get("row"))));
      b.put(w.set(sources[lane] ?? "", w.apply("i32.add", w.get("x"), w.get("at"))));
      b.put(w.set(targets[lane] ?? "", w.apply("i32.add", w.get("out"), w.get("at"))));
    });
    b.put(w.set("sum", w.splatBits(0)));
    b.put(w.set("left", w.get("count")));
    b.times("left", () => {
      b.put(w.set("term", `(v128.load32_zero ${w.get(sources[0] ?? "")})`));
      sources.slice(1).forEach((source, i) =>
        b.put(w.set("term", `(v128.load32_lane ${i + 1} ${w.get(source)} ${w.get("term")})`))
      );
      b.when(w.get("exclusive"), () => {
        storeSums();
        addTerms();
      }, () => {
        addTerms();
        storeSums();
      });
      [...sources, ...targets].forEach((pointer) => b.put(w.advance(pointer, w.get("step"))));
    });
    b.put(w.advance("first", SIDE_BY_SIDE.length));
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
function top(order: keyof typeof ORDERS): w.Text {
  const better = ORDERS[order];
  const parameters = w.integers("values", "places", "x", "count", "step", "k");
  return w.defineFunction({ name: `top_${order}`, parameters }, (b) => {
    ["i", "found", "low", "high", "middle", "moved"].forEach((local) => b.declare(local, "i32"));
    ["element", "worst"].forEach((local) => b.declare(local, "f32"));
    const word = (base: string, place: w.Text) =>
      w.apply("i32.add", w.get(base), w.apply("i32.shl", place, w.int(2)));
    const left = w.apply("i32.sub", w.get("count"), w.get("i"));
    b.put(`(block $done (loop $next (br_if $done (i32.ge_s ${w.get("i")} ${w.get("count")}))`);
    const isFull = w.apply("i32.eq", w.get("found"), w.get("k"));
    const isClose = w.apply("i32.eq", w.get("step"), w.int(4));
    const four = w.apply("i32.gt_s", left, w.int(3));
    b.when(w.apply("i32.and", isFull, w.apply("i32.and", isClose, four)), () => {
      const found = w.apply(`f32x4.${better}`, w.load(w.get("x")), w.apply("f32x4.splat", w.get("worst")));
      b.when(w.apply("i32.eqz", w.apply("v128.any_true", found)), () => {
        b.put(w.advance("x", 16));
        b.put(w.advance("i", 4));
        b.put("(br $next)");
      });
    });
    b.put(w.set("element", w.apply("f32.load", w.get("x"))));
    const isBetter = w.apply(`f32.${better}`, w.get("element"), w.get("worst"));
    b.when(w.apply("i32.or", w.apply("i32.eqz", isFull), isBetter), () => insert(b, better, word));
    b.put(w.advance("x", w.get("step")));
    b.put(w.advance("i", 1));
    b.put("(br $next)))");
  });
}

/** Puts `element` behind all that are not worse. */
function insert(b: w.Builder, better: string, word: (base: string, place: w.Text) => w.Text): void {
  b.put(w.set("low", w.int(0)));
  b.put(w.set("high", w.get("found")));
  b.put(`(block $placed (loop $halve (br_if $placed (i32.ge_s ${w.get("low")} ${w.get("high")}))`);
  b.put(w.set("middle", w.apply("i32.shr_u", w.apply("i32.add", w.get("low"), w.get("high")), w.int(1))));
  const isAfter = w.apply(
    `f32.${better}`,
    w.get("element"),
    w.apply("f32.load", word("values", w.get("middle"))),
  );
  b.when(
    isAfter,
    () => b.put(w.set("high", w.get("middle"))),
    () => b.put(w.set("low", w.apply("i32.add", w.get("middle"), w.int(1)))),
  );
  b.put("(br $halve)))");
  b.when(w.apply("i32.lt_s", w.get("found"), w.get("k")), () => b.put(w.advance("found", 1)));
  b.put(
    w.set(
      "moved",
      w.apply(
        "i32.shl",
        w.apply("i32.sub", w.apply("i32.sub", w.get("found"), w.get("low")), w.int(1)),
        w.int(2),
      ),
    ),
  );
  for (const base of ["values", "places"]) {
    const from = word(base, w.get("low"));
    b.put(w.apply("memory.copy", w.apply("i32.add", from, w.int(4)), from, w.get("moved")));
  }
  b.put(w.apply("f32.store", word("values", w.get("low")), w.get("element")));
  b.put(w.apply("i32.store", word("places", w.get("low")), w.get("i")));
  const last = word("values", w.apply("i32.sub", w.get("found"), w.int(1)));
  b.put(w.set("worst", w.apply("f32.load", last)));
}

/** Text of the kernels. */
export function scanKernels(): readonly w.Text[] {
  return [cumulate(), top("largest"), top("smallest")];
}
