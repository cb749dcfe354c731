/**
 * Assembles the kernel module with wabt: a build-time leaf, which nothing that computes imports.
 *
 * @module
 */
import wabt from "wabt";
import { moduleText } from "./module_text.ts";

/** The kernel module's binary. The same source gives the same bytes. */
export async function assembleKernels(): Promise<Uint8Array> {
  const assembler = await wabt();
  const module = assembler.parseWat("kernels.wat", moduleText(), {
    simd: true,
    relaxed_simd: true,
    bulk_memory: true,
    sat_float_to_int: true,
    sign_extension: true,
    mutable_globals: true,
  });
  try {
    module.validate();
    return Uint8Array.from(module.toBinary({}).buffer);
  } finally {
    module.destroy();
  }
}
