/**
 * Assembles the SHA-256 module with wabt: a build-time leaf, which nothing that hashes imports.
 *
 * @module
 */
import wabt from "wabt";
import { moduleText } from "./module_text.ts";

/** The module's binary. The same source gives the same bytes. */
export async function assembleSha256(): Promise<Uint8Array> {
  const assembler = await wabt();
  const module = assembler.parseWat("sha256.wat", moduleText(), { bulk_memory: true, simd: true });
  try {
    module.validate();
    return Uint8Array.from(module.toBinary({}).buffer);
  } finally {
    module.destroy();
  }
}
