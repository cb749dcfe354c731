/**
 * Whether a computed tensor is the expected one.
 *
 * @module
 */
import type { Tensor } from "../../executor/mod.ts";

/** Bounds for floats: |expected - computed| <= absolute + relative |computed|. */
export interface Tolerance {
  readonly relative: number;
  readonly absolute: number;
}

/** What ONNX's own runner uses where a test's folder does not state bounds in its `data.json`. */
export const DEFAULT_TOLERANCE: Tolerance = { relative: 1e-3, absolute: 1e-7 };

/** What is wrong with a computed tensor. */
export interface Mismatch {
  readonly reason: string;
  /** Whether every difference is at a NaN or an infinity that was expected. */
  readonly onlyNonFinite: boolean;
}

/**
 * What is wrong with a computed tensor; `undefined` if nothing is.
 *
 * Element type and shape must agree. Floats of all widths may differ by the tolerance, as ONNX's runner has it (through
 * numpy's `assert_allclose`: NaN equals NaN, infinities must be equal). Integers and booleans must be equal, which is stricter.
 */
export function compareTensors(
  expected: Tensor,
  computed: Tensor | undefined,
  tolerance: Tolerance,
): Mismatch | undefined {
  if (computed === undefined) return { reason: "it was not computed", onlyNonFinite: false };
  const types = [expected, computed].map(({ dtype, shape }) => `${dtype} [${shape}]`);
  if (types[0] !== types[1]) {
    return { reason: `expected ${types[0]}, got ${types[1]}`, onlyNonFinite: false };
  }
  const differ = elementsDiffer(expected, tolerance);
  const wrong = Array.from({ length: expected.data.length }, (_, i) => i).filter((i) => differ(i, computed));
  const [first] = wrong;
  if (first === undefined) return undefined;
  const [wanted, got] = [expected, computed].map((tensor) => String(elementAt(tensor, first)));
  return {
    reason:
      `${wrong.length} of ${expected.data.length} elements differ, first [${first}]: expected ${wanted}, got ${got}`,
    onlyNonFinite: wrong.every((i) => !Number.isFinite(Number(elementAt(expected, i)))),
  };
}

function elementsDiffer(expected: Tensor, tolerance: Tolerance): (at: number, computed: Tensor) => boolean {
  switch (expected.dtype) {
    case "float32":
    case "float64":
    case "float16":
    case "bfloat16":
      return (at, computed) =>
        !isClose(Number(elementAt(expected, at)), Number(elementAt(computed, at)), tolerance);
    default:
      return (at, computed) => expected.data[at] !== computed.data[at];
  }
}

function isClose(expected: number, computed: number, { relative, absolute }: Tolerance): boolean {
  if (Object.is(expected, computed) || expected === computed) return true;
  if (!Number.isFinite(expected) || !Number.isFinite(computed)) return false;
  return Math.abs(expected - computed) <= absolute + relative * Math.abs(computed);
}

/** An element as a number. The two 16-bit float types are held as their bits. */
function elementAt({ dtype, data }: Tensor, at: number): number | bigint {
  const value = data[at] ?? 0;
  if (dtype !== "float16" && dtype !== "bfloat16") return value;
  const view = new DataView(new ArrayBuffer(4));
  // bfloat16 is the upper half of a binary32.
  view.setUint16(0, Number(value));
  return dtype === "float16" ? view.getFloat16(0) : view.getFloat32(0);
}
