/**
 * Fusion around matrix products: a transposed operand is read as it lies, and a bias is added as the sums are finished. Every bit
 * stays: the sum's order follows the mathematical indices, and the sum is made canonical before the bias is added, as it
 * is apart.
 *
 * @module
 */
import type { Attribute, GraphNode } from "../../graph.ts";
import { extent, intsAttribute } from "../reference/mod.ts";
import { isFloat, sizeOf } from "../values.ts";
import type { Plan, PlannedValue, Step } from "./make_plan.ts";
import { producersOf, readersOf } from "./readers.ts";

/** Domain of the nodes that fusion makes. A backend that asks for fusion has kernels for them all; the reference has not. */
export const FUSED_DOMAIN = "ai.assay.fused";

/** Which transposed operands a backend reads as they lie: those whose last two axes change places, or all. */
export type ReadableOrders = "swapped" | "any";

/**
 * Replaces each MatMul that reads a Transpose, or whose only reader adds a row to it, by one node of {@link FUSED_DOMAIN}: operator
 * `MatMul`, inputs A, B and optionally the row, attributes `transA` and `transB` (of the last two axes), or for `any` order `permA` and
 * `permB`, as a Transpose has them. Transposes that nobody reads any more are dropped.
 */
export function fuseProducts(plan: Plan, orders: ReadableOrders = "swapped"): Plan {
  const producers = producersOf(plan.steps);
  const withoutTransposes = plan.steps.map((step) => readTransposed(step, producers, orders));
  const withBias = addBiases(plan, withoutTransposes);
  return { ...plan, steps: dropUnread(plan, withBias) };
}

const isProduct = ({ operator, domain }: GraphNode) =>
  operator === "MatMul" && (domain === "" || domain === FUSED_DOMAIN);

/** The product with operands read through their transposes. */
function readTransposed(
  step: Step,
  producers: ReadonlyMap<PlannedValue, Step>,
  orders: ReadableOrders,
): Step {
  const [a, b] = step.inputs;
  if (!isProduct(step.node) || !a || !b || !fusible(step)) return step;
  const found = [a, b].map((operand) => {
    const permutation = permutationOf(producers.get(operand));
    const readable = permutation && (orders === "any" || swapsLastAxes(permutation));
    return readable ? { source: producers.get(operand)?.inputs[0], permutation } : undefined;
  });
  const [ofA, ofB] = found;
  if (!ofA && !ofB) return step;
  const flag = (of: typeof ofA): Attribute => ({ type: "int", value: of ? 1n : 0n });
  const order = (name: string, of: typeof ofA): readonly (readonly [string, Attribute])[] =>
    of ? [[name, { type: "ints", value: of.permutation.map(BigInt) }]] : [];
  const attributes = orders === "any"
    ? Object.fromEntries([...order("permA", ofA), ...order("permB", ofB)])
    : { transA: flag(ofA), transB: flag(ofB) };
  return {
    node: { ...step.node, domain: FUSED_DOMAIN, attributes },
    inputs: [ofA?.source ?? a, ofB?.source ?? b],
    outputs: step.outputs,
  };
}

/** Whether kernels serve the product: matrices of floats, none of them empty. */
function fusible({ inputs, outputs }: Step): boolean {
  return [...inputs, ...outputs].every((value) =>
    value !== undefined && isFloat(value.info.dtype) && value.info.shape.length >= 2 && sizeOf(value.info) > 0
  );
}

/** How a step permutes axes, if that is what it does. */
function permutationOf(step: Step | undefined): readonly number[] | undefined {
  if (step?.node.operator !== "Transpose" || step.node.domain !== "") return undefined;
  const rank = step.inputs[0]?.info.shape.length ?? 0;
  return intsAttribute(step.node, "perm") ?? Array.from({ length: rank }, (_, i) => rank - 1 - i);
}

function swapsLastAxes(permutation: readonly number[]): boolean {
  const rank = permutation.length;
  const swapped = permutation.map((_, i) => (i === rank - 2 ? rank - 1 : i === rank - 1 ? rank - 2 : i));
  return rank >= 2 && permutation.every((axis, i) => axis === swapped[i]);
}

/** Moves each addition of a row into the product before it. The product then runs where the addition ran. */
function addBiases(plan: Plan, steps: readonly Step[]): readonly Step[] {
  const producers = producersOf(steps);
  const readers = readersOf(plan, steps);
  const moved = new Set<Step>();
  const fused = steps.map((step) => {
    if (step.node.operator !== "Add" || step.node.domain !== "" || step.inputs.length !== 2) return step;
    for (const [value, row] of [step.inputs, step.inputs.toReversed()]) {
      const product = value && producers.get(value);
      const [out] = step.outputs;
      if (!product || !row || !out || moved.has(product)) continue;
      if (!isProduct(product.node) || product.inputs.length !== 2 || !fusible(product)) continue;
      const isOnlyReader = readers.get(value.storage) === 1;
      if (!isOnlyReader || !isRowOf(row, value) || String(out.info.shape) !== String(value.info.shape)) {
        continue;
      }
      if (extent(product.inputs[1]?.info.shape.slice(0, -2) ?? []) !== 1) continue;
      moved.add(product);
      return {
        node: { ...product.node, domain: FUSED_DOMAIN },
        inputs: [...product.inputs, row],
        outputs: step.outputs,
      };
    }
    return step;
  });
  return fused.filter((step) => !moved.has(step));
}

/** Whether a value holds one float for each column. */
function isRowOf(row: PlannedValue, product: PlannedValue): boolean {
  const columns = product.info.shape.at(-1);
  return isFloat(row.info.dtype) && row.info.shape.at(-1) === columns && sizeOf(row.info) === columns;
}

function dropUnread(plan: Plan, steps: readonly Step[]): readonly Step[] {
  const readers = readersOf(plan, steps);
  return steps.filter(({ node, outputs }) =>
    node.operator !== "Transpose" || outputs.some(({ storage }) => readers.has(storage))
  );
}
