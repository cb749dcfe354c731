/**
 * Files of tensors: safetensors for weights and datasets, .npy for single arrays. Bytes in, tensors out, and back; the caller
 * reads and writes the files.
 *
 * @module
 */
export { readNpy, writeNpy } from "./npy.ts";
export { readSafetensors, writeSafetensors } from "./safetensors.ts";
