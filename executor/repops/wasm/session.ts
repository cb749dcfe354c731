/**
 * A planned graph on a machine of its own.
 *
 * @module
 */
import { type Session, type Tensors } from "../../engine.ts";
import { takeTensor } from "../../engines/mod.ts";
import { ExecutorError } from "../../errors.ts";
import type { TypedGraph } from "../../graph.ts";
import type { Tensor } from "../../tensor.ts";
import type { Precision } from "../numbers/mod.ts";
import {
  fusePooling,
  fuseProducts,
  makePlan,
  placeStorage,
  type Plan,
  type PlannedValue,
} from "../plan/mod.ts";
import { admit, isFloat, release, sizeOf } from "../values.ts";
import { allocationBytes, type Machine } from "./machine.ts";
import { fuseChains } from "./fuse_chains.ts";
import { compileChain, compileNode, type Place, type Work } from "./operators/mod.ts";

/** Operators that the planner would write as several nodes, and that have kernels of their own here, which are faster. */
const NATIVE: ReadonlySet<string> = new Set([
  "QuantizeLinear",
  "DequantizeLinear",
  "DynamicQuantizeLinear",
  "MatMulInteger",
  "ConvInteger",
  "QLinearMatMul",
  "QLinearConv",
]);

/** A session, and which of its nodes run on the reference for want of a kernel. */
export interface WasmSession extends Session {
  readonly withoutKernel: readonly string[];
}

/**
 * Loads a graph.
 *
 * @param machine Its memory belongs to the session until it is closed.
 * @param giveBack Called once, when the session is closed.
 * @throws {ExecutorError} `unsupported_operator` naming node and operator; `bad_shape`; `engine_failed` if memory is short.
 */
export function openSession(
  machine: Machine,
  graph: TypedGraph,
  precision: Precision,
  giveBack: () => void,
): WasmSession {
  const plan = fuseChains(fusePooling(fuseProducts(makePlan(graph, precision, NATIVE))));
  const placement = placeStorage(plan, (elements) => allocationBytes(elements * 4));
  const base = machine.allocate(placement.bytes);
  const placeOf = (value: PlannedValue): Place => ({
    info: value.info,
    address: base + (placement.offsets[value.storage] ?? 0),
    constant: value.constant,
  });
  const present = (
    value: PlannedValue | undefined,
  ) => (value && value.storage >= 0 ? placeOf(value) : undefined);
  const compiled = plan.steps.map((step) => {
    const { node, inputs, outputs, parts } = step;
    if (parts) return { node, work: compileChain(machine, step, placeOf), onKernel: true };
    const places = { inputs: inputs.map(present), outputs: outputs.map(present) };
    return { node, ...compileNode({ node, opset: graph.opset, precision, machine, ...places }) };
  });
  const works = compiled.map(({ work }) => work);
  const scratch = machine.end();
  machine.reserve(scratch, allocationBytes(Math.max(0, ...works.map((work) => work.scratch))));
  for (const value of plan.values.values()) {
    if (value.constant) write(machine, placeOf(value), value.constant.words);
  }
  let closed = false;
  return {
    withoutKernel: compiled.flatMap(({ node, onKernel }) => (onKernel ? [] : [node.operator])),
    run: (inputs) => {
      if (closed) throw new ExecutorError("bad_request", `The session of graph ${graph.name} is closed.`);
      return Promise.resolve(runOnce(machine, plan, works, scratch, placeOf, inputs));
    },
    close: () => {
      if (!closed) giveBack();
      closed = true;
      return Promise.resolve();
    },
  };
}

function runOnce(
  machine: Machine,
  plan: Plan,
  works: readonly Work[],
  scratch: number,
  placeOf: (value: PlannedValue) => Place,
  inputs: Tensors,
): Tensors {
  for (const name of plan.inputs) {
    const value = plan.values.get(name);
    if (value) writeInput(machine, placeOf(value), takeTensor(inputs, name, value.info));
  }
  for (const work of works) work.run(scratch);
  return Object.fromEntries(plan.outputs.flatMap((name) => {
    const value = plan.values.get(name);
    return value ? [[name, read(machine, placeOf(value))]] : [];
  }));
}

/** Floats go in as they are and are made canonical by a kernel, other types one by one. */
function writeInput(machine: Machine, place: Place, tensor: Tensor): void {
  if (!isFloat(tensor.dtype) || !(tensor.data instanceof Float32Array)) {
    write(machine, place, admit(tensor).words);
    return;
  }
  write(machine, place, tensor.data);
  machine.kernel("u_Canonical")(place.address, place.address, Math.ceil(tensor.data.length / 4));
}

function write(machine: Machine, place: Place, words: Float32Array | Int32Array | Uint32Array): void {
  machine.view(place.info.dtype, place.address, words.length).set(words);
}

function read(machine: Machine, place: Place): Tensor {
  const words = machine.view(place.info.dtype, place.address, sizeOf(place.info));
  if (words instanceof Float32Array) return { ...place.info, data: words.slice() };
  return release({ ...place.info, words });
}
