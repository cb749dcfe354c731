/**
 * Einsum (SPEC 6.4) of one or two operands.
 *
 * @module
 */
import { canonical, reductionSum } from "../numbers/mod.ts";
import { stringAttribute } from "./attributes.ts";
import {
  type Call,
  type CallTypes,
  input,
  type Operand,
  output,
  presentInputs,
  type ReferenceOperator,
} from "./call.ts";
import { coordinatesOf, extent, stridesOf } from "./positions.ts";
import { type ProductSide, type ProductSums, sumsOperator } from "./products.ts";

/** Why an Einsum is refused. */
export function refuseEinsum(types: CallTypes): string | undefined {
  if (types.inputs.length > 2) return "more than two operands have no defined order of products";
  return undefined;
}

/** What the letters of an equation say. Axes under an ellipsis get labels `.0`, `.1`, ... counted from the right. */
interface Equation {
  readonly terms: readonly (readonly string[])[];
  readonly result: readonly string[];
  readonly summed: readonly string[];
  readonly sizes: ReadonlyMap<string, number>;
}

/** Where an operand is read: what the place in the result adds to a position, and what the summed place adds. */
interface Reading {
  /** Start of the vector that enters the result's element at `index`. */
  start(index: number): number;
  /** Position of its element `k`, from the start. */
  offset(k: number): number;
}

/** The sums of an Einsum, and how each operand is read. */
function readingsOf(call: Call): { readonly terms: number; readonly readings: readonly Reading[] } {
  const operands = presentInputs(call);
  const equation = parse(stringAttribute(call.node, "equation", ""), operands);
  const { shape } = output(call);
  const summedShape = equation.summed.map((label) => equation.sizes.get(label) ?? 1);
  const readings = operands.map((operand, i): Reading => {
    const stepsFor = stepsOf(operand, equation.terms[i] ?? []);
    const [outer, inner] = [stepsFor(equation.result), stepsFor(equation.summed)];
    return {
      start: (index) => weighted(coordinatesOf(index, shape), outer),
      offset: (k) => weighted(coordinatesOf(k, summedShape), inner),
    };
  });
  return { terms: extent(summedShape), readings };
}

/** How far one step along each of some labels moves in an operand. An axis of size 1 is broadcast. */
function stepsOf(operand: Operand, labels: readonly string[]) {
  const strides = stridesOf(operand.shape);
  return (wanted: readonly string[]): readonly number[] =>
    wanted.map((label) =>
      labels.reduce(
        (sum, each, axis) => each === label && operand.shape[axis] !== 1 ? sum + (strides[axis] ?? 0) : sum,
        0,
      )
    );
}

function weighted(coordinates: readonly number[], steps: readonly number[]): number {
  return coordinates.reduce((sum, c, i) => sum + c * (steps[i] ?? 0), 0);
}

/** The sums of an Einsum of two operands. */
function pairSums(call: Call): ProductSums {
  const { terms, readings } = readingsOf(call);
  const side = (position: number): ProductSide => ({
    position,
    vectorOf: (index) => readings[position]?.start(index) ?? 0,
    elementsOf: (start) => (k) => start + (readings[position]?.offset(k) ?? 0),
  });
  return { terms, left: side(0), right: side(1), finish: (sum) => sum };
}

const einsum: ReferenceOperator = (call) => {
  if (presentInputs(call).length === 2) return sumsOperator(pairSums)(call);
  const { terms, readings: [reading] } = readingsOf(call);
  const x = input(call, 0);
  return [(index) => {
    const start = reading?.start(index) ?? 0;
    return canonical(reductionSum(terms, (i) => x.at(start + (reading?.offset(i) ?? 0))));
  }];
};

function parse(equation: string, operands: readonly Operand[]): Equation {
  const [left = "", right] = equation.replaceAll(" ", "").split("->");
  const ellipsisRank = Math.max(
    0,
    ...left.split(",").map((term, i) =>
      term.includes("...") ? (operands[i]?.shape.length ?? 0) - term.replace("...", "").length : 0
    ),
  );
  const terms = left.split(",").map((term, i) => {
    const rank = (operands[i]?.shape.length ?? 0) - term.replace("...", "").length;
    return labelsOf(term, rank);
  });
  const sizes = new Map<string, number>();
  terms.forEach((labels, i) =>
    labels.forEach((label, axis) =>
      sizes.set(label, Math.max(sizes.get(label) ?? 1, operands[i]?.shape[axis] ?? 1))
    )
  );
  const result = right === undefined ? implicitResult(terms, ellipsisRank) : labelsOf(right, ellipsisRank);
  const summed = [...sizes.keys()].filter((label) => !result.includes(label));
  return { terms, result, summed, sizes };
}

function labelsOf(term: string, ellipsisRank: number): readonly string[] {
  const [before = "", after] = term.split("...");
  if (after === undefined) return [...before];
  const ellipsis = Array.from({ length: ellipsisRank }, (_, i) => `.${ellipsisRank - 1 - i}`);
  return [...before, ...ellipsis, ...after];
}

/** Without an arrow: the ellipsis, then the letters that occur once, in alphabetical order. */
function implicitResult(terms: readonly (readonly string[])[], ellipsisRank: number): readonly string[] {
  const all = terms.flat();
  const once = [...new Set(all)].filter((label) =>
    !label.startsWith(".") && all.indexOf(label) === all.lastIndexOf(label)
  );
  return [...labelsOf("...", ellipsisRank), ...once.sort()];
}

/** The sums of Einsum where it is a product: of two operands. */
export const einsumSums: Readonly<Record<string, (call: Call) => ProductSums | undefined>> = {
  Einsum: (call) => (presentInputs(call).length === 2 ? pairSums(call) : undefined),
};

/** Operators by name. */
export const einsumOperators: Readonly<Record<string, ReferenceOperator>> = { Einsum: einsum };
