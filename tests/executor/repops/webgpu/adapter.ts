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
