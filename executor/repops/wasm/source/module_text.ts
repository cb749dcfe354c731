/**
 * The text of the whole kernel module. Its memory is imported, so that the host decides its size and who shares it; it has a limit,
 * all that addresses reach, since shared memories must have one.
 *
 * @module
 */
import { batchKernels } from "./batches.ts";
import { columnKernels } from "./columns.ts";
import { elementwiseKernels } from "./elementwise.ts";
import { movementKernels } from "./movement.ts";
import { packingKernels } from "./packing.ts";
import { poolingKernels } from "./pooling.ts";
import { productKernels } from "./products.ts";
import { quantizationKernels } from "./quantization.ts";
import { randomKernels } from "./random.ts";
import { rowKernels } from "./rows.ts";
import { scanKernels } from "./scans.ts";
import { tiledPoolingKernels } from "./tiled_pooling.ts";

/** WebAssembly text of all kernels. */
export function moduleText(): string {
  const functions = [
    ...elementwiseKernels(),
    ...packingKernels(),
    ...productKernels(),
    ...batchKernels(),
    ...rowKernels(),
    ...columnKernels(),
    ...movementKernels(),
    ...poolingKernels(),
    ...quantizationKernels(),
    ...randomKernels(),
    ...scanKernels(),
    ...tiledPoolingKernels(),
  ];
  return `(module (memory (import "host" "memory") 1 65536)\n${functions.join("\n")})\n`;
}
