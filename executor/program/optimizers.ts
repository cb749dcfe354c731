/**
 * Optimizers, as nodes: from weights, gradients and their own state to the next of each.
 *
 * @module
 */
import { ExecutorError } from "../errors.ts";
import { expressions } from "../gradient/mod.ts";
import { zeros } from "../tensor.ts";
import { WEIGHT } from "./embed_model.ts";
import { floatScalar, type StepState } from "./step_state.ts";

/** An optimizer and its settings. Weight decay is 0 by default, for AdamW 0.01. */
export type Optimizer =
  | { readonly kind: "sgd"; readonly learningRate: number; readonly weightDecay?: number }
  /** Heavy-ball momentum (Sutskever et al., 2013), `momentum` 0.9 by default. */
  | {
    readonly kind: "momentum";
    readonly learningRate: number;
    readonly momentum?: number;
    readonly nesterov?: boolean;
    readonly weightDecay?: number;
  }
  /** Adam with decoupled weight decay (Loshchilov and Hutter, 2019); betas 0.9 and 0.999, epsilon 1e-8 by default. */
  | {
    readonly kind: "adamw";
    readonly learningRate: number;
    readonly beta1?: number;
    readonly beta2?: number;
    readonly epsilon?: number;
    readonly weightDecay?: number;
  };

/** A weight to be updated. */
export interface Parameter {
  /** Its name in the model. */
  readonly name: string;
  /** Its value and gradient in the graph. */
  readonly value: string;
  readonly gradient: string;
}

/**
 * Adds the nodes that update all weights, with the optimizer's own state.
 *
 * @param rate Name of the step's learning rate, a float32 scalar.
 * @throws {ExecutorError} `bad_request` for settings out of range.
 */
export function applyOptimizer(
  state: StepState,
  optimizer: Optimizer,
  rate: string,
  parameters: readonly Parameter[],
): void {
  switch (optimizer.kind) {
    case "sgd":
      return sgd(state, optimizer, rate, parameters);
    case "momentum":
      return momentum(state, optimizer, rate, parameters);
    case "adamw":
      return adamw(state, optimizer, rate, parameters);
  }
}

function inUnit(name: string, value: number): number {
  if (value >= 0 && value < 1) return value;
  throw new ExecutorError("bad_request", `The optimizer's ${name} must be in [0, 1): got ${value}.`);
}

/** The gradient plus the pull of the weight towards zero. */
function decayed(state: StepState, { value, gradient }: Parameter, decay: number): string {
  const e = expressions(state.builder);
  return inUnit("weightDecay", decay) === 0 ? gradient : e.add(gradient, e.scale(value, decay));
}

function sgd(
  state: StepState,
  { weightDecay = 0 }: Extract<Optimizer, { kind: "sgd" }>,
  rate: string,
  parameters: readonly Parameter[],
): void {
  const e = expressions(state.builder);
  for (const parameter of parameters) {
    const step = e.mul(decayed(state, parameter, weightDecay), rate);
    state.next(WEIGHT + parameter.name, "Sub", [parameter.value, step]);
  }
}

function momentum(
  state: StepState,
  { momentum = 0.9, nesterov = false, weightDecay = 0 }: Extract<Optimizer, { kind: "momentum" }>,
  rate: string,
  parameters: readonly Parameter[],
): void {
  const e = expressions(state.builder);
  inUnit("momentum", momentum);
  for (const parameter of parameters) {
    const name = `momentum.${parameter.name}`, { shape } = state.builder.type(parameter.value);
    const before = state.declare(name, zeros({ dtype: "float32", shape }));
    const gradient = decayed(state, parameter, weightDecay);
    state.next(name, "Add", [e.scale(before, momentum), gradient]);
    const velocity = `next.${name}`;
    const direction = nesterov ? e.add(gradient, e.scale(velocity, momentum)) : velocity;
    state.next(WEIGHT + parameter.name, "Sub", [parameter.value, e.mul(direction, rate)]);
  }
}

function adamw(
  state: StepState,
  { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0.01 }: Extract<Optimizer, { kind: "adamw" }>,
  rate: string,
  parameters: readonly Parameter[],
): void {
  const { builder } = state, e = expressions(builder), one = builder.float(1);
  inUnit("beta1", beta1), inUnit("beta2", beta2), inUnit("weightDecay", weightDecay);
  // beta^t is carried as state: a power would need functions whose last bits differ between hosts.
  const correction = (name: string, beta: number) => {
    state.next(name, "Mul", [state.declare(name, floatScalar(1)), builder.float(beta)]);
    return e.sub(one, `next.${name}`);
  };
  const correction1 = correction("beta1_power", beta1), correction2 = correction("beta2_power", beta2);
  const scaledRate = e.div(rate, correction1), root2 = builder.add("Sqrt", [correction2]);
  const keep = e.sub(one, e.scale(rate, weightDecay));
  for (const { name, value, gradient } of parameters) {
    const shape = builder.type(value).shape;
    const average = (moment: string, beta: number, sample: string) => {
      const before = state.declare(moment, zeros({ dtype: "float32", shape }));
      state.next(moment, "Add", [e.scale(before, beta), e.scale(sample, 1 - Math.fround(beta))]);
      return `next.${moment}`;
    };
    const first = average(`moment1.${name}`, beta1, gradient);
    const second = average(`moment2.${name}`, beta2, e.mul(gradient, gradient));
    const deviation = e.add(e.div(builder.add("Sqrt", [second]), root2), builder.float(epsilon));
    const kept = weightDecay === 0 ? value : e.mul(value, keep);
    state.next(WEIGHT + name, "Sub", [kept, e.div(e.mul(first, scaledRate), deviation)]);
  }
}
