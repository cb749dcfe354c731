/**
 * SHA-256 of short inputs, in WebAssembly. `hash.ts` decides when it is used, and what is used where there is none.
 *
 * Read `short_hashes.ts`, and `source/module_text.ts`, which `deno task build` assembles into `sha256_binary.ts`.
 *
 * @module
 */
export { MOST_INPUT_BYTES } from "./layout.ts";
export { type ShortHash, startShortHash } from "./short_hashes.ts";
