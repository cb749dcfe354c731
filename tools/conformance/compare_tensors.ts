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

/**
 * What is wrong with a computed tensor; `undefined` if nothing is.
 *
 * Element type and shape must agree. Floats of all widths may differ by the tolerance, as ONNX's runner has it (through
 * numpy's `assert_allclose`: NaN equals NaN, infinities must be equal). Integers and booleans must be equal, which is stricter.
 */
export function compareTensors(
  stated: Tensor,
  computed: Tensor | undefined,
  tolerance: Tolerance,
): string | undefined {
  if (computed === undefined) return "it was not computed";
  // numpy, which wrote the files, has no bfloat16: its bits stand there as uint16.
  const halves = stated.dtype === "uint16" && computed.dtype === "bfloat16";
  const expected: Tensor = halves ? { ...stated, dtype: "bfloat16" } : stated;
  const types = [expected, computed].map(({ dtype, shape }) => `${dtype} [${shape}]`);
  if (types[0] !== types[1]) return `expected ${types[0]}, got ${types[1]}`;
  const differ = elementsDiffer(expected, tolerance);
  let wrong = 0, first = -1;
  for (let i = 0; i < expected.data.length; i++) {
    if (!differ(i, computed)) continue;
    if (wrong === 0) first = i;
    wrong++;
  }
  if (wrong === 0) return undefined;
  const shown = [expected, computed].map((tensor) => String(elementAt(tensor, first)));
  return `${wrong} of ${expected.data.length} elements differ, first [${first}]: expected ${shown[0]}, got ${
    shown[1]
  }`;
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
