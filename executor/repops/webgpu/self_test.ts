/**
 * No pipeline is trusted before it has shown its bits: each is run on probes against the WebAssembly kernels, the fastest text
 * first.
 *
 * @module
 */
import type { Tensors } from "../../engine.ts";
import { ExecutorError } from "../../errors.ts";
import type { TypedGraph } from "../../graph.ts";
import { type Tensor, tensorBytes } from "../../tensor.ts";
import type { Precision } from "../numbers/mod.ts";
import { bitsOf } from "../numbers/mod.ts";
import { admit, isFloat, release, sizeOf } from "../values.ts";
import type { Gpu } from "./gpu.ts";
import { prepareRunner, shadersOf } from "./graph_runner.ts";
import { lower, type Lowered } from "./lower.ts";
import type { Dispatch } from "./operators/mod.ts";
import type { Pipelines } from "./pipelines.ts";
import { probesOf } from "./probes.ts";
import type { Shader } from "./shader/shader.ts";
import { plainName, windowed } from "./shader/windowed.ts";

/** What every device has: probes are far smaller. */
const GUARANTEED = { binding: 2 ** 27, buffer: 2 ** 28 };

/** Pipelines that have passed. */
export interface TrustedPipelines {
  /**
   * Makes shaders ready, those that are not yet.
   *
   * @throws {ExecutorError} `engine_unavailable` naming the pipeline and the first element that differs, if no text has the bits.
   */
  prepare(shaders: readonly Shader[]): Promise<void>;
  /**
   * The pipeline of a shader that was prepared.
   *
   * @throws {ExecutorError} `engine_failed` if it was not.
   */
  pipelineOf(shader: Shader): GPUComputePipeline;
  /** Names of the pipelines that passed, and the position of the text that did: 0 is the fastest. */
  passed(): ReadonlyMap<string, number>;
}

/** Runs a graph where the bits are known to be right. */
export type Expectation = (graph: TypedGraph, inputs: Tensors) => Promise<Tensors>;

/** No pipelines yet. */
export function createTrustedPipelines(
  gpu: Gpu,
  pipelines: Pipelines,
  precision: Precision,
  expect: Expectation,
): TrustedPipelines {
  const trusted = new Map<string, GPUComputePipeline>();
  const variants = new Map<string, number>();
  /** Under test: probes of normalisations need each other's pipelines, so those that are not trusted yet stand in. */
  const candidates = new Map<string, GPUComputePipeline>();
  let last: Promise<unknown> = Promise.resolve();
  const pipelineOf = (shader: Shader): GPUComputePipeline => {
    const pipeline = trusted.get(shader.name);
    if (pipeline) return pipeline;
    throw new ExecutorError("engine_failed", `The pipeline "${shader.name}" was used before its test.`);
  };

  /** Where a candidate differs from what is expected, if it does. */
  async function test(shader: Shader): Promise<string | undefined> {
    const { name, isWindowed } = plainName(shader.name);
    for (const probe of shader.probe ? [shader.probe()] : probesOf(name)) {
      const plain = lower(probe.graph, precision, { ...gpu.limits, ...GUARANTEED });
      const lowered = isWindowed ? overWindows(plain, name) : plain;
      const used = shadersOf(lowered);
      if (!used.some(({ name }) => name === shader.name)) return "no probe reaches it";
      await prepareAll(used.filter(({ name }) => !candidates.has(name)));
      const runner = prepareRunner(
        gpu,
        pipelines,
        (each) => candidates.get(each.name) ?? pipelineOf(each),
        lowered,
        [],
      );
      const { plan } = lowered;
      const valueOf = (name: string) => plan.values.get(name);
      const words = await runner.run({
        uploads: Object.entries(probe.inputs).map(([name, tensor]) => ({
          storage: valueOf(name)?.storage ?? -1,
          words: isFloat(tensor.dtype)
            ? new Uint8Array(tensorBytes(tensor))
            : new Int32Array(admit(tensor).words),
          canonicalize: isFloat(tensor.dtype),
        })),
        reads: plan.outputs.flatMap((name) => {
          const value = valueOf(name);
          return value ? [{ storage: value.storage, words: sizeOf(value.info) }] : [];
        }),
        carries: [],
      });
      runner.close();
      const expected = await expect(probe.graph, probe.inputs);
      for (const [i, name] of plan.outputs.entries()) {
        const value = valueOf(name);
        const wanted = expected[name];
        const got = words[i];
        if (!value || !wanted || !got) return `the output ${name} is missing`;
        const unsigned = value.info.dtype === "uint32" || value.info.dtype === "uint64";
        const seen: Tensor = isFloat(value.info.dtype)
          ? { ...value.info, data: new Float32Array(got.buffer) }
          : release({ ...value.info, words: unsigned ? got : new Int32Array(got.buffer) });
        const difference = firstDifference(seen, wanted);
        if (difference) return `${difference} of ${probe.graph.name}`;
      }
    }
    return undefined;
  }

  async function prepareOne(shader: Shader): Promise<void> {
    const failures: string[] = [];
    for (const [variant, text] of shader.texts.entries()) {
      const pipeline = await pipelines.compile(shader, text);
      candidates.set(shader.name, pipeline);
      const difference = await test(shader).finally(() => candidates.delete(shader.name));
      if (difference === undefined) {
        trusted.set(shader.name, pipeline);
        variants.set(shader.name, variant);
        return;
      }
      failures.push(difference);
    }
    throw new ExecutorError(
      "engine_unavailable",
      `The adapter ${gpu.name} does not compute the pipeline "${shader.name}" to the bit: ${
        failures.at(-1)
      }. ` +
        "Use the WebAssembly backend.",
      { pipeline: shader.name },
    );
  }

  async function prepareAll(shaders: readonly Shader[]): Promise<void> {
    for (const shader of shaders) if (!trusted.has(shader.name)) await prepareOne(shader);
  }

  return {
    prepare: (shaders) => {
      const mine = last.then(() => prepareAll(shaders));
      last = mine.catch(() => undefined);
      return mine;
    },
    pipelineOf,
    passed: () => variants,
  };
}

/** The same work, where one shader is on windows: each of them all there is. */
function overWindows(lowered: Lowered, name: string): Lowered {
  const over = (dispatch: Dispatch): Dispatch =>
    dispatch.shader.name === name ? { ...dispatch, shader: windowed(dispatch.shader) } : dispatch;
  return {
    ...lowered,
    incoming: lowered.incoming.map(over),
    steps: lowered.steps.map((step) => ({ ...step, dispatches: step.dispatches?.map(over) })),
  };
}

/** The first element whose bits differ. */
function firstDifference(seen: Tensor, wanted: Tensor): string | undefined {
  const [a, b] = [tensorBytes(seen), tensorBytes(wanted)];
  const byte = a.findIndex((value, i) => value !== b[i]);
  if (byte < 0 && a.length === b.length) return undefined;
  const element = Math.floor(byte / seen.data.BYTES_PER_ELEMENT);
  const show = (value: number | bigint | undefined) =>
    typeof value === "number" && isFloat(seen.dtype) ? `0x${bitsOf(value).toString(16)}` : `${value}`;
  return `element ${element} is ${show(seen.data[element])} instead of ${show(wanted.data[element])}`;
}
