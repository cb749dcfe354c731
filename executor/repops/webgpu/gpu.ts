/**
 * A WebGPU device with the adapter's real limits, whose complaints become typed errors.
 *
 * @module
 */
import { messageOf } from "../../../ledger/primitives/mod.ts";
import { ExecutorError } from "../../errors.ts";
import type { Limits } from "./lower.ts";

/** Bits of `GPUBufferUsage`, which is a global only where WebGPU exists. */
export const USAGE = {
  mapRead: 0x1,
  copySource: 0x4,
  copyTarget: 0x8,
  uniform: 0x40,
  storage: 0x80,
} as const;
/** `GPUMapMode.READ`. */
const MAP_READ = 1;

/** Where devices come from: `navigator.gpu`, or a stand-in. */
export type GpuEntry = Pick<GPU, "requestAdapter">;

/** An open device. Close it when done. */
export interface Gpu {
  readonly device: GPUDevice;
  /** What the adapter calls itself. */
  readonly name: string;
  /** What the device can hold, and of which kind it is. */
  readonly limits: Limits;
  /** A buffer of at least so many words. */
  buffer(words: number, usage: number): GPUBuffer;
  /**
   * The first `words` words of a mappable buffer, once the GPU has written them.
   *
   * @throws {ExecutorError} `engine_failed` if the device is lost or has complained.
   */
  read(buffer: GPUBuffer, words: number): Promise<Uint32Array<ArrayBuffer>>;
  /**
   * Throws what the device complained of since it was opened: WebGPU reports errors aside and goes on with wrong data.
   *
   * @throws {ExecutorError} `engine_failed`.
   */
  throwIfBroken(): void;
  close(): void;
}

/** Limits that kernels profit from: the defaults are 128 MiB a binding and 8 storage buffers. */
const RAISED_LIMITS = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
] as const;

/**
 * Opens the preferred adapter's device.
 *
 * @param hardwareOnly Refuses an adapter that is software: it computes on the same cores as WebAssembly, several times slower.
 * @throws {ExecutorError} `engine_unavailable` without WebGPU, adapter or device.
 */
export async function openGpu(entry: GpuEntry | undefined, hardwareOnly = false): Promise<Gpu> {
  const adapter = await entry?.requestAdapter({ powerPreference: "high-performance" }) ?? null;
  if (adapter === null) {
    throw new ExecutorError(
      "engine_unavailable",
      "This machine offers no WebGPU adapter: use the WebAssembly backend.",
    );
  }
  if (hardwareOnly && adapter.info.isFallbackAdapter) {
    throw new ExecutorError(
      "engine_unavailable",
      `This machine's WebGPU adapter, ${
        nameOf(adapter)
      }, is software, and slower than WebAssembly: ask for webgpu to use it ` +
        "all the same.",
    );
  }
  const requiredLimits = Object.fromEntries(RAISED_LIMITS.map((name) => [name, adapter.limits[name]]));
  const device = await adapter.requestDevice({ requiredLimits }).catch((cause) => {
    throw new ExecutorError(
      "engine_unavailable",
      `The WebGPU adapter gives no device: ${messageOf(cause)}`,
      {},
      cause,
    );
  });
  return watch(adapter, device);
}

function nameOf({ info }: GPUAdapter): string {
  return info.description || info.vendor || "an unnamed adapter";
}

function watch(adapter: GPUAdapter, device: GPUDevice): Gpu {
  let complaint: string | undefined;
  let closed = false;
  device.addEventListener("uncapturederror", (event) => {
    complaint ??= event instanceof GPUUncapturedErrorEvent ? event.error.message : "an unknown error";
  });
  const lost = device.lost.then(({ message }) => {
    complaint ??= closed ? "the engine is closed" : `the device is lost (${message})`;
  });
  // Some hosts crash if the adapter is collected before the device: the closures below keep it.
  const held: { adapter: GPUAdapter | undefined } = { adapter };
  const throwIfBroken = () => {
    if (complaint === undefined && held.adapter !== undefined) return;
    const reason = complaint ?? "the engine is closed";
    throw new ExecutorError("engine_failed", `The GPU reported: ${reason}.`, { fatal: true });
  };
  return {
    device,
    name: nameOf(adapter),
    // A device may give more than its adapter promised.
    limits: {
      binding: Math.min(
        adapter.limits.maxStorageBufferBindingSize,
        device.limits.maxStorageBufferBindingSize,
      ),
      buffer: Math.min(adapter.limits.maxBufferSize, device.limits.maxBufferSize),
      bindings: Math.min(
        adapter.limits.maxStorageBuffersPerShaderStage,
        device.limits.maxStorageBuffersPerShaderStage,
      ),
      isSoftware: adapter.info.isFallbackAdapter,
    },
    buffer: (words, usage) => device.createBuffer({ size: Math.max(words, 1) * 4, usage }),
    read: async (buffer, words) => {
      throwIfBroken();
      if (words === 0) return new Uint32Array(0);
      await Promise.race([buffer.mapAsync(MAP_READ, 0, words * 4), lost]);
      throwIfBroken();
      const copy = new Uint32Array(buffer.getMappedRange(0, words * 4).slice(0));
      buffer.unmap();
      return copy;
    },
    throwIfBroken,
    close: () => {
      closed = true;
      device.destroy();
      held.adapter = undefined;
    },
  };
}
