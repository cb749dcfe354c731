/**
 * A planned graph on a machine of its own.
 *
 * @module
 */
import type { Carry, Session, StepOrder, Tensors } from "../../engine.ts";
import { takeTensor } from "../../engines/mod.ts";
import { ExecutorError } from "../../errors.ts";
import type { TypedGraph } from "../../graph.ts";
import type { Tensor } from "../../tensor.ts";
import type { Precision } from "../numbers/mod.ts";
import {
  type Carriage,
  carriagesOf,
  type CarriedPlan,
  carryInPlace,
  fusePooling,
  fuseProducts,
  makePlan,
  placeStorage,
  type Plan,
  type PlannedValue,
  recordInputs,
  tradedStorages,
  valueAmong,
} from "../plan/mod.ts";
import { admit, isFloat, release, sizeOf } from "../values.ts";
import { allocationBytes, type Machine } from "./machine.ts";
import { fuseChains } from "./fuse_chains.ts";
import { compileChain, compileNode, mapsInPlace, type Place, vectorsOf } from "./operators/mod.ts";

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
 * @param carry What its steps carry over, if it is to have steps.
 * @throws {ExecutorError} `unsupported_operator` naming node and operator; `bad_shape`; `engine_failed` if memory is short; `bad_request` for
 * a state that cannot be carried.
 */
export function openSession(
  machine: Machine,
  graph: TypedGraph,
  precision: Precision,
  giveBack: () => void,
  carry?: Carry,
): WasmSession {
  const { plan, carriages } = planSteps(graph, precision, carry ?? {});
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
  const given = recordInputs(plan, graph.name);
  const load: Load = { machine, plan, placeOf, run: () => works.forEach((work) => work.run(scratch)) };
  let closed = false;
  const attempt = (compute: () => Tensors): Promise<Tensors> =>
    new Promise((resolve) => {
      if (closed) throw new ExecutorError("bad_request", `The session of graph ${graph.name} is closed.`);
      resolve(compute());
    });
  const step = ({ inputs, read }: StepOrder): Promise<Tensors> =>
    attempt(() => {
      const values = read.map((name) => [name, valueAmong(plan, plan.outputs, name, graph.name)] as const);
      Object.keys(inputs).forEach((name) => valueAmong(plan, plan.inputs, name, graph.name));
      given.add(Object.keys(inputs));
      writeInputs(load, inputs, Object.keys(inputs));
      load.run();
      const outputs = values.map(([name, value]) => [name, readOut(machine, placeOf(value))] as const);
      carryOver(load, carriages);
      return Object.fromEntries(outputs);
    });
  return {
    withoutKernel: compiled.flatMap(({ node, onKernel }) => (onKernel ? [] : [node.operator])),
    run: (inputs) =>
      attempt(() => {
        given.forget();
        writeInputs(load, inputs, plan.inputs);
        load.run();
        return Object.fromEntries(plan.outputs.flatMap((name) => {
          const value = plan.values.get(name);
          return value ? [[name, readOut(machine, placeOf(value))]] : [];
        }));
      }),
    ...(carry && { step }),
    close: () => {
      if (!closed) giveBack();
      closed = true;
      return Promise.resolve();
    },
  };
}

/** The plan of a graph, fused, with its state where the next step finds it. */
function planSteps(graph: TypedGraph, precision: Precision, carry: Carry): CarriedPlan {
  const plan = fuseChains(fusePooling(fuseProducts(makePlan(graph, precision, NATIVE))));
  return carryInPlace(plan, carriagesOf(plan, carry, graph.name), mapsInPlace);
}

/** A graph in a machine's memory. */
interface Load {
  readonly machine: Machine;
  readonly plan: Plan;
  readonly placeOf: (value: PlannedValue) => Place;
  /** Runs all steps. */
  readonly run: () => void;
}

function writeInputs({ machine, plan, placeOf }: Load, inputs: Tensors, names: readonly string[]): void {
  for (const name of names) {
    const value = plan.values.get(name);
    if (value) writeInput(machine, placeOf(value), takeTensor(inputs, name, value.info));
  }
}

/** Copies what does not lie yet where the next step finds it. */
function carryOver({ machine, placeOf }: Load, carriages: readonly Carriage[]): void {
  const traded = tradedStorages(carriages);
  const wordsOf = (value: PlannedValue) => machine.view("int32", placeOf(value).address, sizeOf(value.info));
  const copies = carriages.flatMap(({ from, to }) => {
    if (from.storage === to.storage) return [];
    return [{ to, words: traded.has(from.storage) ? wordsOf(from).slice() : wordsOf(from) }];
  });
  for (const { to, words } of copies) wordsOf(to).set(words);
}

/** Floats go in as they are and are made canonical by a kernel, other types one by one. */
function writeInput(machine: Machine, place: Place, tensor: Tensor): void {
  if (!isFloat(tensor.dtype) || !(tensor.data instanceof Float32Array)) {
    write(machine, place, admit(tensor).words);
    return;
  }
  write(machine, place, tensor.data);
  machine.kernel("u_Canonical")(place.address, place.address, vectorsOf(tensor.data.length));
}

function write(machine: Machine, place: Place, words: Float32Array | Int32Array | Uint32Array): void {
  machine.view(place.info.dtype, place.address, words.length).set(words);
}

function readOut(machine: Machine, place: Place): Tensor {
  const words = machine.view(place.info.dtype, place.address, sizeOf(place.info));
  // Memory for a copy made so is not zeroed before, as it is for a slice.
  if (words instanceof Float32Array) return { ...place.info, data: new Float32Array(words) };
  return release({ ...place.info, words });
}
