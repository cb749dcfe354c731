/**
 * QuantizeLinear, DequantizeLinear and DynamicQuantizeLinear on the kernels (SPEC 7.5).
 *
 * @module
 */
import type { Dtype } from "../../../../ledger/primitives/mod.ts";
import { canonical, divide, integerRange, roundHalfEven, saturate } from "../../numbers/mod.ts";
import { extent, intAttribute, normalAxis } from "../../reference/mod.ts";
import {
  type Compiler,
  constantIntegers,
  countOf,
  holdsFloats,
  type Place,
  type Site,
  WORD,
  type Work,
  work,
} from "./work.ts";

/** Types whose values, less a zero point, fit a word. */
export const SMALL: ReadonlySet<Dtype> = new Set(["int8", "uint8", "int16", "uint16"]);

/** Quantised values of a type that kernels know. */
export function holdsSmall(place: Place | undefined): place is Place {
  return place !== undefined && SMALL.has(place.info.dtype);
}

/** Rows with a scale and a zero point for each, or for each place: calls of a kernel, and where each begins, in elements. */
interface Calls {
  readonly form: "row" | "column";
  readonly step: number;
  readonly rows: number;
  readonly count: number;
  readonly starts: readonly number[];
}

/** How parameters lie along a tensor: one for all, or one for each place on `axis`; `undefined` if one for each block. */
function callsOf(site: Site, x: Place, scale: Place): Calls | undefined {
  const all = { form: "row", step: 0, rows: 1, count: countOf(x), starts: [0] } as const;
  if (countOf(scale) === 1) return all;
  if (intAttribute(site.node, "block_size", 0) !== 0) return undefined;
  const { shape } = x.info;
  const axis = normalAxis(intAttribute(site.node, "axis", 1), shape.length);
  const [outer, size, inner] = [extent(shape, 0, axis), shape[axis] ?? 1, extent(shape, axis + 1)];
  if (countOf(scale) !== size) return undefined;
  if (inner === 1) return { ...all, form: "column", rows: outer, count: size };
  const starts = Array.from({ length: outer }, (_, i) => i * size * inner);
  return { form: "row", step: WORD, rows: size, count: inner, starts };
}

/** The zero points' address: as many zeros as there are scales where there is no zero point. */
function zerosOf(site: Site, scale: Place, zero: Place | undefined): number {
  return zero?.address ?? constantIntegers(site.machine, new Int32Array(countOf(scale) + 3));
}

function mapRows(site: Site, name: string, x: Place, limits: readonly [number, number]): Work | undefined {
  const [, scale, zero] = site.inputs, [out] = site.outputs;
  const calls = scale && callsOf(site, x, scale);
  if (!calls || !out || (zero && countOf(zero) !== countOf(scale))) return undefined;
  const kernel = site.machine.kernel(`${name}_${calls.form}`), zeros = zerosOf(site, scale, zero);
  return work(() => {
    for (const start of calls.starts) {
      const [target, source] = [out.address + start * WORD, x.address + start * WORD];
      kernel(target, source, scale.address, zeros, calls.step, calls.rows, calls.count, ...limits);
    }
  });
}

const quantizeLinear: Compiler = (site) => {
  const [x] = site.inputs, [out] = site.outputs;
  if (!holdsFloats(x) || !holdsSmall(out)) return undefined;
  return mapRows(site, "quantise", x, integerRange(out.info.dtype));
};

const dequantizeLinear: Compiler = (site) => {
  const [x, , zero] = site.inputs, [out] = site.outputs;
  const isWide = x?.info.dtype === "int32" && zero === undefined;
  if (!x || !holdsFloats(out) || !(holdsSmall(x) || isWide)) return undefined;
  return mapRows(site, "dequantise", x, [0, 0]);
};

/** The range is found first, then scale and zero point are computed as the reference does. */
const dynamicQuantizeLinear: Compiler = (site) => {
  const [x] = site.inputs, [out, scale, zero] = site.outputs;
  if (!holdsFloats(x) || !out || !scale || !zero || countOf(x) === 0) return undefined;
  const { machine } = site, count = countOf(x);
  const [least, greatest, quantise] = ["rowMin", "rowMax", "quantise_row"].map((name) =>
    machine.kernel(name)
  );
  return work(() => {
    const low = Math.min(0, least?.(x.address, count) ?? 0),
      high = Math.max(0, greatest?.(x.address, count) ?? 0);
    const step = divide(canonical(Math.fround(high - low)), 255);
    const offset = step === 0 ? 0 : saturate("uint8", roundHalfEven(divide(canonical(-low), step)));
    machine.view("float32", scale.address, 1)[0] = step;
    machine.view("int32", zero.address, 1)[0] = offset;
    quantise?.(out.address, x.address, scale.address, zero.address, 0, 1, count, ...integerRange("uint8"));
  });
};

/** Compilers by operator. */
export const quantizationCompilers: Readonly<Record<string, Compiler>> = {
  QuantizeLinear: quantizeLinear,
  DequantizeLinear: dequantizeLinear,
  DynamicQuantizeLinear: dynamicQuantizeLinear,
};
