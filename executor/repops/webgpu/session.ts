/**
 * A session on the GPU.
 *
 * @module
 */
import type { Session, Tensors } from "../../engine.ts";
import { takeTensor } from "../../engines/mod.ts";
import { ExecutorError } from "../../errors.ts";
import type { TypedGraph } from "../../graph.ts";
import type { Tensor } from "../../tensor.ts";
import type { Precision } from "../numbers/mod.ts";
import type { PlannedValue } from "../plan/mod.ts";
import { admit, isFloat, release, sizeOf } from "../values.ts";
import type { Machine } from "../wasm/mod.ts";
import type { Gpu } from "./gpu.ts";
import { type GraphRunner, prepareRunner, type RunOrder, shadersOf } from "./graph_runner.ts";
import { prepareHostNodes } from "./host_nodes.ts";
import { lower, type Lowered } from "./lower.ts";
import type { Pipelines } from "./pipelines.ts";
import type { TrustedPipelines } from "./self_test.ts";

/** A step whose state stays on the GPU. */
export interface StepOrder {
  /** Inputs that change. Others keep what an earlier step gave them or carried into them. */
  readonly inputs: Tensors;
  /** Outputs by name, and the input that each becomes for the next step. */
  readonly carry: Readonly<Record<string, string>>;
  /** Names of the outputs to read back. */
  readonly read: readonly string[];
}

/** A session, and what it can do beyond the contract. */
export interface WebgpuSession extends Session {
  /** Operators of nodes that run on the host for want of a shader, once for each node. */
  readonly withoutKernel: readonly string[];
  /**
   * Runs once and keeps the state on the GPU.
   *
   * @throws {ExecutorError} As {@link Session.run}; `bad_request` for names or types that do not fit, or an input never given.
   */
  step(order: StepOrder): Promise<Tensors>;
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
 * @throws {ExecutorError} As `lower`; `engine_unavailable` if a pipeline does not have the bits on this adapter.
 */
export async function openWebgpuSession(context: WebgpuContext, graph: TypedGraph): Promise<WebgpuSession> {
  const lowered = lower(graph, context.precision, context.gpu.limits);
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
  return sessionOf(graph.name, lowered, runner, onHost.map(({ node }) => node.operator), close);
}

function sessionOf(
  name: string,
  lowered: Lowered,
  runner: GraphRunner,
  withoutKernel: readonly string[],
  free: () => void,
): WebgpuSession {
  const { plan } = lowered;
  const given = new Set<string>();
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
  const valueOf = (value: string, among: readonly string[]): PlannedValue => {
    const planned = among.includes(value) ? plan.values.get(value) : undefined;
    if (planned) return planned;
    throw new ExecutorError(
      "bad_request",
      `Graph ${name} has ${among.join(", ") || "nothing"}: there is no "${value}" among them.`,
    );
  };
  const upload = (inputs: Tensors, names: readonly string[]): RunOrder["uploads"] =>
    names.map((input) => {
      const value = valueOf(input, plan.inputs);
      return { storage: value.storage, ...wordsOf(takeTensor(inputs, input, value.info)) };
    });
  const runOrder = async (order: RunOrder, read: readonly string[]): Promise<Tensors> => {
    const words = await runner.run(order);
    return Object.fromEntries(read.map((output, i) => {
      const { info } = valueOf(output, plan.outputs);
      return [output, tensorOf(info, words[i] ?? new Uint32Array(0))];
    }));
  };
  const readsOf = (read: readonly string[]) =>
    read.map((output) => {
      const { storage, info } = valueOf(output, plan.outputs);
      return { storage, words: sizeOf(info) };
    });
  return {
    withoutKernel,
    run: (inputs) => {
      const uploads = upload(inputs, plan.inputs);
      return inTurn(() => runOrder({ uploads, reads: readsOf(plan.outputs), carries: [] }, plan.outputs));
    },
    step: ({ inputs, carry, read }) =>
      inTurn(() => {
        const uploads = upload(inputs, Object.keys(inputs));
        for (const input of Object.keys(inputs)) given.add(input);
        const missing = plan.inputs.find((input) => !given.has(input));
        if (missing !== undefined) {
          throw new ExecutorError("bad_request", `The input "${missing}" of graph ${name} was never given.`);
        }
        const carries = Object.entries(carry).map(([output, input]) =>
          carriage(output, valueOf(output, plan.outputs), input, valueOf(input, plan.inputs), plan)
        );
        return runOrder({ uploads, reads: readsOf(read), carries }, read);
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

/** Checks that an output can become an input. */
function carriage(
  output: string,
  from: PlannedValue,
  input: string,
  to: PlannedValue,
  plan: Lowered["plan"],
): RunOrder["carries"][number] {
  const alike = from.info.dtype === to.info.dtype && from.info.shape.join() === to.info.shape.join();
  const isInput = plan.inputs.some((name) => plan.values.get(name)?.storage === from.storage);
  if (alike && !isInput) return { from: from.storage, to: to.storage, words: sizeOf(from.info) };
  throw new ExecutorError(
    "bad_request",
    `The output "${output}" cannot become the input "${input}": ` +
      (alike ? "it is itself an input." : "their types differ."),
  );
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
