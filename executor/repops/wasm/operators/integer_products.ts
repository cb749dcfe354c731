/**
 * MatMulInteger and QLinearMatMul on the kernels (SPEC 7.5): differences from the zero points fit 16 bits, and an instruction adds up the products of
 * two pairs of them. Sums are exact modulo 2^32, so their order does not matter.
 *
 * @module
 */
import { integerRange } from "../../numbers/mod.ts";
import { extent, requantisationRatio } from "../../reference/mod.ts";
import { allocationBytes, type Machine } from "../machine.ts";
import { COLUMNS, INTEGER_ROWS, UNROLL } from "../source/mod.ts";
import { holdsSmall } from "./quantization.ts";
import { type Compiler, countOf, type Place, type Site, WORD, type Work } from "./work.ts";

/** Rows of a block. */
const ROW_BLOCK = 16 * INTEGER_ROWS;

const roundUp = (value: number, to: number) => Math.ceil(value / to) * to;

/** Bytes of `inner` 16-bit factors, filled up to whole turns of the inner loop. */
export function pairBytes(inner: number): number {
  return roundUp(inner, 2 * UNROLL) * 2;
}

/** The sizes of an integer product. */
export interface IntegerSize {
  readonly rows: number;
  readonly columns: number;
  readonly inner: number;
}

/** The rows of A, and the zero points of its rows, `zeroStep` bytes apart. */
export interface IntegerRows {
  readonly address: number;
  readonly zeros: number;
  readonly zeroStep: number;
}

/** Takes sums of `rows` rows from `firstRow`, in rows of `row` bytes. */
type TakeSums = (address: number, row: number, firstRow: number, rows: number) => void;

/** An integer product made ready: columns are packed by the caller, sums taken block by block. */
export interface IntegerProduct {
  readonly scratch: number;
  run(a: IntegerRows, columnsAt: number, take: TakeSums, scratch: number): void;
}

/** Makes an integer product ready. */
export function prepareIntegerProduct(
  machine: Machine,
  { rows, columns, inner }: IntegerSize,
): IntegerProduct {
  const [pairRows, multiply] = [machine.kernel("pairRows"), machine.kernel("rows_sum_integer")];
  const row = pairBytes(inner), panels = Math.ceil(columns / COLUMNS), tileRow = panels * COLUMNS * WORD;
  const pairsBytes = allocationBytes(Math.min(rows, ROW_BLOCK) * row);
  return {
    scratch: pairsBytes + allocationBytes(Math.min(roundUp(rows, INTEGER_ROWS), ROW_BLOCK) * tileRow),
    run: (a, columnsAt, take, scratch) => {
      const tiles = scratch + pairsBytes;
      for (let first = 0; first < rows; first += ROW_BLOCK) {
        const count = Math.min(ROW_BLOCK, rows - first);
        const zeros = a.zeros + first * a.zeroStep;
        pairRows(scratch, row, a.address + first * inner * WORD, zeros, a.zeroStep, count, inner);
        multiply(scratch, row, count, columnsAt, panels, row / WORD, tiles, tileRow, 1);
        take(tiles, tileRow, first, count);
      }
    },
  };
}

/** An operand of a product, and its zero points: one for all, or one for each lane. */
interface Operand {
  readonly place: Place;
  readonly zero: Place | undefined;
}

/** Sums into a row-major matrix; `undefined` where B is no single matrix, or zero points lie otherwise. */
function integerSums(
  { machine }: Pick<Site, "machine">,
  a: Operand,
  b: Operand,
  targetOf: (scratch: number) => number,
): Work | undefined {
  const shapeA = a.place.info.shape, shapeB = b.place.info.shape;
  const [inner = 1, columns = 1] = shapeB.length === 1 ? [...shapeB, 1] : shapeB.slice(-2);
  const rows = countOf(a.place) / inner, row = columns * WORD;
  const lanes = (zero: Place | undefined) => zero ? countOf(zero) : 1;
  const isMatrix = shapeA.length <= 2;
  if (shapeB.length > 2 && extent(shapeB.slice(0, -2)) !== 1) return undefined;
  if (inner === 0 || rows === 0 || columns === 0 || shapeB.length > Math.max(2, shapeA.length)) {
    return undefined;
  }
  if (lanes(a.zero) !== 1 && !(isMatrix && lanes(a.zero) === rows)) return undefined;
  if (lanes(b.zero) !== 1 && lanes(b.zero) !== columns) return undefined;
  const product = prepareIntegerProduct(machine, { rows, columns, inner });
  const [pairColumns, fill, copyRows] = ["pairColumns", "fill", "copyRows"].map((name) =>
    machine.kernel(name)
  );
  const isConstant = b.place.constant !== undefined &&
    (b.zero === undefined || b.zero.constant !== undefined);
  const panels = Math.ceil(columns / COLUMNS),
    columnsBytes = allocationBytes(panels * COLUMNS * pairBytes(inner));
  const zerosBytes = allocationBytes(panels * COLUMNS * WORD);
  const kept = isConstant ? machine.allocate(columnsBytes) : undefined;
  const none = machine.allocate(WORD);
  let isPacked = false;
  const pack = (target: number, zeros: number) => {
    const one = b.zero && lanes(b.zero) === 1 ? machine.view("int32", b.zero.address, 1)[0] ?? 0 : 0;
    if (lanes(b.zero) === 1) fill?.(zeros, one, panels * COLUMNS / 4);
    const zerosAt = lanes(b.zero) === 1 ? zeros : b.zero?.address ?? zeros;
    pairColumns?.(target, b.place.address, row, zerosAt, inner, panels);
    isPacked = kept !== undefined;
  };
  return {
    scratch: product.scratch + columnsBytes + zerosBytes,
    run: (scratch) => {
      const columnsAt = kept ?? scratch, zeros = scratch + columnsBytes;
      if (!isPacked) pack(columnsAt, zeros);
      machine.view("int32", none, 1)[0] = 0;
      const zeroStep = lanes(a.zero) === 1 ? 0 : WORD;
      const given = { address: a.place.address, zeros: a.zero?.address ?? none, zeroStep };
      const target = targetOf(scratch + product.scratch + columnsBytes + zerosBytes);
      product.run(given, columnsAt, (tiles, tileRow, first, count) => {
        copyRows?.(target + first * row, row, tiles, tileRow, count, row);
      }, zeros + zerosBytes);
    },
  };
}

const matMulInteger: Compiler = (site) => {
  const [a, b, zeroA, zeroB] = site.inputs, [out] = site.outputs;
  if (!holdsByte(a) || !holdsByte(b) || !out) return undefined;
  return integerSums(site, { place: a, zero: zeroA }, { place: b, zero: zeroB }, () => out.address);
};

/** Differences of 8-bit values from zero points fit 16 bits; of 16-bit values they need not. */
function holdsByte(place: Place | undefined): place is Place {
  return holdsSmall(place) && (place.info.dtype === "int8" || place.info.dtype === "uint8");
}

/** Integer sums times a ratio, rounded and shifted: the ratio is one for all, or one for each column. */
const qLinearMatMul: Compiler = (site) => {
  const [a, scaleA, zeroA, b, scaleB, zeroB, scaleY, zeroY] = site.inputs, [out] = site.outputs;
  if (!holdsByte(a) || !holdsByte(b) || !holdsByte(out) || !scaleA || !scaleB || !scaleY || !zeroY) {
    return undefined;
  }
  const columns = out.info.shape.at(-1) ?? 1, many = countOf(scaleB);
  if (countOf(scaleA) !== 1 || countOf(scaleY) !== 1 || (many !== 1 && many !== columns)) return undefined;
  let sumsAt = 0;
  const sums = integerSums(
    site,
    { place: a, zero: zeroA },
    { place: b, zero: zeroB },
    (address) => sumsAt = address,
  );
  if (!sums) return undefined;
  const requantise = prepareRequantisation(
    site,
    { scaleA, scaleB, scaleY, zeroY, out },
    many === 1 ? "row" : "column",
  );
  const rows = countOf(out) / columns;
  return {
    scratch: sums.scratch + allocationBytes(countOf(out) * WORD),
    run: (scratch) => {
      sums.run(scratch);
      if (many === 1) requantise(out.address, sumsAt, 1, countOf(out));
      else requantise(out.address, sumsAt, rows, columns);
    },
  };
};

/** What integer sums are brought to an output's scale with. */
interface Requantisation {
  readonly scaleA: Place;
  /** One, or one for each column or channel. */
  readonly scaleB: Place;
  readonly scaleY: Place;
  readonly zeroY: Place;
  readonly out: Place;
}

/**
 * Makes the way from sums to quantised values ready: `requantise(out, sums, rows, count)`, with a ratio for each row or for each place of a row.
 */
export function prepareRequantisation(
  { machine }: Pick<Site, "machine">,
  { scaleA, scaleB, scaleY, zeroY, out }: Requantisation,
  form: "row" | "column",
): (target: number, sums: number, rows: number, count: number) => void {
  const many = countOf(scaleB), step = many === 1 ? 0 : WORD;
  const [ratios, zeros] = [machine.allocate((many + 3) * WORD), machine.allocate((many + 3) * WORD)];
  const kernel = machine.kernel(`requantise_${form}`), limits = integerRange(out.info.dtype);
  return (target, sums, rows, count) => {
    const one = (place: Place) => machine.view("float32", place.address, 1)[0] ?? 0;
    const scales = machine.view("float32", scaleB.address, many), [a, y] = [one(scaleA), one(scaleY)];
    const into = machine.view("float32", ratios, many);
    scales.forEach((scale, i) => into[i] = requantisationRatio(a, scale, y));
    machine.view("int32", zeros, many).fill(machine.view("int32", zeroY.address, 1)[0] ?? 0);
    kernel(target, sums, ratios, zeros, step, rows, count, ...limits);
  };
}

/** Compilers by operator. */
export const integerProductCompilers: Readonly<Record<string, Compiler>> = {
  MatMulInteger: matMulInteger,
  QLinearMatMul: qLinearMatMul,
};
