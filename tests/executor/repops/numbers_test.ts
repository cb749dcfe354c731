/**
 * The scalar definitions: functions against their true values, orders of summation against their words, frozen bits.
 *
 * @module
 */
import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { bytesToHex, sha256 } from "../../../ledger/primitives/mod.ts";
import * as numbers from "../../../executor/repops/numbers/mod.ts";
import { randomNumbers } from "./random_values.ts";

const { fromBits, bitsOf } = numbers;

/** erf in binary64: its series near zero, its continued fraction farther out. Good to 1e-15. */
function trueErf(x: number): number {
  const a = Math.abs(x);
  if (a < 3) {
    let [sum, term] = [a, a];
    for (let n = 1; n < 200; n++) {
      term *= -a * a / n;
      sum += term / (2 * n + 1);
    }
    return Math.sign(x) * sum * 2 / Math.sqrt(Math.PI);
  }
  let fraction = 0;
  for (let k = 120; k >= 1; k--) fraction = k / 2 / (a + fraction);
  return Math.sign(x) * (1 - Math.exp(-a * a) / (Math.sqrt(Math.PI) * (a + fraction)));
}

/** Largest error of a function over a range, in units in the last place of the true value. */
function worstError(
  f: (x: number) => number,
  truth: (x: number) => number,
  low: number,
  high: number,
): number {
  const samples = 40_000;
  let worst = 0;
  for (let i = 0; i <= samples; i++) {
    const x = Math.fround(low + (high - low) * i / samples);
    const wanted = truth(x);
    const unit = 2 ** (Math.floor(Math.log2(Math.abs(wanted) || 1)) - 23);
    worst = Math.max(worst, Math.abs(f(x) - wanted) / unit);
  }
  return worst;
}

const BOUNDS:
  readonly (readonly [string, (x: number) => number, (x: number) => number, number, number, number])[] = [
    ["exp", numbers.exponential, Math.exp, -69, 69, 1.3],
    ["log", numbers.logarithm, Math.log, 2 ** -20, 8, 0.8],
    ["log", numbers.logarithm, Math.log, 8, 1e9, 0.8],
    ["tanh", numbers.hyperbolicTangent, Math.tanh, -11, 11, 1.4],
    ["tanh", numbers.hyperbolicTangent, Math.tanh, -1e-3, 1e-3, 1.4],
    ["sigmoid", numbers.sigmoid, (x) => 1 / (1 + Math.exp(-x)), -60, 60, 2.5],
    ["erf", numbers.errorFunction, trueErf, -5, 5, 1.2],
    ["erf", numbers.errorFunction, trueErf, -1e-3, 1e-3, 1.2],
    ["sin", numbers.sine, Math.sin, -1000, 1000, 2.7],
    ["cos", numbers.cosine, Math.cos, -1e6, 1e6, 2.7],
    ["gelu", numbers.gelu, (x) => x / 2 * (1 + trueErf(x / Math.SQRT2)), -0.9, 8, 3],
    ["pow", (x) => numbers.power(x, Math.fround(2.3)), (x) => x ** Math.fround(2.3), 0.01, 1000, 18],
  ];

for (const [name, f, truth, low, high, bound] of BOUNDS) {
  Deno.test(`${name} on [${low}, ${high}] is within ${bound} units in the last place`, () => {
    const worst = worstError(f, truth, low, high);
    assert(worst <= bound, `${worst}`);
  });
}

Deno.test("the canonical value is zero or between 2^-100 and 2^100", () => {
  const cases = [
    [0x7fc00000, 0],
    [0x80000000, 0],
    [0x0d7fffff, 0],
    [0x0d800000, 2 ** -100],
    [0x8d800000, -(2 ** -100)],
    [0x71800000, 2 ** 100],
    [0x71800001, 2 ** 100],
    [0xff800000, -(2 ** 100)],
    [0x3f800000, 1],
  ] as const;
  for (const [bits, wanted] of cases) {
    assert(Object.is(numbers.canonical(fromBits(bits)), wanted), bits.toString(16));
  }
});

Deno.test("a factor of precision high has 12 significant bits, ties to even, and its ends", () => {
  const high = (bits: number) => bitsOf(numbers.factor(fromBits(bits), "high")).toString(16);
  assertEquals(high(0x3f800800), "3f800000");
  assertEquals(high(0x3f801800), "3f802000");
  assertEquals(high(0x3f800801), "3f801000");
  assertEquals(high(0xbffff800), "c0000000");
  assertEquals(high(0x267fffff), "0");
  assertEquals(high(0x26800000), "26800000");
  assertEquals(high(0x60000000), "58800000");
  assertEquals(bitsOf(numbers.factor(fromBits(0x3f800801), "highest")).toString(16), "3f800801");
});

Deno.test("a product's terms meet in blocks of 256, groups of 8 blocks, and a tree", () => {
  const { fround } = Math;
  const random = randomNumbers(3);
  const terms = Float32Array.from({ length: 3 * 2048 + 300 }, () => (random() - 0.5) * 2 ** (random() * 20));
  const block = (start: number, end: number) =>
    terms.slice(start, end).reduce((sum, x) => fround(sum + x), 0);
  const group = (start: number) => {
    let sum = 0;
    for (let i = start; i < Math.min(start + 2048, terms.length); i += 256) {
      sum = fround(sum + block(i, i + 256));
    }
    return sum;
  };
  const [a, b, c, d] = [group(0), group(2048), group(4096), group(6144)];
  const wanted = fround(fround(a + b) + fround(c + d));
  assertEquals(numbers.productSum(terms.length, (k) => terms[k] ?? 0), wanted);
  const three = fround(fround(a + b) + c);
  assertEquals(numbers.productSum(6144, (k) => terms[k] ?? 0), three);
});

Deno.test("a reduction's terms go to 32 lanes, which fold in halves", () => {
  const { fround } = Math;
  const random = randomNumbers(4);
  const terms = Float32Array.from({ length: 100 }, () => (random() - 0.5) * 2 ** (random() * 20));
  let lanes = Array.from({ length: 32 }, (_, lane) => {
    let sum = 0;
    for (let i = lane; i < terms.length; i += 32) sum = fround(sum + (terms[i] ?? 0));
    return sum;
  });
  while (lanes.length > 1) {
    const half = lanes.length / 2;
    lanes = lanes.slice(0, half).map((x, i) => fround(x + (lanes[i + half] ?? 0)));
  }
  assertEquals(numbers.reductionSum(100, (i) => terms[i] ?? 0), lanes[0]);
});

Deno.test("Threefry gives the words of its authors' known answers", () => {
  const hex = (pair: numbers.WordPair) => pair.map((word) => word.toString(16).padStart(8, "0")).join(" ");
  assertEquals(hex(numbers.threefry([0, 0], [0, 0])), "6b200159 99ba4efe");
  assertEquals(
    hex(numbers.threefry([0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff])),
    "1cb996fc bb002be7",
  );
  assertEquals(
    hex(numbers.threefry([0x13198a2e, 0x03707344], [0x243f6a88, 0x85a308d3])),
    "c4923a9c 483df7a0",
  );
});

Deno.test("every binary16 comes back from binary32, and rounding is to even", () => {
  for (let bits = 0; bits < 0x7c00; bits++) {
    assertEquals(numbers.floatToHalf(numbers.halfToFloat(bits)), bits);
  }
  assertEquals(numbers.floatToHalf(1 + 2 ** -11), 0x3c00);
  assertEquals(numbers.floatToHalf(1 + 3 * 2 ** -11), 0x3c02);
  assertEquals(numbers.floatToHalf(65519), 0x7bff);
  assertEquals(numbers.floatToHalf(65520), 0x7c00);
});

/** SHA-256 of each function's bits on 4096 values over the whole domain: a change is a change of the specification. */
const FROZEN: Readonly<Record<string, string>> = {
  cos: "4d990d93d6317117",
  cube: "b7a411ca8cd4c7a3",
  erf: "f9284b8970595119",
  exp: "3db7d388a7bb8886",
  gelu: "8d08296e61209a45",
  geluTanh: "11282e01d94f52b8",
  high: "a82de1d53e3d5473",
  log: "61eacc98c1108134",
  pow: "2548ea231153c3dc",
  sigmoid: "84e1c94d8f29bb0d",
  sin: "f1acd10bb4b5b060",
  softplus: "e8dc8bee172a72ec",
  tanh: "dca1a0d1353f776e",
};

Deno.test("the bits of every function are frozen", () => {
  const random = randomNumbers(99);
  const near = () => 2 * fromBits(0x3f800000 + Math.floor(random() * 2 ** 23)) - 3;
  const anywhere = () => fromBits(Math.floor(random() * 2 ** 32));
  const values = Float32Array.from({ length: 4096 }, (_, i) => {
    const value = i % 3 === 0 ? anywhere() : near() * (i % 3 === 1 ? 16 : 1);
    return numbers.canonical(Math.fround(value));
  });
  const functions: Readonly<Record<string, (x: number) => number>> = {
    exp: numbers.exponential,
    log: numbers.logarithm,
    tanh: numbers.hyperbolicTangent,
    erf: numbers.errorFunction,
    sigmoid: numbers.sigmoid,
    softplus: numbers.softplus,
    gelu: numbers.gelu,
    geluTanh: numbers.geluTanh,
    sin: numbers.sine,
    cos: numbers.cosine,
    pow: (x) => numbers.power(x, 1.7),
    cube: (x) => numbers.power(x, 3),
    high: (x) => numbers.factor(x, "high"),
  };
  const hashes = Object.entries(functions).map(([name, f]) => {
    const results = values.map(f);
    return [name, bytesToHex(sha256(new Uint8Array(results.buffer))).slice(0, 16)] as const;
  });
  assertEquals(Object.fromEntries(hashes), FROZEN);
});
