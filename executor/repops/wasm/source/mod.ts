/**
 * The source of the WebAssembly kernels: TypeScript that writes their text. `deno task build` assembles it into
 * `../kernels_binary.ts`; what runs models needs only the names and sizes exported here.
 *
 * Read `builder.ts`, which all others call `w`, `vector_functions.ts`, called `f`, then the families: `elementwise.ts`, `packing.ts` with `products.ts` and `batches.ts`, `rows.ts`, `columns.ts`,
 * `movement.ts`, `quantization.ts`, `scans.ts`, `pooling.ts`, `tiled_pooling.ts`; `module_text.ts` joins them. `assemble_wabt.ts` and `build_kernels_deno.ts` are leaves.
 *
 * @module
 */
export { BINARY, type BinaryForm, SHORT, UNARY } from "./elementwise.ts";
export { COLUMN_SCRATCH_BYTES } from "./columns.ts";
export { COLUMNS, INTEGER_ROWS, ROWS, UNROLL } from "./packing.ts";
export { moduleText } from "./module_text.ts";
