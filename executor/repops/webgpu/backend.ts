/**
 * The backend: a device, its trusted pipelines, and sessions on them.
 *
 * @module
 */
import type { Carry, Session, Tensors } from "../../engine.ts";
import type { TypedGraph } from "../../graph.ts";
import type { Precision } from "../numbers/mod.ts";
import type { MachinePool } from "../wasm/mod.ts";
import { type GpuEntry, openGpu } from "./gpu.ts";
import { createPipelines } from "./pipelines.ts";
import { createTrustedPipelines } from "./self_test.ts";
import { openWebgpuSession, type WebgpuSession } from "./session.ts";

/** An open backend. Close it when done. */
export interface WebgpuBackend {
  /** What the adapter calls itself. */
  readonly adapter: string;
  /**
   * Loads a graph.
   *
   * @param carry What its steps carry over, if it is to have steps.
   * @throws {ExecutorError} `unsupported_operator`; `engine_unavailable` if the adapter cannot hold a value, or does not have the bits;
   * `bad_request` for a state that cannot be carried.
   */
  open(graph: TypedGraph, carry?: Carry): Promise<WebgpuSession>;
  /** Names of the pipelines that have passed their test, and which of their texts did: 0 is the fastest. */
  passed(): ReadonlyMap<string, number>;
  close(): void;
}

/** What a backend needs. */
export interface WebgpuParts {
  readonly entry: GpuEntry | undefined;
  /** Whether an adapter that is software is refused. */
  readonly hardwareOnly: boolean;
  readonly precision: Precision;
  /** Lends machines for nodes without a shader, and for what pipelines are tested against. */
  readonly pool: MachinePool;
  /** Opens a graph on the WebAssembly kernels. */
  openReference(graph: TypedGraph): Promise<Session>;
}

/**
 * Opens a device.
 *
 * @throws {ExecutorError} `engine_unavailable` without WebGPU, adapter or device.
 */
export async function openWebgpuBackend(parts: WebgpuParts): Promise<WebgpuBackend> {
  const { entry, hardwareOnly, precision, pool } = parts;
  const gpu = await openGpu(entry, hardwareOnly);
  const pipelines = createPipelines(gpu);
  const expect = async (graph: TypedGraph, inputs: Tensors): Promise<Tensors> => {
    const session = await parts.openReference(graph);
    return await session.run(inputs).finally(() => session.close());
  };
  const trusted = createTrustedPipelines(gpu, pipelines, precision, expect);
  const context = {
    gpu,
    pipelines,
    trusted,
    precision,
    takeMachine: () => pool.take(),
    giveMachine: pool.give,
  };
  return {
    adapter: gpu.name,
    open: (graph, carry) => openWebgpuSession(context, graph, carry),
    passed: trusted.passed,
    close: gpu.close,
  };
}
