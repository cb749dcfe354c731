/**
 * The equations of Einsum: `bij,bjk->bik`, implicit outputs, and `...` for leading dimensions.
 *
 * @module
 */
import { type NodeContext, nodeError } from "./shape_rule.ts";

/** Labels of each operand's axes, and of the result's. Axes behind an ellipsis are labelled `0`, `1`, ... from the right. */
export interface EinsumLabels {
  readonly inputs: readonly (readonly string[])[];
  readonly output: readonly string[];
}

/**
 * Parses an equation for operands of known shapes.
 *
 * @throws {ExecutorError} `malformed_model`, naming the node.
 */
export function parseEinsum(
  context: NodeContext,
  equation: string,
  shapes: readonly (readonly number[])[],
): EinsumLabels {
  const [left = "", right] = equation.replaceAll(/\s/g, "").split("->");
  const terms = left.split(",");
  if (terms.length !== shapes.length || !/^[A-Za-z.,]*$/.test(left) || !/^[A-Za-z.]*$/.test(right ?? "")) {
    throw nodeError(
      context.node,
      "malformed_model",
      `the equation "${equation}" does not describe ${shapes.length} operands.`,
    );
  }
  const inputs = terms.map((term, i) => expand(context, term, shapes[i]?.length ?? 0));
  const widest = Math.max(0, ...inputs.map((labels) => labels.filter(isHidden).length));
  const hidden = Array.from({ length: widest }, (_, i) => String(widest - 1 - i));
  const output = right === undefined
    ? [...hidden, ...implicitOutput(left)]
    : right.split("...").flatMap((part, i) => i === 0 ? [...part] : [...hidden, ...part]);
  const known = new Set(inputs.flat());
  const unknown = output.find((label) => !known.has(label));
  if (unknown !== undefined) {
    throw nodeError(
      context.node,
      "malformed_model",
      `the label "${unknown}" of the result is in no operand.`,
    );
  }
  return { inputs, output };
}

const isHidden = (label: string) => /^\d+$/.test(label);

/** Without `->`, the result has the labels that occur once, in alphabetical order. */
function implicitOutput(left: string): readonly string[] {
  const letters = [...left].filter((label) => /[A-Za-z]/.test(label));
  return [...new Set(letters)].filter((label) => letters.indexOf(label) === letters.lastIndexOf(label))
    .sort();
}

function expand(context: NodeContext, term: string, rank: number): readonly string[] {
  const [before = "", after, more] = term.split("...");
  const named = before.length + (after?.length ?? 0);
  const hidden = rank - named;
  if (
    more !== undefined || before.includes(".") || after?.includes(".") || hidden < 0 ||
    (after === undefined && hidden !== 0)
  ) {
    throw nodeError(
      context.node,
      "malformed_model",
      `the term "${term}" does not fit an operand of ${rank} dimensions.`,
    );
  }
  return [...before, ...Array.from({ length: hidden }, (_, i) => String(hidden - 1 - i)), ...(after ?? "")];
}
