/**
 * Comparing a claimed output with the recomputed one.
 *
 * @module
 */
import type { Tensor } from "../tensor.ts";
import type { Bound } from "./bound.ts";

/**
 * Where a claimed output is first further from the recomputed one than its bound; `undefined` if nowhere. Zeros of either sign are one value.
 * Where the recomputed element or its bound is not finite, nothing can be said, and any claim stands: WGSL promises nothing about
 * infinities and NaN.
 */
export function firstBeyond(claimed: Tensor, recomputed: Tensor, bound: Bound): number | undefined {
  if (claimed.dtype !== recomputed.dtype || String(claimed.shape) !== String(recomputed.shape)) return 0;
  for (let i = 0; i < recomputed.data.length; i++) {
    const [a, b] = [claimed.data[i], recomputed.data[i]];
    if (a === b) continue;
    const [x, y] = [Number(a), Number(b)];
    if (bound === "exact") {
      if (Number.isNaN(x) && Number.isNaN(y)) continue;
      return i;
    }
    const most = bound[i] ?? 0;
    if (!Number.isFinite(y) || !Number.isFinite(most)) continue;
    // Written so that a NaN is beyond.
    if (!(Math.abs(x - y) <= most)) return i;
  }
  return undefined;
}

/** Whether a claimed output is one that an honest device may have put out. */
export function withinBound(claimed: Tensor, recomputed: Tensor, bound: Bound): boolean {
  return firstBeyond(claimed, recomputed, bound) === undefined;
}
