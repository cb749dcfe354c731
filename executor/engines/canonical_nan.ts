/**
 * One NaN. WebAssembly leaves sign and payload of a NaN to the processor: x86 and ARM differ. No operator but a bit cast can
 * tell one NaN from another, so giving every NaN that leaves an engine the same bits makes honest machines agree and changes
 * no result.
 *
 * @module
 */
import type { Tensor } from "../tensor.ts";

/** The positive quiet NaN without payload, per width: sign 0, exponent all ones, top bit of the fraction set. */
const NAN_32 = 0x7fc00000;
const NAN_64 = 0x7ff8000000000000n;
const NAN_16 = 0x7e00;
const NAN_BRAIN_16 = 0x7fc0;

/** Rewrites every NaN of a freshly computed tensor in place. Integers and booleans are left alone. */
export function canonicalizeNan(tensor: Tensor): void {
  const { data } = tensor;
  if (data instanceof Float32Array) {
    const bits = new Uint32Array(data.buffer, data.byteOffset, data.length);
    for (let i = 0; i < data.length; i++) if (Number.isNaN(data[i])) bits[i] = NAN_32;
  } else if (data instanceof Float64Array) {
    const bits = new BigUint64Array(data.buffer, data.byteOffset, data.length);
    for (let i = 0; i < data.length; i++) if (Number.isNaN(data[i])) bits[i] = NAN_64;
  } else if (data instanceof Uint16Array && (tensor.dtype === "float16" || tensor.dtype === "bfloat16")) {
    // Above infinity, sign aside, everything is a NaN.
    const [infinity, nan] = tensor.dtype === "float16" ? [0x7c00, NAN_16] : [0x7f80, NAN_BRAIN_16];
    for (let i = 0; i < data.length; i++) if (((data[i] ?? 0) & 0x7fff) > infinity) data[i] = nan;
  }
}
