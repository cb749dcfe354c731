/**
 * From a plan to slots and dispatches. A slot is what a buffer will hold: a storage of the plan, or what one node needs beside.
 *
 * @module
 */
import type { TensorInfo } from "../../../ledger/primitives/mod.ts";
import { ExecutorError } from "../../errors.ts";
import type { TypedGraph } from "../../graph.ts";
import type { Precision } from "../numbers/mod.ts";
import {
  FUSED_DOMAIN,
  fuseProducts,
  livesOf,
  makePlan,
  type Plan,
  type PlannedValue,
  type Step,
} from "../plan/mod.ts";
import { fuseMaps } from "./fuse_maps.ts";
import { compileChain } from "./map_chain.ts";
import { canonicalization, compileNode, type Dispatch, type Place, WINDOW_STEP } from "./operators/mod.ts";

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
  /** What makes the floats of inputs canonical. */
  readonly incoming: readonly Dispatch[];
}

/** What a device can hold, in bytes, and of which kind it is. */
export interface Limits {
  /** Of one binding. Larger values are worked on by stretches. */
  readonly binding: number;
  /** Of one buffer. */
  readonly buffer: number;
  /** Inputs and outputs of a shader: as many as every device has, if absent. */
  readonly bindings?: number;
  /** Whether the device is software: some work is then shaped for the processor's vectors. */
  readonly isSoftware?: boolean;
}

const GUARANTEED_BINDINGS = 8;

/** Operators of which one shader does what the planner would write as several nodes. */
const NATIVE: ReadonlySet<string> = new Set(
  "Elu Selu Celu ThresholdedRelu HardSigmoid HardSwish Sum Max Min".split(" "),
);

/**
 * Lowers a graph.
 *
 * @param limits Of the device. A node that no shader serves on stretches of its operands goes to the host.
 * @throws {ExecutorError} As {@link makePlan}; `engine_unavailable` naming a value that no buffer of the device can hold.
 */
export function lower(graph: TypedGraph, precision: Precision, limits: Limits): Lowered {
  const plan = makePlan(graph, precision, NATIVE);
  const { bindings = GUARANTEED_BINDINGS } = limits;
  const fusedPlan = fuseMaps(fuseProducts(plan, "any"), graph.opset, bindings);
  const fused = lowerPlan(fusedPlan, graph.opset, precision, limits);
  // The host has no kernels for what is fused here.
  const isServed = fused.steps.every(({ step, dispatches }) =>
    dispatches || step.node.domain !== FUSED_DOMAIN
  );
  return isServed ? fused : lowerPlan(plan, graph.opset, precision, limits);
}

function lowerPlan(plan: Plan, opset: number, precision: Precision, limits: Limits): Lowered {
  const largestWords = Math.floor(limits.binding / 4 / WINDOW_STEP) * WINDOW_STEP;
  for (const [name, { info, storage }] of plan.values) {
    requireRoom(name, info, plan.storages[storage] ?? 0, limits);
  }
  const constants = new Map([...plan.values.values()].map((value) => [value.storage, value.constant?.words]));
  const slots: Slot[] = livesOf(plan).map(({ storage, from, to }) => ({
    // What fusion left without a reader takes no room.
    words: to < from ? 0 : plan.storages[storage] ?? 0,
    from,
    to,
    known: ownCopy(constants.get(storage)),
  }));
  const last = plan.steps.length;
  const fitted = (dispatches: readonly Dispatch[] | undefined) => onWindows(dispatches, slots, largestWords);
  const steps = plan.steps.map((step, at): LoweredStep => {
    const before = slots.length;
    const add = (slot: Slot) => slots.push(slot) - 1;
    const dispatches = fitted(
      step.parts ? compileChain(step, opset) : compileNode({
        node: step.node,
        opset,
        precision,
        inputs: step.inputs.map(placeOf),
        outputs: step.outputs.map(placeOf),
        largestWords,
        isSoftware: limits.isSoftware ?? false,
        scratch: (words) => add({ words, from: at, to: at, known: undefined }),
        known: (words) => add({ words: words.length, from: -1, to: last, known: new Uint32Array(words) }),
      }),
    );
    const isHeld = slots.slice(before).every(({ words }) => words * 4 <= limits.buffer);
    if (!dispatches || !isHeld) slots.length = before;
    return { step, dispatches: isHeld ? dispatches : undefined };
  });
  const incoming = fitted(plan.inputs.flatMap((name) => {
    const value = plan.values.get(name);
    return value ? [canonicalization(value.storage, plan.storages[value.storage] ?? 0)] : [];
  }));
  return { plan, slots, steps, incoming: incoming ?? [] };
}

function requireRoom(name: string, info: TensorInfo, words: number, { buffer }: Limits): void {
  if (words * 4 <= buffer) return;
  throw new ExecutorError(
    "engine_unavailable",
    `The value "${name}" (${info.dtype} [${info.shape}]) needs ${
      words * 4
    } bytes, and a buffer of this GPU has ` +
      `at most ${buffer}: use the WebAssembly backend.`,
  );
}

/** Dispatches on stretches of buffers that are larger than one binding; `undefined` if there is no such form. */
function onWindows(
  dispatches: readonly Dispatch[] | undefined,
  slots: readonly Slot[],
  largestWords: number,
): readonly Dispatch[] | undefined {
  const all: Dispatch[] = [];
  for (const dispatch of dispatches ?? []) {
    const { inputs, outputs, windows } = dispatch;
    const fits = windows ||
      [...inputs, ...outputs].every((slot) => (slots[slot]?.words ?? 0) <= largestWords);
    const parts = fits ? [dispatch] : dispatch.split?.(largestWords);
    if (!parts) return undefined;
    all.push(...parts);
  }
  return dispatches && all;
}

/** Views of shared memory cannot be uploaded. */
function ownCopy(words: ArrayBufferView | undefined): ArrayBufferView<ArrayBuffer> | undefined {
  return words && new Uint8Array(new Uint8Array(words.buffer, words.byteOffset, words.byteLength));
}

function placeOf(value: PlannedValue | undefined): Place | undefined {
  if (!value || value.storage < 0) return undefined;
  return { info: value.info, slot: value.storage, constant: value.constant };
}
