/**
 * Operators that scatter.
 *
 * @module
 */
import type { Dtype } from "../../../../ledger/primitives/mod.ts";
import { extent, intAttribute, normalAxis, stridesOf, stringAttribute } from "../../reference/mod.ts";
import { isFloat } from "../../values.ts";
import { SCATTER_AXES, SCATTER_ELEMENTS, SCATTER_ROWS } from "../shader/scatter.ts";
import type { Shader } from "../shader/shader.ts";
import { perElement } from "./movement.ts";
import { type Compiler, countOf, isWord, type Place, type Site } from "./node.ts";

/** Of the shaders of a kind the one for the node's `reduction`; `undefined` for types that it does not serve. */
function shaderOf(kind: ReadonlyMap<string, Shader>, site: Site, dtype: Dtype): Shader | undefined {
  const reduction = stringAttribute(site.node, "reduction", "none");
  if (reduction === "none" || isFloat(dtype)) return kind.get(reduction);
  return isWord(dtype) ? kind.get(`${reduction}Int`) : undefined;
}

/** Data, indices, updates and the output, none of them empty. */
function operandsOf({ inputs, outputs }: Site): readonly [Place, Place, Place, Place] | undefined {
  const [data, indices, updates] = inputs;
  const [out] = outputs;
  if (!data || !indices || !updates || !out || countOf(updates) === 0) return undefined;
  return [data, indices, updates, out];
}

const elements: Compiler = (site) => {
  const operands = operandsOf(site);
  if (!operands) return undefined;
  const [data, indices, updates, out] = operands, { shape } = data.info, given = indices.info.shape;
  const shader = shaderOf(SCATTER_ELEMENTS, site, data.info.dtype);
  if (!shader || shape.length === 0 || shape.length > SCATTER_AXES) return undefined;
  const axis = normalAxis(intAttribute(site.node, "axis", 0), shape.length), strides = stridesOf(given);
  const many = given[axis] ?? 1;
  return perElement(shader, out, [data, indices, updates], countOf(out), {
    ...Object.fromEntries(shape.map((size, j) => [1 + j, [size, given[j] ?? 1, strides[j] ?? 1]])),
    9: [shape.length, axis, many, strides[axis] ?? 1],
  }, { steps: many, readings: ["alike"] });
};

const rows: Compiler = (site) => {
  const operands = operandsOf(site);
  if (!operands) return undefined;
  const [data, indices, updates, out] = operands, { shape } = data.info;
  const shader = shaderOf(SCATTER_ROWS, site, data.info.dtype), depth = indices.info.shape.at(-1) ?? 1;
  if (!shader || depth > SCATTER_AXES) return undefined;
  const inner = extent(shape, depth), tuples = countOf(indices) / depth, strides = stridesOf(shape);
  return perElement(shader, out, [data, indices, updates], countOf(out), {
    ...Object.fromEntries(
      Array.from({ length: depth }, (_, j) => [2 + j, [shape[j] ?? 1, (strides[j] ?? 1) / inner]]),
    ),
    1: [inner, tuples, depth],
  }, { steps: tuples * depth, readings: ["alike"] });
};

/** Compilers by operator. */
export const scatterCompilers: Readonly<Record<string, Compiler>> = {
  ScatterElements: elements,
  Scatter: elements,
  ScatterND: rows,
};
