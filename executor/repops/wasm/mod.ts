/**
 * The WebAssembly backend of repops: the kernels of `source/`, assembled into `kernels_binary.ts`, and the operators that drive
 * them. It knows the planner, the numbers, and the reference for what has no kernel.
 *
 * Read `machine.ts`, `operators/`, then `session.ts`. `source/` is read by who changes a kernel: `builder.ts` first.
 *
 * @module
 */
export { compileKernels, kernelBytes } from "./machine.ts";
export { openSession, type WasmSession } from "./session.ts";
