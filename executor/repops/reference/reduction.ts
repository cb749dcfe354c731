/**
 * Reductions over axes (SPEC 6.7).
 *
 * @module
 */
import {
  add,
  canonical,
  divide,
  exponential,
  LARGEST,
  logarithm,
  multiply,
  reductionSum,
  squareRoot,
  subtract,
  wrap,
} from "../numbers/mod.ts";
import { isFloat } from "../values.ts";
import { intAttribute, intsAttribute } from "./attributes.ts";
import { type Call, elements, input, type Operand, type ReferenceOperator } from "./call.ts";
import { coordinatesOf, extent, normalAxis, stridesOf } from "./positions.ts";

/** The terms that go into one output element. */
type Terms = { readonly count: number; readonly term: (i: number) => number };
type Fold = (terms: Terms) => number;

/** Which axes a reduction runs over; `undefined` if it runs over none and is the identity. */
export function reducedAxes(call: Call, x: Operand): readonly number[] | undefined {
  const given = intsAttribute(call.node, "axes") ?? elements(call.inputs[1]);
  if (given && given.length > 0) {
    return given.map((axis) => normalAxis(axis, x.shape.length)).sort((a, b) => a - b);
  }
  if (intAttribute(call.node, "noop_with_empty_axes", 0) !== 0) return undefined;
  return x.shape.map((_, axis) => axis);
}

/** Row-major walk over the reduced axes, for each element of the rest. */
function termsOf(x: Operand, axes: readonly number[]): (index: number) => Terms {
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const strides = stridesOf(x.shape);
  const keptShape = kept.map((axis) => x.shape[axis] ?? 1);
  const reducedShape = axes.map((axis) => x.shape[axis] ?? 1);
  const offset = (coordinates: readonly number[], of: readonly number[]) =>
    coordinates.reduce((sum, c, i) => sum + c * (strides[of[i] ?? 0] ?? 0), 0);
  return (index) => {
    const start = offset(coordinatesOf(index, keptShape), kept);
    return {
      count: extent(reducedShape),
      term: (i) => x.at(start + offset(coordinatesOf(i, reducedShape), axes)),
    };
  };
}

function reduction(fold: (call: Call) => Fold): ReferenceOperator {
  return (call) => {
    const x = input(call, 0);
    const axes = reducedAxes(call, x);
    const f = fold(call);
    if (!axes) return [(index) => f({ count: 1, term: () => x.at(index) })];
    const terms = termsOf(x, axes);
    return [(index) => f(terms(index))];
  };
}

/** An output whose every element is one sum in the order of SPEC 4, and what is made of the sum. */
export interface TermSums {
  /** Terms of each sum. */
  readonly terms: number;
  /** The terms of the element at `index`. */
  termsOf(index: number): (i: number) => number;
  /** An element, from its canonical sum. */
  finish(sum: number): number;
}

/** What the terms of a plain sum are, and what is made of it. */
interface PlainSum {
  readonly term: (x: number) => number;
  readonly finish: (sum: number, terms: number) => number;
}

const plainSums: Readonly<Record<string, PlainSum>> = {
  ReduceSum: { term: (x) => x, finish: (sum) => sum },
  ReduceMean: { term: (x) => x, finish: divide },
  ReduceSumSquare: { term: (x) => multiply(x, x), finish: (sum) => sum },
  ReduceL1: { term: Math.abs, finish: (sum) => sum },
  ReduceL2: { term: (x) => multiply(x, x), finish: squareRoot },
  ReduceLogSum: { term: (x) => x, finish: logarithm },
};

/** The sums of a reduction of floats that is one sum; `undefined` for any other node. */
export function reductionSumsOf(call: Call): TermSums | undefined {
  const plain = plainSums[call.node.operator];
  const x = call.inputs[0];
  if (!plain || !x || !isFloat(x.dtype)) return undefined;
  const axes = reducedAxes(call, x);
  if (!axes) return undefined;
  const at = termsOf(x, axes);
  const terms = extent(axes.map((axis) => x.shape[axis] ?? 1));
  return {
    terms,
    termsOf: (index) => {
      const { term } = at(index);
      return (i) => plain.term(term(i));
    },
    finish: (sum) => plain.finish(sum, terms),
  };
}

/** A plain sum as a fold. */
function summed(name: string): Fold {
  const { term: f, finish }: PlainSum = plainSums[name] ?? { term: (x) => x, finish: (total) => total };
  return ({ count, term }) => finish(canonical(reductionSum(count, (i) => f(term(i)))), count);
}

/** Folds with a float and an integer form. */
function either(float: Fold, integer: Fold): ReferenceOperator {
  return reduction((call) => {
    const { dtype } = input(call, 0);
    return isFloat(dtype) ? float : (terms) => wrap(dtype, integer(terms));
  });
}

function foldOf(start: number, step: (a: number, b: number) => number): Fold {
  return ({ count, term }) => {
    let result = start;
    for (let i = 0; i < count; i++) result = step(result, term(i));
    return result;
  };
}

const wrappingSum = foldOf(0, (a, b) => (a + b) | 0);
const greatest: Fold = ({ count, term }) =>
  count === 0 ? -LARGEST : foldOf(term(0), Math.max)({ count, term });
const least: Fold = ({ count, term }) => (count === 0 ? LARGEST : foldOf(term(0), Math.min)({ count, term }));

const logSumExp: Fold = (terms) => {
  const top = greatest(terms);
  const { count, term } = terms;
  const total = canonical(reductionSum(count, (i) => exponential(subtract(term(i), top))));
  return add(top, logarithm(total));
};

/** Integer division of a sum, toward zero. */
const integerMean: Fold = (terms) => Math.trunc(wrappingSum(terms) / terms.count);

/** CumSum: one addition after another, from the first element or from the last. */
const cumulativeSum: ReferenceOperator = (call) => {
  const x = input(call, 0);
  const axis = normalAxis(input(call, 1).at(0), x.shape.length);
  const exclusive = intAttribute(call.node, "exclusive", 0) !== 0;
  const reverse = intAttribute(call.node, "reverse", 0) !== 0;
  const step = isFloat(x.dtype) ? add : (a: number, b: number) => wrap(x.dtype, a + b);
  const [stride, length] = [extent(x.shape, axis + 1), x.shape[axis] ?? 1];
  return [(index) => {
    const place = Math.floor(index / stride) % length;
    const start = index - place * stride;
    const terms = (reverse ? length - 1 - place : place) + (exclusive ? 0 : 1);
    let total = 0;
    for (let i = 0; i < terms; i++) {
      total = step(total, x.at(start + (reverse ? length - 1 - i : i) * stride));
    }
    return total;
  }];
};

/** Operators by name. */
export const reductionOperators: Readonly<Record<string, ReferenceOperator>> = {
  ReduceSum: either(summed("ReduceSum"), wrappingSum),
  ReduceMean: either(summed("ReduceMean"), integerMean),
  ReduceMax: either(greatest, greatest),
  ReduceMin: either(least, least),
  ReduceProd: either(foldOf(1, multiply), foldOf(1, Math.imul)),
  ReduceSumSquare: either(summed("ReduceSumSquare"), foldOf(0, (a, b) => (a + Math.imul(b, b)) | 0)),
  ReduceL1: either(summed("ReduceL1"), foldOf(0, (a, b) => (a + Math.abs(b)) | 0)),
  ReduceL2: reduction(() => summed("ReduceL2")),
  ReduceLogSum: reduction(() => summed("ReduceLogSum")),
  ReduceLogSumExp: reduction(() => logSumExp),
  CumSum: cumulativeSum,
};
