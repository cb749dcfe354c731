/**
 * Operators on the shaders: `compileNode` turns a node into dispatches.
 *
 * Read `node.ts`, then `strides.ts` and `maps.ts`, then the others.
 *
 * @module
 */
import { ASSAY_DOMAIN } from "../../../onnx/mod.ts";
import { FUSED_DOMAIN } from "../../plan/mod.ts";
import { convolutionCompilers } from "./convolution.ts";
import { canonicalization, mapCompilers, mapSteps } from "./maps.ts";
import { movementCompilers } from "./movement.ts";
import { type Compiler, countOf, type Dispatch, type Site } from "./node.ts";
import { poolingCompilers } from "./pooling.ts";
import { fusedProductCompilers, productCompilers } from "./products.ts";
import { randomCompilers } from "./random.ts";
import { rowCompilers } from "./rows.ts";
import { scatterCompilers } from "./scatter.ts";

export type { Dispatch, Place, Site, Window } from "./node.ts";
export { splitByNumber, whole, WINDOW_STEP } from "./windows.ts";
export { canonicalization, mapCompilers, mapSteps };
export { broadcastStrides, type Loop, loopsOf } from "./strides.ts";
export { parametersOf } from "./node.ts";

const compilers: Readonly<Record<string, Compiler>> = {
  ...mapCompilers,
  ...movementCompilers,
  ...productCompilers,
  ...convolutionCompilers,
  ...poolingCompilers,
  ...rowCompilers,
  ...scatterCompilers,
  ...randomCompilers,
};

/** Operators that have shaders, in all or some of their forms. */
export function shaderOperators(): readonly string[] {
  return Object.keys(compilers).sort();
}

function compilersOf(domain: string): Readonly<Record<string, Compiler>> | undefined {
  switch (domain) {
    case "":
    case "ai.onnx":
    case ASSAY_DOMAIN:
      return compilers;
    case FUSED_DOMAIN:
      return fusedProductCompilers;
  }
  return undefined;
}

/** The dispatches of a node; `undefined` if no shader serves this form of it. */
export function compileNode(site: Site): readonly Dispatch[] | undefined {
  const { node, outputs } = site;
  const known = compilersOf(node.domain);
  if (known && outputs.every((out) => !out || countOf(out) === 0)) return [];
  return known?.[node.operator]?.(site);
}
