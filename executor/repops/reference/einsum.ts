/**
 * Einsum (SPEC 6.4) of one or two operands.
 *
 * @module
 */
import { canonical, reductionSum } from "../numbers/mod.ts";
import { stringAttribute } from "./attributes.ts";
import { type CallTypes, type Operand, output, presentInputs, type ReferenceOperator } from "./call.ts";
import { coordinatesOf, extent, stridesOf } from "./positions.ts";
import { product } from "./products.ts";

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

const einsum: ReferenceOperator = (call) => {
  const operands = presentInputs(call);
  const equation = parse(stringAttribute(call.node, "equation", ""), operands);
  const sizesOf = (labels: readonly string[]) => labels.map((label) => equation.sizes.get(label) ?? 1);
  const summedShape = sizesOf(equation.summed);
  const count = extent(summedShape);
  const readers = operands.map((operand, i) => reader(operand, equation.terms[i] ?? []));
  return [(index) => {
    const outer = assignment(equation.result, coordinatesOf(index, output(call).shape));
    const value = (operand: number) => (k: number) => {
      const inner = assignment(equation.summed, coordinatesOf(k, summedShape));
      return readers[operand]?.(new Map([...outer, ...inner])) ?? 0;
    };
    if (operands.length === 1) return canonical(reductionSum(count, value(0)));
    return product(call.precision, count, value(0), value(1));
  }];
};

function assignment(labels: readonly string[], coordinates: readonly number[]): Map<string, number> {
  return new Map(labels.map((label, i) => [label, coordinates[i] ?? 0]));
}

/** Reads an operand at the coordinates given to its labels. An axis of size 1 is broadcast. */
function reader(operand: Operand, labels: readonly string[]) {
  const strides = stridesOf(operand.shape);
  return (at: ReadonlyMap<string, number>) => {
    let position = 0;
    labels.forEach((label, axis) => {
      if (operand.shape[axis] !== 1) position += (at.get(label) ?? 0) * (strides[axis] ?? 0);
    });
    return operand.at(position);
  };
}

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

/** Operators by name. */
export const einsumOperators: Readonly<Record<string, ReferenceOperator>> = { Einsum: einsum };
