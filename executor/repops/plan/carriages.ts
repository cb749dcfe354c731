/**
 * What the steps of a graph leave for the next one, as values of its plan.
 *
 * @module
 */
import type { Carry } from "../../engine.ts";
import { ExecutorError } from "../../errors.ts";
import type { Plan, PlannedValue } from "./make_plan.ts";

/** An output that becomes an input. */
export interface Carriage {
  readonly from: PlannedValue;
  readonly to: PlannedValue;
}

/**
 * The carriages of a graph.
 *
 * @param name The graph's, for people.
 * @throws {ExecutorError} `bad_request` for a name that the graph does not have, or types that differ.
 */
export function carriagesOf(plan: Plan, carry: Carry, name: string): readonly Carriage[] {
  return Object.entries(carry).map(([input, output]) => {
    const to = valueAmong(plan, plan.inputs, input, name),
      from = valueAmong(plan, plan.outputs, output, name);
    if (from.info.dtype === to.info.dtype && from.info.shape.join() === to.info.shape.join()) {
      return { from, to };
    }
    throw new ExecutorError(
      "bad_request",
      `The output "${output}" of graph ${name} cannot become the input "${input}": their types differ.`,
    );
  });
}

/**
 * An input or output by its name.
 *
 * @throws {ExecutorError} `bad_request` if it is not among them.
 */
export function valueAmong(plan: Plan, among: readonly string[], value: string, name: string): PlannedValue {
  const planned = among.includes(value) ? plan.values.get(value) : undefined;
  if (planned) return planned;
  throw new ExecutorError(
    "bad_request",
    `Graph ${name} has ${among.join(", ") || "nothing"}: there is no "${value}" among them.`,
  );
}

/** Storages that are read by one carriage and written by another, as where inputs trade places: copies of them are made first. */
export function tradedStorages(carriages: readonly Carriage[]): ReadonlySet<number> {
  const written = new Set(
    carriages.flatMap(({ from, to }) => from.storage === to.storage ? [] : [to.storage]),
  );
  return new Set(carriages.flatMap(({ from }) => written.has(from.storage) ? [from.storage] : []));
}

/** Which inputs a session has been given, so that a step may leave them out. */
export interface GivenInputs {
  /**
   * Takes note of inputs.
   *
   * @throws {ExecutorError} `bad_request` if one of the graph was never given.
   */
  add(names: readonly string[]): void;
  /** From here on none is. */
  forget(): void;
}

/** A record of the inputs of a graph. */
export function recordInputs(plan: Plan, name: string): GivenInputs {
  const given = new Set<string>();
  return {
    add: (names) => {
      for (const input of names) given.add(input);
      const missing = plan.inputs.find((input) => !given.has(input));
      if (missing === undefined) return;
      throw new ExecutorError("bad_request", `The input "${missing}" of graph ${name} was never given.`);
    },
    forget: () => given.clear(),
  };
}
