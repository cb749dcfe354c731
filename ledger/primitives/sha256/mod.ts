/**
 * SHA-256 of short inputs, in WebAssembly. `hash.ts` decides when it is used, and what is used where there is none.
 *
 * Read `start_sha256.ts`, and `source/module_text.ts`, which `deno task build` assembles into `sha256_binary.ts`.
 *
 * @module
 */
export { LANES, MOST_INPUT_BYTES } from "./layout.ts";
export { type Sha256Module, startSha256 } from "./start_sha256.ts";
