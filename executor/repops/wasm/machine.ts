/**
 * The kernels over one linear memory.
 *
 * @module
 */
import { ExecutorError } from "../../errors.ts";
import { isFloat, type Words } from "../values.ts";
import type { Dtype } from "../../../ledger/primitives/mod.ts";
import type { Kernel } from "./kernel.ts";
import { KERNELS_BASE64 } from "./kernels_binary.ts";
import { type Crew, engageCrew, type StartMember } from "./threads/crew.ts";

/** Bytes of a page of linear memory. */
const PAGE_BYTES = 65536;
/** Pages that 32-bit addresses reach. */
const MOST_PAGES = 65536;
/** Allocations are aligned for vectors, and to a cache line so that neighbours do not share one. */
export const ALIGNMENT = 64;
/** Bytes that kernels may read or write beyond the end of a tensor, in whole vectors of its last panel. */
export const SLACK = 128;

/** A memory, and the kernels that work on it. Addresses are in bytes. */
export interface Machine {
  /**
   * The kernel of that name.
   *
   * @throws {ExecutorError} `engine_failed` if the binary has no such kernel: the binary and the host disagree.
   */
  kernel(name: string): Kernel;
  /** Memory that lasts as long as the machine. */
  allocate(bytes: number): number;
  /** Makes sure that this many bytes exist from `address` on. */
  reserve(address: number, bytes: number): void;
  /** Elements at an address. The view is good until memory grows: use it at once. */
  view(dtype: Dtype, address: number, count: number): Words;
  /** First address that is not allocated. */
  end(): number;
  /** Bytes of the memory, which never shrinks. */
  size(): number;
  /** Forgets all allocations. What they held stays in memory: nothing may depend on it. */
  reset(): void;
  /** Threads that share the memory, if there are any. */
  readonly crew: Crew | undefined;
  /** Ends the threads. The memory goes with the machine. */
  close(): void;
}

/** How a machine has more threads than its caller's. */
export interface Threads {
  /** In all, at least 2. */
  readonly count: number;
  readonly start: StartMember;
}

/** Rounds up to the alignment, with slack. */
export function allocationBytes(bytes: number): number {
  return Math.ceil((bytes + SLACK) / ALIGNMENT) * ALIGNMENT;
}

/** The kernels' bytes, as committed. */
export function kernelBytes(): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromBase64(KERNELS_BASE64);
}

/** How the binary imports its memory: `host` `memory`, a memory with a limit. The last byte says whether threads share it. */
const MEMORY_IMPORT: readonly number[] = [4, ...bytesOf("host"), 6, ...bytesOf("memory"), 2, 1];
const SHARED = 3;

function bytesOf(text: string): readonly number[] {
  return Array.from(new TextEncoder().encode(text));
}

/** The same kernels for a memory that threads share: WebAssembly wants that said in the import. */
function sharedKernelBytes(): Uint8Array<ArrayBuffer> {
  const bytes = kernelBytes();
  const at = bytes.findIndex((_, i) => MEMORY_IMPORT.every((byte, j) => bytes[i + j] === byte));
  if (at < 0) {
    throw new ExecutorError(
      "engine_failed",
      "The kernel binary imports no memory with a limit: build it again.",
    );
  }
  bytes[at + MEMORY_IMPORT.length - 1] = SHARED;
  return bytes;
}

/**
 * Compiles the kernels, for a memory of one thread or one that threads share.
 *
 * @throws {ExecutorError} `engine_unavailable` where WebAssembly has no SIMD or no relaxed SIMD.
 */
export async function compileKernels(shared = false): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(shared ? sharedKernelBytes() : kernelBytes());
  } catch (cause) {
    throw new ExecutorError(
      "engine_unavailable",
      `This JavaScript engine cannot run the kernels (WebAssembly with relaxed SIMD is needed): ${cause}`,
    );
  }
}

/**
 * A machine with an empty memory of its own.
 *
 * @param threads If there are to be more than one; the module must have been compiled for shared memory then.
 */
export function startMachine(module: WebAssembly.Module, threads?: Threads): Machine {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: MOST_PAGES, shared: threads !== undefined });
  const { exports } = new WebAssembly.Instance(module, { host: { memory } });
  const crew = threads &&
    engageCrew(threads.count, threads.start, { module, memory, kernels: Object.keys(exports) });
  // Address 0 stands for "none" in kernels' parameters, so nothing is ever placed there.
  let end = ALIGNMENT;
  const kernels = new Map<string, Kernel>();
  const reserve = (address: number, bytes: number) => {
    const missing = Math.ceil((address + bytes) / PAGE_BYTES) - memory.buffer.byteLength / PAGE_BYTES;
    if (missing <= 0) return;
    try {
      memory.grow(missing);
    } catch {
      throw new ExecutorError(
        "engine_failed",
        `The graph needs ${
          Math.ceil((address + bytes) / 2 ** 20)
        } MiB of memory: the engine could not get them.`,
      );
    }
  };
  return {
    kernel: (name) => {
      const known = kernels.get(name);
      if (known) return known;
      const kernel = exports[name];
      if (!isKernel(kernel)) {
        throw new ExecutorError(
          "engine_failed",
          `The kernel binary has no kernel "${name}": build it again.`,
        );
      }
      kernels.set(name, kernel);
      return kernel;
    },
    allocate: (bytes) => {
      const address = end;
      end += allocationBytes(bytes);
      reserve(address, end - address);
      return address;
    },
    reserve,
    view: (dtype, address, count) => {
      if (isFloat(dtype)) return new Float32Array(memory.buffer, address, count);
      const unsigned = dtype === "uint32" || dtype === "uint64";
      return unsigned
        ? new Uint32Array(memory.buffer, address, count)
        : new Int32Array(memory.buffer, address, count);
    },
    end: () => end,
    size: () => memory.buffer.byteLength,
    reset: () => {
      end = ALIGNMENT;
    },
    crew,
    close: () => crew?.close(),
  };
}

/** Every export of the binary is a function of numbers. */
function isKernel(value: unknown): value is Kernel {
  return typeof value === "function";
}
