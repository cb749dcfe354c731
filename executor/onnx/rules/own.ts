/**
 * Shapes of the operators that ONNX does not have: those of the domain {@link ASSAY_DOMAIN}, which only `repops` computes.
 *
 * @module
 */
import { intAttribute } from "../attributes.ts";
import { dimension, input, nodeError, POSITIONS, requireType, type ShapeRule } from "../shape_rule.ts";

/** Domain of our own operators. */
export const ASSAY_DOMAIN = "ai.assay";

/** `EmbeddingGradient(indices, dY)`, attribute `rows`: a table of so many rows, each as wide as one of dY. */
const embeddingGradient: ShapeRule = (context) => {
  const indices = input(context, 0), { dtype, shape } = input(context, 1);
  const rows = intAttribute(context.node, "rows", 0);
  requireType(context, 0, POSITIONS);
  const fits = indices.shape.length === 1 && shape.length === 2 && indices.shape[0] === shape[0];
  if (dtype !== "float32" || !fits || rows < 1) {
    throw nodeError(
      context.node,
      "bad_shape",
      `it needs indices [count], float32 rows [count, width] and the attribute "rows": got [${indices.shape}], ${dtype} [${shape}] and ${rows}.`,
    );
  }
  return [{ dtype, shape: [rows, dimension(context, shape, 1)] }];
};

/** `CounterDropout(x, ratio, step)`, attributes `seed` and `stream`: x with some elements dropped, and which were kept. */
const counterDropout: ShapeRule = (context) => {
  const x = input(context, 0);
  for (const [index, dtype] of [[1, "float32"], [2, "int64"]] as const) {
    const info = input(context, index);
    if (info.dtype === dtype && info.shape.length === 0) continue;
    throw nodeError(
      context.node,
      "malformed_model",
      `its input ${index} is a ${dtype} scalar: got ${info.dtype} [${info.shape}].`,
    );
  }
  return [x, { dtype: "bool", shape: x.shape }];
};

/** Rules of {@link ASSAY_DOMAIN}, by operator. */
export const OWN_SHAPE_RULES: ReadonlyMap<string, ShapeRule> = new Map(Object.entries({
  EmbeddingGradient: embeddingGradient,
  CounterDropout: counterDropout,
}));
