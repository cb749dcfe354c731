/**
 * A session on the GPU.
 *
 * @module
 */
import type { Carry, Session, StepOrder, Tensors } from "../../engine.ts";
import { takeTensor } from "../../engines/mod.ts";
import { ExecutorError } from "../../errors.ts";
import type { TypedGraph } from "../../graph.ts";
import type { Tensor } from "../../tensor.ts";
import type { Precision } from "../numbers/mod.ts";
import { carriagesOf, type PlannedValue, recordInputs, valueAmong } from "../plan/mod.ts";
import { admit, isFloat, release, sizeOf } from "../values.ts";
import type { Machine } from "../wasm/mod.ts";
import type { Gpu } from "./gpu.ts";
import { type GraphRunner, prepareRunner, type RunOrder, shadersOf } from "./graph_runner.ts";
import { prepareHostNodes } from "./host_nodes.ts";
import { lower, type Lowered } from "./lower.ts";
import type { Pipelines } from "./pipelines.ts";
import type { TrustedPipelines } from "./self_test.ts";

/** A session, and which of its nodes run on the host for want of a shader. */
export interface WebgpuSession extends Session {
  /** Operators, once for each node. */
  readonly withoutKernel: readonly string[];
}

/** What sessions share. */
export interface WebgpuContext {
  readonly gpu: Gpu;
  readonly pipelines: Pipelines;
  readonly trusted: TrustedPipelines;
  readonly precision: Precision;
  /** Lends a machine for nodes on the host. */
  takeMachine(): Machine;
  giveMachine(machine: Machine): void;
}

/**
 * Loads a graph. Pipelines that it is the first to need are tested before.
 *
 * @param carry What its steps carry over, if it is to have steps.
 * @throws {ExecutorError} As `lower`; `engine_unavailable` if a pipeline does not have the bits on this adapter; `bad_request` for a state that
 * cannot be carried.
 */
export async function openWebgpuSession(
  context: WebgpuContext,
  graph: TypedGraph,
  carry?: Carry,
): Promise<WebgpuSession> {
  const lowered = lower(graph, context.precision, context.gpu.limits);
  const carries = carriagesOf(lowered.plan, carry ?? {}, graph.name)
    .filter(({ from, to }) => from.storage !== to.storage)
    .map(({ from, to }) => ({ from: from.storage, to: to.storage, words: sizeOf(from.info) }));
  await context.trusted.prepare(shadersOf(lowered));
  const onHost = lowered.steps.flatMap(({ step, dispatches }) => (dispatches ? [] : [step]));
  const machine = onHost.length > 0 ? context.takeMachine() : undefined;
  const hostNodes = machine ? prepareHostNodes(machine, onHost, graph.opset, context.precision) : [];
  const runner = prepareRunner(
    context.gpu,
    context.pipelines,
    context.trusted.pipelineOf,
    lowered,
    hostNodes,
  );
  const close = () => {
    runner.close();
    if (machine) context.giveMachine(machine);
  };
  const { step, ...session } = sessionOf(graph.name, lowered, runner, carries, close);
  return { ...session, ...(carry && { step }), withoutKernel: onHost.map(({ node }) => node.operator) };
}

function sessionOf(
  name: string,
  { plan }: Lowered,
  runner: GraphRunner,
  carries: RunOrder["carries"],
  free: () => void,
): Required<Session> {
  const given = recordInputs(plan, name);
  let closed = false;
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(() => {
      if (!closed) return work();
      throw new ExecutorError("bad_request", `The session of graph ${name} is closed.`);
    });
    last = mine.catch(() => undefined);
    return mine;
  };
  const uploadsOf = (inputs: Tensors, names: readonly string[]): RunOrder["uploads"] =>
    names.map((input) => {
      const value = valueAmong(plan, plan.inputs, input, name);
      return { storage: value.storage, ...wordsOf(takeTensor(inputs, input, value.info)) };
    });
  const runOrder = async (order: Omit<RunOrder, "reads">, read: readonly string[]): Promise<Tensors> => {
    const values = read.map((output) => valueAmong(plan, plan.outputs, output, name));
    const reads = values.map(({ storage, info }) => ({ storage, words: sizeOf(info) }));
    const words = await runner.run({ ...order, reads });
    return Object.fromEntries(values.map(({ info }, i) => [
      read[i] ?? "",
      tensorOf(info, words[i] ?? new Uint32Array(0)),
    ]));
  };
  return {
    run: (inputs) => {
      const uploads = uploadsOf(inputs, plan.inputs);
      return inTurn(() => {
        given.forget();
        return runOrder({ uploads, carries: [] }, plan.outputs);
      });
    },
    step: ({ inputs, read }: StepOrder) =>
      inTurn(() => {
        const uploads = uploadsOf(inputs, Object.keys(inputs));
        given.add(Object.keys(inputs));
        return runOrder({ uploads, carries }, read);
      }),
    close: () => {
      const mine = last.then(() => {
        if (!closed) free();
        closed = true;
      });
      last = mine;
      return mine;
    },
  };
}

/** What is uploaded of an input: floats as they are, to be made canonical there, other types as words. */
function wordsOf(tensor: Tensor): {
  readonly words: ArrayBufferView<ArrayBuffer>;
  readonly canonicalize: boolean;
} {
  if (isFloat(tensor.dtype) && tensor.data instanceof Float32Array) {
    return { words: new Float32Array(tensor.data), canonicalize: true };
  }
  return { words: new Uint8Array(bytesOf(admit(tensor).words)), canonicalize: false };
}

function bytesOf(words: ArrayBufferView): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}

function tensorOf(info: PlannedValue["info"], words: Uint32Array<ArrayBuffer>): Tensor {
  if (isFloat(info.dtype)) return { ...info, data: new Float32Array(words.buffer) };
  const unsigned = info.dtype === "uint32" || info.dtype === "uint64";
  return release({ ...info, words: unsigned ? words : new Int32Array(words.buffer) });
}
