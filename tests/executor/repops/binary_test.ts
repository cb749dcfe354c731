/**
 * The committed kernels are what their source builds, and their hash is pinned.
 *
 * @module
 */
import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { bytesToHex } from "../../../ledger/primitives/mod.ts";
import { createRepopsEngine, repopsKernelHash } from "../../../executor/repops/mod.ts";
import { kernelBytes } from "../../../executor/repops/wasm/mod.ts";
import { assembleKernels } from "../../../executor/repops/wasm/source/assemble_wabt.ts";

/** Changes with every change of a kernel, which is why it stands here: a change is never silent. */
const KERNEL_HASH = "73b705116edab8bf9a06d50c057421cc77f82ea5258641f64d0f2f043c2c7da9";

Deno.test("the committed binary is what the source builds", async () => {
  const built = await assembleKernels();
  assert(built.length === kernelBytes().length && built.every((byte, i) => byte === kernelBytes()[i]));
});

Deno.test("the kernels' hash is pinned, and the engines carry it", async () => {
  assertEquals(bytesToHex(repopsKernelHash()), KERNEL_HASH);
  const engine = await createRepopsEngine();
  assertEquals([engine.name, bytesToHex(engine.kernelHash)], ["repops", KERNEL_HASH]);
  await engine.close();
});
