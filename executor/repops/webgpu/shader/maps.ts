/**
 * Shaders that compute each element of one output from one element of each input, with broadcasting.
 *
 * Parameters: `P[0]` = 0, elements, first workgroup, axes; axis j, outermost first: `P[1 + 2j].x` its size, then from `.y` on the
 * distance of its neighbours in input 0, 1, ... (up to 7 inputs); `P[17]` four numbers of the operator's own. What is left of a
 * position when the inner axes are taken off is that along the outermost: no division is wasted on it, here and wherever axes are walked.
 *
 * @module
 */
import { LARGEST } from "../../numbers/mod.ts";
import { float, word } from "./literals.ts";
import { defineShader, type Shader } from "./shader.ts";

/** Threads of a workgroup: the size of the widest subgroups. */
export const MAP_THREADS = 64;
/** Axes that the parameters have room for. */
export const MAP_AXES = 8;
/** Vector of the operator's own parameters. */
export const MAP_EXTRAS = 17;

/** Reads own parameter number `i` as a float. */
const own = (i: number) => `bitcast<f32>(P[${MAP_EXTRAS}].${"xyzw"[i]})`;
/** The first own parameter as a word. */
const ownWord = `P[${MAP_EXTRAS}].x`;
const truth = (condition: string) => `select(0u, 1u, ${condition})`;
const floatWord = (value: string) => `bitcast<u32>(${value})`;

/** Functions of one float `a`; `a_bits` are its bits. */
const UNARY: Readonly<Record<string, string>> = {
  Abs: "magnitudeOf(a)",
  Neg: "negate(a)",
  Sign: "select(select(0.0, 1.0, a > 0.0), -1.0, a < 0.0)",
  Floor: "canonical(floor(a))",
  Ceil: "canonical(ceil(a))",
  Round: "canonical(round(a))",
  Sqrt: "squareRoot(a)",
  Reciprocal: "divide(1.0, a)",
  Exp: "exponential(a)",
  Log: "logarithm(a)",
  Sin: "sine(a)",
  Cos: "cosine(a)",
  Erf: "errorFunction(a)",
  Sigmoid: "sigmoid(a)",
  Tanh: "hyperbolicTangent(a)",
  Softplus: "softplus(a)",
  Softsign: "divide(a, add(1.0, magnitudeOf(a)))",
  Mish: "multiply(a, hyperbolicTangent(softplus(a)))",
  Relu: "max(a, 0.0)",
  Gelu: "gelu(a)",
  GeluTanh: "geluTanh(a)",
  Silu: "multiply(a, sigmoid(a))",
  Swish: `multiply(a, sigmoid(multiply(${own(0)}, a)))`,
  Square: "multiply(a, a)",
  Cube: "multiply(a, multiply(a, a))",
  LeakyRelu: `select(multiply(${own(0)}, a), a, a > 0.0)`,
  ThresholdedRelu: `select(0.0, a, a > ${own(0)})`,
  Elu: `elu(a, ${own(0)})`,
  Selu: `multiply(${own(1)}, elu(a, ${own(0)}))`,
  Celu: `add(max(a, 0.0), min(0.0, multiply(${own(0)}, subtract(exponential(divide(a, ${own(0)})), 1.0))))`,
  HardSigmoid: `hardSigmoid(a, ${own(0)}, ${own(1)})`,
  HardSwish: `multiply(a, hardSigmoid(a, ${own(0)}, ${own(1)}))`,
  Shrink: `select(select(0.0, subtract(a, ${own(0)}), a > ${own(1)}), add(a, ${own(0)}), a < flip(${
    own(1)
  }))`,
  /** 1 / sqrt(variance + epsilon), as normalisations have it. */
  InverseDeviation: `divide(1.0, squareRoot(add(a, ${own(0)})))`,
};

/** Functions of two floats `a` and `b`. */
const BINARY: Readonly<Record<string, string>> = {
  Add: "add(a, b)",
  Sub: "subtract(a, b)",
  Mul: "multiply(a, b)",
  Div: "divide(a, b)",
  Max: "max(a, b)",
  Min: "min(a, b)",
  Pow: "power(a, b)",
  Mod: "remainderOf(a, b)",
  PRelu: "select(multiply(b, a), a, a > 0.0)",
  /** What training makes of running statistics: before * momentum + now * (1 - momentum). */
  Running: `add(multiply(a, ${own(0)}), multiply(b, ${own(1)}))`,
};

const COMPARISONS: Readonly<Record<string, string>> = {
  Equal: "==",
  Less: "<",
  LessOrEqual: "<=",
  Greater: ">",
  GreaterOrEqual: ">=",
};

/** Whole expressions on words `a_bits`, `b_bits`, ... and floats `a`, `b`, ... by number of inputs. */
const WORDS: Readonly<Record<string, readonly [inputs: number, result: string]>> = {
  Copy: [1, "a_bits"],
  Not: [1, truth("a_bits == 0u")],
  IsInf: [
    1,
    `select(0u, select(P[${MAP_EXTRAS}].x, P[${MAP_EXTRAS}].y, a < 0.0), magnitudeOf(a) == ${
      float(LARGEST)
    })`,
  ],
  Truth: [1, truth("a_bits != 0u")],
  FloatOfInt: [1, floatWord("floatOfInt(bitcast<i32>(a_bits))")],
  IntOfFloat: [1, "bitcast<u32>(intOfFloat(a))"],
  /** Own parameters: the ends of the type. */
  NarrowOfFloat: [1, `bitcast<u32>(intOfFloat(clamp(a, ${own(0)}, ${own(1)})))`],
  /** An integer of fewer bits, with its sign or without. Own parameter: the bits to drop. */
  NarrowSigned: [1, `bitcast<u32>(bitcast<i32>(a_bits << ${ownWord}) >> ${ownWord})`],
  NarrowUnsigned: [1, `(a_bits << ${ownWord}) >> ${ownWord}`],
  BitwiseNot: [1, "~a_bits"],
  /** Of fewer bits than a word: own parameter as of NarrowUnsigned. */
  ShiftLeft: [2, `select((a_bits << (b_bits & 31u)) << ${ownWord}, 0u, b_bits > 31u) >> ${ownWord}`],
  ShiftRight: [2, "select(a_bits >> (b_bits & 31u), 0u, b_bits > 31u)"],
  PowInt: [2, "bitcast<u32>(integerPower(bitcast<i32>(a_bits), bitcast<i32>(b_bits)))"],
  ModInt: [2, "bitcast<u32>(flooredRemainder(bitcast<i32>(a_bits), bitcast<i32>(b_bits)))"],
  ModTruncatedInt: [2, "bitcast<u32>(remainderInt(bitcast<i32>(a_bits), bitcast<i32>(b_bits)))"],
  ModUnsigned: [2, "select(a_bits % max(b_bits, 1u), 0u, b_bits == 0u)"],
  AddInt: [2, "a_bits + b_bits"],
  SubInt: [2, "a_bits - b_bits"],
  MulInt: [2, "a_bits * b_bits"],
  DivInt: [
    2,
    `select(bitcast<u32>(bitcast<i32>(a_bits) / select(bitcast<i32>(b_bits), 1, b_bits == 0u || b_bits == ${
      word(-1)
    })), select(0u - a_bits, 0u, b_bits == 0u), b_bits == 0u || b_bits == ${word(-1)})`,
  ],
  MaxInt: [2, "bitcast<u32>(max(bitcast<i32>(a_bits), bitcast<i32>(b_bits)))"],
  MinInt: [2, "bitcast<u32>(min(bitcast<i32>(a_bits), bitcast<i32>(b_bits)))"],
  And: [2, truth("a_bits != 0u && b_bits != 0u")],
  Or: [2, truth("a_bits != 0u || b_bits != 0u")],
  Xor: [2, truth("(a_bits != 0u) != (b_bits != 0u)")],
  BitwiseAnd: [2, "a_bits & b_bits"],
  BitwiseOr: [2, "a_bits | b_bits"],
  BitwiseXor: [2, "a_bits ^ b_bits"],
  Where: [3, "select(c_bits, b_bits, a_bits != 0u)"],
  Clip: [3, floatWord("min(c, max(b, a))")],
  /** ((x - mean) * inverse) * scale + shift. */
  Normalised: [5, floatWord("add(multiply(multiply(subtract(a, b), c), d), e)")],
  ...Object.fromEntries(
    Object.entries(COMPARISONS).flatMap(([name, sign]) => [
      [name, [2, truth(`a ${sign} b`)]],
      [`${name}Int`, [2, truth(`bitcast<i32>(a_bits) ${sign} bitcast<i32>(b_bits)`)]],
    ]),
  ),
};

/** Names of a map's operands. */
export const MAP_LETTERS = ["a", "b", "c", "d", "e", "f", "g"] as const;

function mapShader(name: string, inputs: number, result: string): Shader {
  const letters = MAP_LETTERS.slice(0, inputs);
  const strideOf = (i: number) => (i < 3 ? `near.${"yzw"[i]}` : `far.${"xyzw"[i - 3]}`);
  const step = letters.map((letter, i) => `at_${letter} += c * ${strideOf(i)};`).join(" ");
  const far = inputs > 3 ? "let far = P[2u * axis];" : "";
  const reads = letters.map((letter, i) =>
    `let ${letter}_bits = I${i}[at_${letter}]; let ${letter} = bitcast<f32>(${letter}_bits);`
  );
  return defineShader({
    name: `map ${name}`,
    inputs,
    outputs: 1,
    threads: MAP_THREADS,
    body: `
  let index = group * ${MAP_THREADS}u + thread;
  if (index >= P[0].y) { return; }
  ${letters.map((letter) => `var at_${letter} = 0u;`).join(" ")}
  var rest = index;
  for (var axis = P[0].w; axis > 1u; axis = axis - 1u) {
    let near = P[2u * axis - 1u];
    ${far}
    let c = rest % near.x;
    rest = rest / near.x;
    ${step}
  }
  {
    let near = P[1];
    ${far.replace("2u * axis", "2")}
    let c = rest;
    ${step}
  }
  ${reads.join("\n  ")}
  O0[index] = ${result};`,
  });
}

/** What maps put out, as words: expressions of their operands, by name. */
export const MAP_RESULTS: ReadonlyMap<string, { readonly inputs: number; readonly result: string }> = new Map(
  [
    ...Object.entries(UNARY).map(([name, f]) => [name, { inputs: 1, result: floatWord(f) }] as const),
    ...Object.entries(BINARY).map(([name, f]) => [name, { inputs: 2, result: floatWord(f) }] as const),
    ...Object.entries(WORDS).map(([name, [inputs, result]]) => [name, { inputs, result }] as const),
  ],
);

/** All maps by name. */
export const MAPS: ReadonlyMap<string, Shader> = new Map(
  [...MAP_RESULTS].map(([name, { inputs, result }]) => [name, mapShader(name, inputs, result)]),
);

/** Makes floats canonical where they lie: how inputs of a graph come in. */
export const CANONICALIZE: Shader = defineShader({
  name: "canonicalize",
  inputs: 0,
  outputs: 1,
  threads: MAP_THREADS,
  body: `
  let index = group * ${MAP_THREADS}u + thread;
  if (index >= P[0].y) { return; }
  O0[index] = canonicalBits(O0[index]);`,
});
