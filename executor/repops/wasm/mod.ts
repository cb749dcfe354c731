/**
 * The WebAssembly backend of repops: the kernels of `source/`, assembled into `kernels_binary.ts`, and the operators that drive
 * them. It knows the planner, the numbers, and the reference for what has no kernel.
 *
 * Read `machine.ts`, `machine_pool.ts`, `operators/`, `fuse_chains.ts`, then `session.ts`. `threads/` lets several threads share what is large:
 * `call_ring.ts`, `crew.ts`, then the leaves `crew_worker.ts` and `member_worker.ts`. `source/` is read by who changes a kernel: `builder.ts` first.
 *
 * @module
 */
export {
  allocationBytes,
  compileKernels,
  kernelBytes,
  type Machine,
  startMachine,
  type Threads,
} from "./machine.ts";
export { createMachinePool, type MachinePool } from "./machine_pool.ts";
export { type CompiledNode, compileNode } from "./operators/mod.ts";
export type { StartMember } from "./threads/crew.ts";
export { openSession, type WasmSession } from "./session.ts";
