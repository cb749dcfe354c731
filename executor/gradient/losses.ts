/**
 * Losses, as nodes.
 *
 * @module
 */
import { ExecutorError } from "../errors.ts";
import type { GraphBuilder } from "../onnx/mod.ts";
import { elementCount } from "../tensor.ts";
import { expressions } from "./expressions.ts";

/** What training minimizes. */
export type LossName = "cross_entropy" | "mean_squared_error";

/**
 * Mean cross entropy of logits with integer labels.
 *
 * @param logits float32 [..., classes].
 * @param labels int64 [...], each in [0, classes).
 * @returns Name of a float32 scalar.
 * @throws {ExecutorError} `bad_shape` if the shapes do not fit together.
 */
export function crossEntropy(builder: GraphBuilder, logits: string, labels: string): string {
  const { dtype, shape } = builder.type(logits), target = builder.type(labels), classes = shape.at(-1);
  const rows = shape.slice(0, -1);
  if (
    dtype !== "float32" || target.dtype !== "int64" || classes === undefined ||
    String(rows) !== String(target.shape)
  ) {
    throw new ExecutorError(
      "bad_shape",
      `Cross entropy needs float32 logits [..., classes] and int64 labels [...]: got ${dtype} [${shape}] and ${target.dtype} [${target.shape}].`,
    );
  }
  const e = expressions(builder), last = rows.length;
  const logarithms = builder.add("LogSoftmax", [logits], { axis: last });
  const chosen = e.mul(logarithms, e.oneHot(labels, classes, last));
  return e.scale(e.sum(chosen, shape.map((_, i) => i), false), -1 / Math.max(1, elementCount(rows)));
}

/**
 * Mean squared error.
 *
 * @param predictions float32, any shape.
 * @param targets float32, the same shape.
 * @returns Name of a float32 scalar.
 * @throws {ExecutorError} `bad_shape` if the shapes differ.
 */
export function meanSquaredError(builder: GraphBuilder, predictions: string, targets: string): string {
  const a = builder.type(predictions), b = builder.type(targets);
  if (a.dtype !== "float32" || b.dtype !== "float32" || String(a.shape) !== String(b.shape)) {
    throw new ExecutorError(
      "bad_shape",
      `Mean squared error needs float32 predictions and targets of one shape: got ${a.dtype} [${a.shape}] and ${b.dtype} [${b.shape}].`,
    );
  }
  const e = expressions(builder), difference = e.sub(predictions, targets);
  const sum = e.sum(e.mul(difference, difference), a.shape.map((_, i) => i), false);
  return e.scale(sum, 1 / Math.max(1, elementCount(a.shape)));
}
