/**
 * The host's entry point to WebGPU: the one place that looks for it.
 *
 * @module
 */
import type { GpuEntry } from "./gpu.ts";

/** `navigator.gpu`, or `undefined` where the host has no WebGPU. */
export function findGpu(): GpuEntry | undefined {
  return globalThis.navigator?.gpu;
}
