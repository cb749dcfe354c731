/**
 * Learning rates, computed in the graph from the step counter, so that a wrong rate is a wrong node.
 *
 * @module
 */
import { ExecutorError } from "../errors.ts";
import type { GraphBuilder } from "../onnx/mod.ts";

/** How the learning rate changes over the steps; it is multiplied with the optimizer's base rate. */
export type Schedule =
  | { readonly kind: "constant" }
  /** Rises linearly over `warmupSteps`, then falls linearly to `finalFraction` (default 0) at `totalSteps`. */
  | {
    readonly kind: "linear";
    readonly warmupSteps: number;
    readonly totalSteps: number;
    readonly finalFraction?: number;
  }
  /** Multiplied by `factor` when the counter reaches each of `milestones` (ascending). */
  | { readonly kind: "milestones"; readonly milestones: readonly number[]; readonly factor: number };

/**
 * The rate of a step.
 *
 * @param step Name of the int64 scalar that counts the steps done before this one.
 * @param base The base rate, above 0.
 * @returns Name of a float32 scalar.
 * @throws {ExecutorError} `bad_request` for settings out of range.
 */
export function learningRate(builder: GraphBuilder, step: string, base: number, schedule: Schedule): string {
  if (!(base > 0) || !Number.isFinite(base)) {
    throw new ExecutorError("bad_request", `A learning rate is above 0: got ${base}.`);
  }
  switch (schedule.kind) {
    case "constant":
      return builder.float(base);
    case "linear":
      return linear(builder, step, base, schedule);
    case "milestones":
      return milestones(builder, step, base, schedule);
  }
}

function linear(
  builder: GraphBuilder,
  step: string,
  base: number,
  { warmupSteps, totalSteps, finalFraction = 0 }: Extract<Schedule, { kind: "linear" }>,
): string {
  if (!(warmupSteps >= 0 && totalSteps > warmupSteps && finalFraction >= 0 && finalFraction <= 1)) {
    throw new ExecutorError(
      "bad_request",
      "A linear schedule needs 0 <= warmupSteps < totalSteps and finalFraction in [0, 1].",
    );
  }
  const position = builder.add("Cast", [step], { to: 1 }), one = builder.float(1);
  const decay = (1 - finalFraction) / (totalSteps - warmupSteps);
  const passed = builder.add("Sub", [position, builder.float(warmupSteps)]);
  const falling = builder.add("Sub", [one, builder.add("Mul", [passed, builder.float(decay)])]);
  const rising = builder.add("Mul", [
    builder.add("Add", [position, one]),
    builder.float(1 / Math.max(1, warmupSteps)),
  ]);
  // Before the end of the warm-up the falling line is above 1 and the rising one below: the lower of both, and 1, counts.
  const fraction = builder.add("Min", [builder.add("Min", [rising, falling]), one]);
  return builder.add("Mul", [
    builder.add("Max", [fraction, builder.float(finalFraction)]),
    builder.float(base),
  ]);
}

function milestones(
  builder: GraphBuilder,
  step: string,
  base: number,
  { milestones, factor }: Extract<Schedule, { kind: "milestones" }>,
): string {
  let rate = Math.fround(base), result = builder.float(rate);
  for (const milestone of milestones) {
    rate = Math.fround(rate * Math.fround(factor));
    const reached = builder.add("Not", [builder.add("Less", [step, builder.int(milestone)])]);
    result = builder.add("Where", [reached, builder.float(rate), result]);
  }
  return result;
}
