/**
 * The repops engine.
 *
 * @module
 */
import { type Hash, hash } from "../../ledger/primitives/mod.ts";
import type { Carry, Engine, Session } from "../engine.ts";
import { ExecutorError } from "../errors.ts";
import type { TypedGraph } from "../graph.ts";
import { computeSums, inputsFor, inputsForSum, recomputeRange } from "./access/mod.ts";
import type { Precision } from "./numbers/mod.ts";
import { computePart, needsOfPlan, planPart } from "./parts/mod.ts";
import { SPEC_VERSION } from "./spec_version.ts";
import {
  compileKernels,
  createMachinePool,
  kernelBytes,
  openSession,
  startMachine,
  type StartMember,
  type Threads,
} from "./wasm/mod.ts";
import { type GpuEntry, openWebgpuBackend, type WebgpuBackend } from "./webgpu/mod.ts";

/** More threads would wait for each other more than they compute. */
const MOST_THREADS = 64;

/** How an engine is made. */
export interface RepopsOptions {
  /**
   * `high` (the default, engine name `repops`) rounds the factors of products to 12 significant bits; `highest` (engine name
   * `repops-highest`) keeps all 24. The two are different engines: a program names one.
   */
  readonly precision?: Precision;
  /**
   * `wasm` (the default); `webgpu`; or `auto`: WebGPU for each graph that this machine's adapter computes to the bit, WebAssembly for
   * the others, and for all where the adapter is software. The bits do not depend on it.
   */
  readonly backend?: "wasm" | "webgpu" | "auto";
  /**
   * Threads that share what is large on WebAssembly, the caller's among them: a whole number from 1 (the default). The bits do not
   * depend on it. Without `startMember` there is one.
   */
  readonly threads?: number;
  /** The host's way to start threads: `startMember` of `wasm/threads/crew_worker.ts`. */
  readonly startMember?: StartMember | undefined;
  /** The host's entry point to WebGPU, `navigator.gpu`: an engine without it has no adapter. */
  readonly gpu?: GpuEntry | undefined;
}

/** A session, and which of its nodes had no kernel on its backend: operators, once for each node. */
export interface RepopsSession extends Session {
  readonly backend: "wasm" | "webgpu";
  readonly withoutKernel: readonly string[];
}

/** The engine, with sessions that tell how they run. */
export interface RepopsEngine extends Engine {
  /** What it computes on, for people: the adapter by name, or WebAssembly and why not an adapter. */
  readonly computesOn: string;
  load(graph: TypedGraph, carry?: Carry): Promise<RepopsSession>;
}

/**
 * What defines the engine's bits: the version of the specification, and the kernels.
 *
 * Backends do not enter: they all have the bits of the specification.
 */
export function repopsKernelHash(): Hash {
  return hash("assay/repops/kernels", Uint8Array.of(SPEC_VERSION), kernelBytes());
}

/**
 * Makes the engine.
 *
 * @throws {ExecutorError} `bad_request` for a number of threads that is none; `engine_unavailable` where WebAssembly has no relaxed SIMD, which every backend needs, or where
 * `webgpu` is asked for and there is no adapter.
 */
export async function createRepopsEngine(options: RepopsOptions = {}): Promise<RepopsEngine> {
  const precision = options.precision ?? "high";
  const backend = options.backend ?? "wasm";
  const threads = threadsOf(options);
  const module = await compileKernels(threads !== undefined);
  const pool = createMachinePool(() => startMachine(module, threads));
  const onWasm = (graph: TypedGraph, carry?: Carry): Promise<RepopsSession> =>
    attempt(() => {
      const machine = pool.take();
      return { ...openSession(machine, graph, precision, () => pool.give(machine), carry), backend: "wasm" };
    });
  const isAuto = backend === "auto";
  const parts = { entry: options.gpu, hardwareOnly: isAuto, precision, pool, openReference: onWasm };
  let reason: string | undefined;
  const webgpu = backend === "wasm"
    ? undefined
    : await unlessUnavailable(isAuto, () => openWebgpuBackend(parts), (message) => reason = message);
  let closed = false;
  return {
    computesOn: webgpu
      ? `WebGPU (${webgpu.adapter})`
      : reason === undefined
      ? "WebAssembly"
      : `WebAssembly (${reason})`,
    name: precision === "high" ? "repops" : "repops-highest",
    kernelHash: repopsKernelHash(),
    load: async (graph, carry) => {
      if (closed) throw new ExecutorError("bad_request", "The repops engine is closed.");
      const session = webgpu &&
        await unlessUnavailable(isAuto, () => onWebgpu(webgpu, graph, carry));
      return session ?? await onWasm(graph, carry);
    },
    randomAccess: {
      needs: (part, known) => {
        const types = { ...part, precision }, plan = planPart(types, part, known);
        return plan ? needsOfPlan(types, plan) : inputsFor(types, part, known);
      },
      compute: async (part, inputs) => {
        const request = { ...part, precision, inputs };
        const computed = await unlessFailed(() => computePart(pool, request));
        return computed ?? recomputeRange(request);
      },
      sumNeeds: (part, work, known) => inputsForSum({ ...part, precision, index: part.start }, work, known),
      computeSums: (part, works, inputs) =>
        computeSums({ ...part, precision, inputs, index: part.start }, works),
    },
    close: () => {
      if (!closed) {
        webgpu?.close();
        pool.close();
      }
      closed = true;
      return Promise.resolve();
    },
  };
}

/** More threads than one, if they are asked for and can be had. */
function threadsOf({ threads: count = 1, startMember: start }: RepopsOptions): Threads | undefined {
  if (!Number.isInteger(count) || count < 1 || count > MOST_THREADS) {
    throw new ExecutorError(
      "bad_request",
      `'threads' must be a whole number from 1 to ${MOST_THREADS}: current value is ${count}.`,
    );
  }
  return start && count > 1 ? { count, start } : undefined;
}

async function onWebgpu(webgpu: WebgpuBackend, graph: TypedGraph, carry?: Carry): Promise<RepopsSession> {
  return { ...await webgpu.open(graph, carry), backend: "webgpu" };
}

/** What a function returns; `undefined` if it is unavailable on this machine and something else can take its place. */
async function unlessUnavailable<T>(
  replaceable: boolean,
  compute: () => Promise<T>,
  onUnavailable: (message: string) => void = () => {},
): Promise<T | undefined> {
  try {
    return await compute();
  } catch (error) {
    const unavailable = error instanceof ExecutorError && error.code === "engine_unavailable";
    if (!replaceable || !unavailable) throw error;
    onUnavailable(error.message);
    return undefined;
  }
}

/** What the kernels compute; `undefined` if their memory is too short for it, and the reference takes their place. */
async function unlessFailed<T>(compute: () => Promise<T>): Promise<T | undefined> {
  try {
    return await compute();
  } catch (error) {
    if (error instanceof ExecutorError && error.code === "engine_failed") return undefined;
    throw error;
  }
}

/** A promise of what a function returns or throws. */
function attempt<T>(compute: () => T): Promise<T> {
  return new Promise((resolve) => resolve(compute()));
}
