/**
 * Kernels that map elements: `u_<name>(out, a, vectors)` on vectors of four, and
 * `b_<name>_<form>(out, a, b, rows, count, aRow, bRow)` on rows, where the form says which operand varies along a row.
 *
 * Unary kernels write whole vectors, up to three elements beyond the end; binary ones write nothing beyond a row.
 *
 * @module
 */
import * as w from "./builder.ts";
import * as f from "./vector_functions.ts";

type Unary = (b: w.Builder, x: w.Text) => w.Text;
type Binary = (b: w.Builder, x: w.Text, y: w.Text) => w.Text;

const rounding = (instruction: string): Unary => (b, x) =>
  f.canonical(b, b.vector(w.apply(`f32x4.${instruction}`, x)));
const compare = (instruction: string): Binary => (b, x, y) => f.truth(b, w.apply(instruction, x, y));
const word = (instruction: string): Binary => (b, x, y) => b.vector(w.apply(instruction, x, y));

/** Unary kernels by the name of their ONNX operator. */
export const UNARY: Readonly<Record<string, Unary>> = {
  Canonical: f.canonical,
  Abs: f.absolute,
  Neg: f.negate,
  Sign: f.sign,
  Floor: rounding("floor"),
  Ceil: rounding("ceil"),
  Round: rounding("nearest"),
  Sqrt: f.squareRoot,
  Reciprocal: (b, x) => f.divide(b, w.splat(1), x),
  Exp: f.exponential,
  Log: f.logarithm,
  Erf: f.errorFunction,
  Sigmoid: f.sigmoid,
  Tanh: f.hyperbolicTangent,
  Softplus: f.softplus,
  Softsign: (b, x) => f.divide(b, x, f.add(b, w.splat(1), f.absolute(b, x))),
  Mish: (b, x) => f.multiply(b, x, f.hyperbolicTangent(b, f.softplus(b, x))),
  Relu: (b, x) => f.greater(b, w.splat(0), x),
  Gelu: f.gelu,
  GeluTanh: f.geluTanh,
  Swish: f.silu,
  Square: (b, x) => f.multiply(b, x, x),
  Not: (b, x) => f.truth(b, w.apply("i32x4.eq", x, w.splat(0))),
  /** Cast of float to a truth value, and of integers to floats. */
  Truth: (b, x) => f.truth(b, f.nonZero(x)),
  FloatOfInt: (b, x) => b.vector(w.apply("f32x4.convert_i32x4_s", x)),
  IntOfFloat: (b, x) => b.vector(w.apply("i32x4.trunc_sat_f32x4_s", x)),
};

/** Binary kernels: ONNX operators on floats, and with the suffix `Int` on 32-bit integers. */
export const BINARY: Readonly<Record<string, Binary>> = {
  Add: f.add,
  Sub: f.subtract,
  Mul: f.multiply,
  Div: f.divide,
  Max: f.greater,
  Min: f.lesser,
  PRelu: (b, x, slope) =>
    b.vector(w.apply("v128.bitselect", x, f.multiply(b, slope, x), w.apply("f32x4.gt", x, w.splat(0)))),
  Equal: compare("f32x4.eq"),
  Less: compare("f32x4.lt"),
  LessOrEqual: compare("f32x4.le"),
  Greater: compare("f32x4.gt"),
  GreaterOrEqual: compare("f32x4.ge"),
  AddInt: word("i32x4.add"),
  SubInt: word("i32x4.sub"),
  MulInt: word("i32x4.mul"),
  EqualInt: compare("i32x4.eq"),
  LessInt: compare("i32x4.lt_s"),
  LessOrEqualInt: compare("i32x4.le_s"),
  GreaterInt: compare("i32x4.gt_s"),
  GreaterOrEqualInt: compare("i32x4.ge_s"),
  And: word("v128.and"),
  Or: word("v128.or"),
  Xor: word("v128.xor"),
};

/** Unary kernels whose steps are so few that the loop around them would cost as much. */
export const SHORT: ReadonlySet<string> = new Set([
  "Canonical",
  "Abs",
  "Neg",
  "Sign",
  "Floor",
  "Ceil",
  "Round",
  "Sqrt",
  "Reciprocal",
  "Relu",
  "Square",
  "Not",
  "Truth",
  "FloatOfInt",
  "IntOfFloat",
]);

/** Vectors that one turn of an unrolled loop computes. */
export const UNROLLED = 4;

/**
 * Visits `vectors` vectors with the byte offset of each from the pointers, several in a turn of the loop. The local of the count is
 * used up; `turns` is a local for it.
 */
export function eachVector(
  b: w.Builder,
  pointers: readonly string[],
  unrolled: number,
  visit: (offset: number) => void,
): void {
  const turn = (vectors: number) => {
    for (let i = 0; i < vectors; i++) visit(i * 16);
    for (const pointer of pointers) b.put(w.advance(pointer, 16 * vectors));
  };
  if (unrolled > 1) {
    b.put(w.set("turns", w.apply("i32.div_u", w.get("vectors"), w.int(unrolled))));
    b.put(w.set("vectors", w.apply("i32.rem_u", w.get("vectors"), w.int(unrolled))));
    b.times("turns", () => turn(unrolled));
  }
  b.times("vectors", () => turn(1));
}

function unaryKernel(name: string, function_: Unary): w.Text {
  return w.defineFunction({ name: `u_${name}`, parameters: w.integers("out", "a", "vectors") }, (b) => {
    b.declare("turns", "i32");
    eachVector(b, ["a", "out"], SHORT.has(name) ? UNROLLED : 1, (offset) => {
      const x = b.vector(w.load(w.get("a"), offset));
      b.put(w.store(w.get("out"), function_(b, x), offset));
    });
  });
}

/** Which operand varies along a row. */
export type BinaryForm = "both" | "left" | "right";

function binaryKernel(name: string, form: BinaryForm, function_: Binary): w.Text {
  const parameters = w.integers("out", "a", "b", "rows", "count", "aRow", "bRow");
  return w.defineFunction({ name: `b_${name}_${form}`, parameters }, (b) => {
    ["vectors", "turns", "rest", "p", "q", "o"].forEach((local) => b.declare(local, "i32"));
    ["x", "y"].forEach((local) => b.declare(local, "v128"));
    const result = (offset: number) => {
      if (form !== "right") b.put(w.set("x", w.load(w.get("p"), offset)));
      if (form !== "left") b.put(w.set("y", w.load(w.get("q"), offset)));
      return function_(b, w.get("x"), w.get("y"));
    };
    b.put(w.set("rest", w.apply("i32.and", w.get("count"), w.int(3))));
    b.times("rows", () => {
      b.put(w.set("p", w.get("a")));
      b.put(w.set("q", w.get("b")));
      b.put(w.set("o", w.get("out")));
      b.put(w.set("vectors", w.apply("i32.shr_u", w.get("count"), w.int(2))));
      if (form === "right") b.put(w.set("x", w.apply("v128.load32_splat", w.get("p"))));
      if (form === "left") b.put(w.set("y", w.apply("v128.load32_splat", w.get("q"))));
      eachVector(
        b,
        ["p", "q", "o"],
        UNROLLED,
        (offset) => b.put(w.store(w.get("o"), result(offset), offset)),
      );
      b.when(w.get("rest"), () => w.storeFirst(b, "o", b.vector(result(0)), "rest"));
      b.put(w.advance("a", w.get("aRow")));
      b.put(w.advance("b", w.get("bRow")));
      b.put(w.advance("out", w.apply("i32.shl", w.get("count"), w.int(2))));
    });
  });
}

/**
 * `where_<form>(out, condition, a, b, vectors)`: in the form `left` b is one value for all, in `right` a is, in `both` neither.
 */
function whereKernel(form: BinaryForm): w.Text {
  const parameters = w.integers("out", "c", "a", "b", "vectors");
  return w.defineFunction({ name: `where_${form}`, parameters }, (b) => {
    const once = (name: string) => b.vector(w.apply("v128.load32_splat", w.get(name)));
    const [a, other] = [
      form === "right" ? once("a") : w.load(w.get("a")),
      form === "left" ? once("b") : w.load(w.get("b")),
    ];
    const moving = ["c", "out", ...(form === "right" ? [] : ["a"]), ...(form === "left" ? [] : ["b"])];
    b.times("vectors", () => {
      b.put(w.store(w.get("out"), w.apply("v128.bitselect", a, other, f.nonZero(w.load(w.get("c"))))));
      moving.forEach((pointer) => b.put(w.advance(pointer, 16)));
    });
  });
}

/** Text of all elementwise kernels. */
export function elementwiseKernels(): readonly w.Text[] {
  const forms: readonly BinaryForm[] = ["both", "left", "right"];
  return [
    ...Object.entries(UNARY).map(([name, function_]) => unaryKernel(name, function_)),
    ...Object.entries(BINARY).flatMap(([name, function_]) =>
      forms.map((form) => binaryKernel(name, form, function_))
    ),
    ...forms.map(whereKernel),
  ];
}
