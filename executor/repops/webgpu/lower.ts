/**
 * From a plan to slots and dispatches. A slot is what a buffer will hold: a storage of the plan, or what one node needs beside.
 *
 * @module
 */
import { ExecutorError } from "../../errors.ts";
import type { TypedGraph } from "../../graph.ts";
import type { Precision } from "../numbers/mod.ts";
import { livesOf, makePlan, type Plan, type PlannedValue, type Step } from "../plan/mod.ts";
import { compileNode, type Dispatch, type Place } from "./operators/mod.ts";

/** What a buffer holds, and from which step to which. */
export interface Slot {
  readonly words: number;
  readonly from: number;
  readonly to: number;
  /** What it holds from the start, and for good. */
  readonly known: ArrayBufferView<ArrayBuffer> | undefined;
}

/** A node on shaders, or, if `dispatches` is undefined, one for the host. */
export interface LoweredStep {
  readonly step: Step;
  readonly dispatches: readonly Dispatch[] | undefined;
}

/** A graph ready for buffers. Storage i of the plan is slot i. */
export interface Lowered {
  readonly plan: Plan;
  readonly slots: readonly Slot[];
  readonly steps: readonly LoweredStep[];
}

/** Operators of which one shader does what the planner would write as several nodes. */
const NATIVE: ReadonlySet<string> = new Set(
  "Elu Selu Celu ThresholdedRelu HardSigmoid HardSwish Sum Max Min".split(" "),
);

/**
 * Lowers a graph.
 *
 * @param largestBinding Most bytes of one buffer.
 * @throws {ExecutorError} As {@link makePlan}; `engine_unavailable` naming a value that no binding of the adapter can hold.
 */
export function lower(graph: TypedGraph, precision: Precision, largestBinding: number): Lowered {
  const plan = makePlan(graph, precision, NATIVE);
  const largestWords = Math.floor(largestBinding / 4);
  for (const [name, { info, storage }] of plan.values) {
    const words = plan.storages[storage] ?? 0;
    if (words <= largestWords) continue;
    throw new ExecutorError(
      "engine_unavailable",
      `The value "${name}" (${info.dtype} [${info.shape}]) needs ${
        words * 4
      } bytes, and this GPU binds at most ` +
        `${largestBinding}: use the WebAssembly backend.`,
    );
  }
  const constants = new Map([...plan.values.values()].map((value) => [value.storage, value.constant?.words]));
  const slots: Slot[] = livesOf(plan).map(({ storage, from, to }) => ({
    words: plan.storages[storage] ?? 0,
    from,
    to,
    known: ownCopy(constants.get(storage)),
  }));
  const last = plan.steps.length;
  const steps = plan.steps.map((step, at): LoweredStep => {
    const before = slots.length;
    const add = (slot: Slot) => slots.push(slot) - 1;
    const dispatches = compileNode({
      node: step.node,
      opset: graph.opset,
      precision,
      inputs: step.inputs.map(placeOf),
      outputs: step.outputs.map(placeOf),
      largestWords,
      scratch: (words) => add({ words, from: at, to: at, known: undefined }),
      known: (words) => add({ words: words.length, from: -1, to: last, known: new Uint32Array(words) }),
    });
    if (!dispatches) slots.length = before;
    return { step, dispatches };
  });
  return { plan, slots, steps };
}

/** Views of shared memory cannot be uploaded. */
function ownCopy(words: ArrayBufferView | undefined): ArrayBufferView<ArrayBuffer> | undefined {
  return words && new Uint8Array(new Uint8Array(words.buffer, words.byteOffset, words.byteLength));
}

function placeOf(value: PlannedValue | undefined): Place | undefined {
  if (!value || value.storage < 0) return undefined;
  return { info: value.info, slot: value.storage, constant: value.constant };
}
