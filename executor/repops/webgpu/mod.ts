/**
 * The WebGPU backend of repops: the same plan as the WebAssembly backend, the same bits, on any adapter that passes its test.
 *
 * - `gpu.ts` opens a device from an entry point that the caller hands in, so nothing here reaches for the machine by itself;
 *   only `find_gpu_webgpu.ts` does, a leaf that is imported by path.
 * - `shader/` writes WGSL. Every buffer is `array<u32>`. A guard word that is 0, but that no compiler can know, stands
 *   around every sum and every inexact product, so that none is fused or reordered. Only the products of `high`,
 *   which are exact, also have a plain form.
 *   An adapter that is software runs threads as lanes of the processor's vectors: there products go by strips instead of tiles
 *   (`shader/strip_products.ts`), and rows by threads instead of workgroups.
 * - `operators/` turns a node into dispatches; the parameters of each are 128 words of a uniform buffer. Where a tensor is larger
 *   than one binding, a dispatch becomes several on windows of it (`windows.ts`), and a product becomes parts with all their
 *   terms (`product_parts.ts`); the shaders are then the same but for where positions count from (`shader/windowed.ts`).
 * - `fuse_maps.ts` makes one dispatch of operators that map elements (`map_chain.ts`, `shader/map_chains.ts`); products take transpositions and
 *   biases with them, as the planner fuses them.
 * - `self_test.ts` runs every pipeline against the WebAssembly kernels before a session may use it: the plain form first, then
 *   the guarded one; if neither has the bits, the adapter is refused by name of the pipeline and the first wrong element.
 * - `session.ts` keeps every value in a buffer of its own, and submits a run at once. Nodes in a form that no shader serves run on the
 *   WebAssembly kernels, between read-backs; a session names them. A value that no buffer of the device holds is refused by name.
 *
 * The text of the shaders does not enter the engine's kernel hash: commitments name the bits, and those are the
 * specification's on every backend. What guards the shaders is the test of each against the kernels that do enter it.
 *
 * @module
 */
export { openWebgpuBackend, type WebgpuBackend, type WebgpuParts } from "./backend.ts";
export type { GpuEntry } from "./gpu.ts";
export { type Coverage, coverage } from "./coverage.ts";
export type { WebgpuSession } from "./session.ts";
