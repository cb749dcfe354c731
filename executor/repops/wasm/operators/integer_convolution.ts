/**
 * ConvInteger and QLinearConv of one or two spatial dimensions on the kernels: an integer product whose columns are gathered from the padded image of
 * differences from its zero point, so that padding is 0 (SPEC 7.5).
 *
 * @module
 */
import { allocationBytes } from "../machine.ts";
import { COLUMNS } from "../source/mod.ts";
import { type Geometry, geometryOf, preparePadding, tables } from "./convolution.ts";
import { binary } from "./elementwise.ts";
import { pairBytes, prepareIntegerProduct, prepareRequantisation } from "./integer_products.ts";
import { holdsSmall } from "./quantization.ts";
import { type Compiler, constantIntegers, countOf, type Place, type Site, WORD, type Work } from "./work.ts";

interface Operands {
  readonly x: Place;
  readonly w: Place;
  readonly zeroX: Place | undefined;
  readonly zeroW: Place | undefined;
}

/** Whether kernels serve the convolution: of bytes, with one zero point for the image and one for all channels or each. */
function isServed({ x, w, zeroX, zeroW }: Operands, out: Place): boolean {
  const rank = x.info.shape.length - 2, channels = w.info.shape[0] ?? 1;
  const byte = ({ info }: Place) => info.dtype === "int8" || info.dtype === "uint8";
  return rank >= 1 && rank <= 2 && byte(x) && byte(w) && countOf(out) > 0 &&
    (!zeroX || countOf(zeroX) === 1) && (!zeroW || countOf(zeroW) === 1 || countOf(zeroW) === channels);
}

/** Sums of a convolution into the layout of its output, at an address in scratch memory or elsewhere. */
function integerConvolution(
  site: Site,
  g: Geometry,
  operands: Operands,
  targetOf: (scratch: number) => number,
): Work {
  const { machine } = site, { x, w, zeroX, zeroW } = operands;
  // The columns of one image serve all: they are gathered image by image.
  const t = tables({ ...g, images: 1 }), inner = t.taps.length;
  const [columnTable, tapTable] = [constantIntegers(machine, t.columns), constantIntegers(machine, t.taps)];
  const none = constantIntegers(machine, new Int32Array(2 * COLUMNS));
  const [gather, pairColumns, fill, copyRows] = ["gather", "pairColumns", "fill", "copyRows"].map((name) =>
    machine.kernel(name)
  );
  const place = preparePadding(machine, g, t);
  const imageWords = g.images * t.image, panels = Math.ceil(t.outPlane / COLUMNS);
  const product = prepareIntegerProduct(machine, { rows: g.channelsOut, columns: t.outPlane, inner });
  const bytes = {
    differences: allocationBytes(countOf(x) * WORD),
    image: allocationBytes(imageWords * WORD),
    panel: allocationBytes((inner + 3) * COLUMNS * WORD),
    columns: allocationBytes(panels * COLUMNS * pairBytes(inner)),
  };
  const fixed = bytes.differences + bytes.image + bytes.panel + bytes.columns;
  const zero = {
    info: { dtype: "int32", shape: [] },
    address: zeroX?.address ?? none,
    constant: undefined,
  } as const;
  /** The columns of one image and group. */
  const packImage = (image: number, columns: number, panel: number, target: number) => {
    for (let each = 0; each < panels; each++) {
      gather?.(image, columns + each * COLUMNS * WORD, tapTable, panel, 1, inner);
      pairColumns?.(target + each * COLUMNS * pairBytes(inner), panel, COLUMNS * WORD, none, inner, 1);
    }
  };
  return {
    scratch: fixed + product.scratch,
    run: (scratch) => {
      const image = scratch + bytes.differences, panel = image + bytes.image, columns = panel + bytes.panel;
      const target = targetOf(scratch + fixed + product.scratch), row = t.outPlane * WORD;
      binary(site, "SubInt", { ...x, address: scratch }, x, zero).run(scratch);
      fill?.(image, 0, Math.ceil(imageWords / 4));
      place(image, scratch);
      for (let at = 0; at < g.images * g.groups; at++) {
        const group = at % g.groups, base = at * g.channelsIn * t.plane * WORD;
        packImage(image + base, columnTable, panel, columns);
        const channel = group * g.channelsOut, step = zeroW && countOf(zeroW) > 1 ? WORD : 0;
        const rows = {
          address: w.address + channel * inner * WORD,
          zeros: (zeroW?.address ?? none) + channel * step,
          zeroStep: step,
        };
        product.run(rows, columns, (sums, sumsRow, first, count) => {
          const start = target + (at * g.channelsOut + first) * row;
          copyRows?.(start, row, sums, sumsRow, count, row);
        }, scratch + fixed);
      }
    },
  };
}

const convInteger: Compiler = (site) => {
  const [x, w, zeroX, zeroW] = site.inputs, [out] = site.outputs;
  if (!x || !w || !out || !isServed({ x, w, zeroX, zeroW }, out)) return undefined;
  return integerConvolution(
    site,
    geometryOf(site.node, x, w, out),
    { x, w, zeroX, zeroW },
    () => out.address,
  );
};

const qLinearConv: Compiler = (site) => {
  const [x, scaleX, zeroX, w, scaleW, zeroW, scaleY, zeroY, bias] = site.inputs, [out] = site.outputs;
  if (!x || !w || !scaleX || !scaleW || !scaleY || !zeroY || !holdsSmall(out)) return undefined;
  const channels = w.info.shape[0] ?? 1, many = countOf(scaleW);
  if (!isServed({ x, w, zeroX, zeroW }, out) || (many !== 1 && many !== channels)) return undefined;
  let sumsAt = 0;
  const geometry = geometryOf(site.node, x, w, out);
  const sums = integerConvolution(site, geometry, { x, w, zeroX, zeroW }, (address) => sumsAt = address);
  const scales = { scaleA: scaleX, scaleB: scaleW, scaleY, zeroY, out };
  const requantise = prepareRequantisation(site, scales, "row");
  const addBias = site.machine.kernel("b_AddInt_left");
  const plane = countOf(out) / (geometry.images * channels);
  return {
    scratch: sums.scratch + allocationBytes(countOf(out) * WORD),
    run: (scratch) => {
      sums.run(scratch);
      for (let image = 0; image < geometry.images; image++) {
        const offset = image * channels * plane * WORD, at = sumsAt + offset;
        if (bias) addBias(at, at, bias.address, channels, plane, plane * WORD, WORD);
        requantise(out.address + offset, at, channels, plane);
      }
    },
  };
};

/** Compilers by operator. */
export const integerConvolutionCompilers: Readonly<Record<string, Compiler>> = {
  ConvInteger: convInteger,
  QLinearConv: qLinearConv,
};
