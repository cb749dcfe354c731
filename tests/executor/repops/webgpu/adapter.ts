/**
 * Tests that need an adapter: where there is none they are skipped, and their names say so.
 *
 * @module
 */
import { findGpu } from "../../../../executor/repops/webgpu/find_gpu_webgpu.ts";
import type { GpuEntry } from "../../../../executor/repops/webgpu/mod.ts";

export const gpu: GpuEntry | undefined = findGpu();
const adapter = await gpu?.requestAdapter() ?? null;

/** Registers a test that runs only where there is an adapter. */
export function testOnGpu(name: string, fn: () => Promise<void>): void {
  const skipped = adapter === null;
  Deno.test({ name: skipped ? `${name} (skipped: no WebGPU adapter here)` : name, ignore: skipped, fn });
}

/** What an adapter may say of itself that differs from what it is. */
interface Claims {
  readonly isSoftware: boolean;
  /** Bytes of a binding. */
  readonly binding?: number;
}

/** The same adapter with other claims. The device behind it is as it is. */
export function claiming({ isSoftware, binding }: Claims): GpuEntry | undefined {
  return gpu && {
    requestAdapter: async (options) => {
      const adapter = await gpu?.requestAdapter(options) ?? null;
      if (!adapter) return null;
      const { info: { description, vendor }, limits } = adapter;
      const { maxBufferSize, maxStorageBufferBindingSize, maxStorageBuffersPerShaderStage } = limits;
      const requiredLimits = { maxBufferSize, maxStorageBufferBindingSize, maxStorageBuffersPerShaderStage };
      const told = { ...requiredLimits, maxStorageBufferBindingSize: binding ?? maxStorageBufferBindingSize };
      const requestDevice = () => adapter.requestDevice({ requiredLimits });
      const info = { description, vendor, isFallbackAdapter: isSoftware };
      return { info, limits: told, requestDevice } as unknown as GPUAdapter;
    },
  };
}
