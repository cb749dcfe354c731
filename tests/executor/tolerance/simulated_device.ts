/**
 * A device that rounds as it may: sums in any order, fused or not, functions off by what WGSL grants, small results flushed. Written
 * apart from the bounds.
 *
 * @module
 */
import type { Tensor } from "../../../executor/tensor.ts";
import { must } from "../must.ts";
import { randomNumbers } from "../repops/random_values.ts";

type Random = () => number;

const { fround } = Math;

/** Flushes what is subnormal, or not. */
function rounded(x: number, random: Random): number {
  const y = fround(x);
  return Math.abs(y) < 2 ** -126 && random() < 0.5 ? 0 : y;
}

/** A value off by up to so many units in the last place, either way. */
function loose(exact: number, units: number, random: Random): number {
  const ulp = 2 ** (Math.floor(Math.log2(Math.max(Math.abs(exact), 2 ** -126))) - 23);
  return rounded(exact + (random() * 2 - 1) * units * ulp, random);
}

const exp = (x: number, random: Random) => loose(Math.exp(x), 3 + 2 * Math.abs(x), random);
const divided = (a: number, b: number, random: Random) => loose(a / b, 2.5, random);

/** Terms added in a random order by a random tree. */
function sum(terms: readonly number[], random: Random): number {
  const left = [...terms];
  for (let i = left.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [left[i], left[j]] = [must(left[j]), must(left[i])];
  }
  const chain = random();
  while (left.length > 1) {
    const a = must(left.pop());
    // Onto the latest sum, as one thread does, or onto one far away, as a tree does.
    const at = random() < chain ? left.length - 1 : Math.floor(random() * left.length);
    left[at] = rounded(must(left[at]) + a, random);
  }
  return left[0] ?? 0;
}

/** A dot product: each product rounded, or fused into a running sum. */
function dot(a: readonly number[], b: readonly number[], random: Random): number {
  if (random() < 0.5) return sum(a.map((x, k) => rounded(x * must(b[k]), random)), random);
  const lanes = new Array<number>(1 + Math.floor(random() * 9)).fill(0);
  a.forEach((x, k) => {
    const lane = k % lanes.length;
    lanes[lane] = fround(x * must(b[k]) + must(lanes[lane]));
  });
  return sum(lanes, random);
}

function rows({ data, shape }: Tensor): readonly (readonly number[])[] {
  const width = must(shape.at(-1));
  return Array.from(
    { length: data.length / width },
    (_, row) => Array.from(data.slice(row * width, (row + 1) * width), Number),
  );
}

function softmaxRow(row: readonly number[], random: Random): readonly number[] {
  const top = Math.max(...row);
  const terms = row.map((x) => exp(fround(x - top), random));
  const total = sum(terms, random);
  const inverse = divided(1, total, random);
  const multiplies = random() < 0.5;
  return terms.map((e) => (multiplies ? rounded(e * inverse, random) : divided(e, total, random)));
}

function layerNormRow(
  row: readonly number[],
  scale: readonly number[],
  shift: readonly number[],
  random: Random,
): readonly number[] {
  const mean = divided(sum(row, random), row.length, random);
  const squaresFirst = random() < 0.5;
  const squares = row.map((x) => fround((squaresFirst ? x : fround(x - mean)) ** 2));
  const spread = divided(sum(squares, random), row.length, random);
  const variance = squaresFirst ? fround(spread - fround(mean * mean)) : spread;
  const root = loose(Math.sqrt(Math.max(0, variance) + fround(1e-5)), 2, random);
  const inverse = divided(1, root, random);
  return row.map((x, i) =>
    rounded(fround(fround(fround(x - mean) * inverse) * must(scale[i])) + must(shift[i]), random)
  );
}

type Simulation = (inputs: readonly Tensor[], random: Random) => readonly number[];

const mapped = (f: (x: number, random: Random) => number): Simulation => ([x], random) =>
  numbersOf(must(x)).map((value) => f(value, random));

const paired = (f: (a: number, b: number, random: Random) => number): Simulation => ([a, b], random) => {
  const right = numbersOf(must(b));
  return numbersOf(must(a)).map((value, i) => f(value, must(right[i % right.length]), random));
};

function numbersOf({ data }: Tensor): readonly number[] {
  return Array.from({ length: data.length }, (_, i) => Number(data[i]));
}

/** What the device makes of an operator's inputs; the last axis is the one reduced. */
export const SIMULATIONS: Readonly<Record<string, Simulation>> = {
  MatMul: ([a, b], random) => {
    const columns = must(must(b).shape.at(-1));
    const right = rows(must(b));
    return rows(must(a)).flatMap((row) =>
      Array.from({ length: columns }, (_, j) => dot(row, right.map((r) => must(r[j])), random))
    );
  },
  ReduceSum: ([x], random) => rows(must(x)).map((row) => sum(row, random)),
  ReduceMean: ([x], random) => rows(must(x)).map((row) => divided(sum(row, random), row.length, random)),
  Softmax: ([x], random) => rows(must(x)).flatMap((row) => softmaxRow(row, random)),
  LayerNormalization: ([x, scale, shift], random) =>
    rows(must(x)).flatMap((row) =>
      layerNormRow(row, rows(must(scale))[0] ?? [], rows(must(shift))[0] ?? [], random)
    ),
  Exp: mapped(exp),
  Sqrt: mapped((x, random) => loose(Math.sqrt(x), 2, random)),
  Sigmoid: mapped((x, random) => divided(1, fround(1 + exp(-x, random)), random)),
  Add: paired((a, b, random) => rounded(a + b, random)),
  Mul: paired((a, b, random) => rounded(a * b, random)),
  Div: paired(divided),
};

/** A node computed on the device. */
export function simulate(operator: string, inputs: readonly Tensor[], like: Tensor, seed: number): Tensor {
  const values = must(SIMULATIONS[operator])(inputs, randomNumbers(seed));
  return { ...like, data: Float32Array.from(values) };
}
