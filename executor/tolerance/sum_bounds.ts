/**
 * Sums and products: the same operator on absolute values, times the roundings of any order.
 *
 * @module
 */
import type { Attribute } from "../graph.ts";
import {
  type Call,
  extent,
  intAttribute,
  intsAttribute,
  normalAxis,
  type Operand,
  productSumsOf,
  reducedAxes,
  tapPosition,
  windowsOf,
} from "../repops/mod.ts";
import type { BoundRule } from "./bound_rule.ts";
import { gamma, TINY } from "./rounding.ts";

/** Roundings beside those of the sum itself: alpha, beta, the bias, a division. */
const AROUND = 4;

/** MatMul, Gemm, Conv, ConvTranspose, Einsum of two operands. */
const products: BoundRule = (call) => {
  const absolute = absoluteCall(call);
  const sums = productSumsOf(absolute);
  if (!sums) return [];
  const roundings = gamma(sums.terms + AROUND);
  const vectors = (side: typeof sums.left) => {
    const operand = absolute.inputs[side.position];
    const kept = new Map<number, Float64Array>();
    return (index: number): Float64Array => {
      const vector = side.vectorOf(index);
      const known = kept.get(vector);
      if (known) return known;
      const elementOf = side.elementsOf(vector);
      const values = Float64Array.from({ length: sums.terms }, (_, k) => {
        const element = elementOf(k);
        return element === undefined ? 0 : operand?.at(element) ?? 0;
      });
      kept.set(vector, values);
      return values;
    };
  };
  const [left, right] = [vectors(sums.left), vectors(sums.right)];
  return [(index) => {
    const [a, b] = [left(index), right(index)];
    let sum = 0;
    for (let k = 0; k < a.length; k++) sum += (a[k] ?? 0) * (b[k] ?? 0);
    return roundings * sums.finish(sum, index) + (sums.terms + AROUND) * TINY;
  }];
};

/** The call on magnitudes: of its operands, and of the factors among its attributes. */
function absoluteCall(call: Call): Call {
  const magnitude = (attribute: Attribute): Attribute =>
    attribute.type === "float" ? { type: "float", value: Math.abs(attribute.value) } : attribute;
  const attributes = Object.fromEntries(
    Object.entries(call.node.attributes).map(([name, attribute]) => [name, magnitude(attribute)]),
  );
  const inputs = call.inputs.map((operand): Operand | undefined =>
    operand && { ...operand, at: (index) => Math.abs(operand.at(index)) }
  );
  return { ...call, node: { ...call.node, attributes }, inputs };
}

interface Terms {
  readonly count: number;
  readonly term: (i: number) => number;
}

/** What a reduction's error is, from the terms it reduces. */
function reduction(bound: (terms: Terms) => number): BoundRule {
  return (call) => {
    const [x] = call.inputs;
    if (!x) return [];
    const axes = reducedAxes(call, x);
    if (!axes) return [(index) => bound({ count: 1, term: () => x.at(index) })];
    const walk = walkOver(x.shape, axes);
    return [(index) => {
      const positions = walk(index);
      return bound({ count: positions.length, term: (i) => x.at(positions[i] ?? 0) });
    }];
  };
}

/** Positions that a reduction over `axes` reads for each element of the rest. */
function walkOver(shape: readonly number[], axes: readonly number[]): (index: number) => readonly number[] {
  const step = (axis: number) => extent(shape, axis + 1);
  const kept = shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const spread = (over: readonly number[]): readonly number[] =>
    over.reduce<readonly number[]>(
      (starts, axis) =>
        starts.flatMap((start) => Array.from({ length: shape[axis] ?? 1 }, (_, i) => start + i * step(axis))),
      [0],
    );
  const [starts, offsets] = [spread(kept), spread(axes)];
  return (index) => offsets.map((offset) => (starts[index] ?? 0) + offset);
}

function magnitudes({ count, term }: Terms, f: (x: number) => number = Math.abs): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += f(term(i));
  return sum;
}

const square = (x: number) => x * x;
const roundingsOf = ({ count }: Terms) => gamma(count + AROUND);

/** Sums along an axis: each element of as many terms as come before it. */
const cumulative: BoundRule = (call) => {
  const [x, axisInput] = call.inputs;
  if (!x) return [];
  const axis = normalAxis(axisInput?.at(0) ?? 0, x.shape.length);
  const [step, length] = [extent(x.shape, axis + 1), x.shape[axis] ?? 1];
  return [(index) => {
    const start = Math.floor(index / (step * length)) * step * length + index % step;
    return gamma(length) * magnitudes({ count: length, term: (i) => x.at(start + i * step) }) + TINY;
  }];
};

/** Averages over windows. */
const averagePool: BoundRule = (call) => {
  const [x] = call.inputs;
  const shape = call.outputs[0]?.shape ?? [];
  if (!x) return [];
  const [size, outSize] = [x.shape.slice(2), shape.slice(2)];
  const global = call.node.operator === "GlobalAveragePool";
  const kernel = global ? size : intsAttribute(call.node, "kernel_shape") ?? size;
  const windows = windowsOf(call.node, size, kernel, outSize);
  const [plane, places, taps] = [extent(size), extent(outSize), extent(kernel)];
  const withPadding = intAttribute(call.node, "count_include_pad", 0) !== 0;
  return [(index) => {
    const at = digits(index % places, outSize);
    const start = Math.floor(index / places) * plane;
    let [sum, counted] = [0, 0];
    for (let tap = 0; tap < taps; tap++) {
      const place = tapPosition(windows, at, digits(tap, kernel));
      if (place === undefined) continue;
      counted++;
      sum += Math.abs(x.at(start + place));
    }
    // With padding the divisor is at least the taps on elements, so this is the larger bound of the two.
    return (gamma(taps + AROUND) * sum) / Math.max(1, withPadding ? Math.min(counted, taps) : counted) + TINY;
  }];
};

function digits(index: number, shape: readonly number[]): readonly number[] {
  let rest = index;
  return shape.toReversed().map((size) => {
    const digit = rest % size;
    rest = Math.floor(rest / size);
    return digit;
  }).toReversed();
}

/** Rules by operator. */
export const SUM_BOUNDS: Readonly<Record<string, BoundRule>> = {
  MatMul: products,
  Gemm: products,
  Conv: products,
  ConvTranspose: products,
  Einsum: products,
  ReduceSum: reduction((terms) => roundingsOf(terms) * magnitudes(terms) + TINY),
  ReduceMean: reduction((terms) => (roundingsOf(terms) * magnitudes(terms)) / terms.count + TINY),
  ReduceL1: reduction((terms) => roundingsOf(terms) * magnitudes(terms) + TINY),
  ReduceSumSquare: reduction((terms) => roundingsOf(terms) * magnitudes(terms, square) + TINY),
  ReduceL2: reduction((terms) => roundingsOf(terms) * Math.sqrt(magnitudes(terms, square)) + 2 ** -63),
  CumSum: cumulative,
  AveragePool: averagePool,
  GlobalAveragePool: averagePool,
};
