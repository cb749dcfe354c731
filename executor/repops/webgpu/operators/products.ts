/**
 * Products of matrices: MatMul and Gemm.
 *
 * @module
 */
import { canonical } from "../../numbers/mod.ts";
import { extent, floatAttribute, intAttribute } from "../../reference/mod.ts";
import { MAP_THREADS } from "../shader/maps.ts";
import {
  BATCH_AXES,
  GROUP_TERMS,
  GROUP_TREE,
  type Layout,
  productShader,
  type Tile,
  TILES,
} from "../shader/products.ts";
import { inOrder, map, scalar } from "./maps.ts";
import {
  type Compiler,
  countOf,
  type Dispatch,
  holdsFloats,
  parametersOf,
  type Place,
  reshaped,
  scratchPlace,
  type Site,
} from "./node.ts";
import { broadcastStrides, type Loop, loopsOf } from "./strides.ts";

/** Outputs along both axes from which the large tile is the better one: it then has nine workgroups and more. */
const LARGE_FROM = 192;
/** Outputs along both axes from which the medium tile is the better one: three quarters of it are in use. */
const MEDIUM_FROM = 24;

function tileFor(rows: number, columns: number): Tile {
  const least = Math.min(rows, columns);
  return least >= LARGE_FROM ? TILES.large : least >= MEDIUM_FROM ? TILES.medium : TILES.small;
}

/** A product of matrices, for each of some batches. Distances are in words. */
export interface Product {
  readonly rows: number;
  readonly columns: number;
  readonly inner: number;
  readonly layout: Layout;
  readonly batch: readonly Loop[];
  readonly a: { readonly row: number; readonly k: number; readonly channel: number; readonly taps: number };
  readonly b: { readonly k: number; readonly column: number };
  /** Columns of a plane, and distances of rows, planes and batches in the output. */
  readonly c: {
    readonly plane: number;
    readonly row: number;
    readonly planes: number;
    readonly batch: number;
  };
  readonly bias?: { readonly place: Place; readonly by: "column" | "row" } | undefined;
  /** Vectors 10 to 13 of the parameters. */
  readonly taps?: Readonly<Record<number, readonly number[]>>;
}

function multiply(site: Site, p: Product, a: Place, b: Place, out: Place): readonly Dispatch[] | undefined {
  if (p.batch.length > BATCH_AXES || p.inner === 0) return undefined;
  const tile = tileFor(p.rows, p.columns);
  const [tilesM, tilesN] = [Math.ceil(p.rows / tile.size), Math.ceil(p.columns / tile.size)];
  const groups = Math.ceil(p.inner / GROUP_TERMS);
  const batches = p.batch.reduce((n, { size }) => n * size, 1);
  const count = countOf(out);
  if (groups > 1 && groups * count > site.largestWords) return undefined;
  const partial = groups > 1 ? site.scratch(groups * count) : out.slot;
  const fused = groups > 1 ? undefined : p.bias;
  const workgroups = tilesM * tilesN * groups * batches;
  const sums: Dispatch = {
    shader: productShader(site.precision, tile, p.layout),
    inputs: [a.slot, b.slot, fused?.place.slot ?? a.slot],
    outputs: [partial],
    parameters: parametersOf({
      ...p.taps,
      ...Object.fromEntries(p.batch.map(({ size, strides }, j) => [6 + j, [size, ...strides]])),
      0: [0, workgroups, 0, p.inner],
      1: [p.rows, p.columns, tilesN, tilesM],
      2: [groups, count, fused ? (fused.by === "column" ? 1 : 2) : 0, p.c.plane],
      3: [p.c.row, p.c.planes, p.c.batch, p.batch.length],
      4: [p.a.row, p.a.k, p.a.channel, p.a.taps],
      5: [p.b.k, p.b.column],
    }),
    workgroups,
    stepsEach: tile.size * tile.size * Math.min(p.inner, GROUP_TERMS),
  };
  if (groups === 1) return [sums];
  const tree: Dispatch = {
    shader: GROUP_TREE,
    inputs: [partial],
    outputs: [out.slot],
    parameters: parametersOf({ 0: [0, count, 0, groups] }),
    workgroups: Math.ceil(count / MAP_THREADS),
    stepsEach: groups * MAP_THREADS,
  };
  return [sums, tree];
}

/** A product whose bias, if it was not added with the sum, is added after it. */
export function multiplyAndAdd(
  site: Site,
  p: Product,
  a: Place,
  b: Place,
  out: Place,
): readonly Dispatch[] | undefined {
  if (!p.bias || p.inner <= GROUP_TERMS) return multiply(site, p, a, b, out);
  const sum = scratchPlace(site, out.info.shape);
  const trailing = p.bias.by === "row" ? out.info.shape.length - 2 : 0;
  const bias = reshaped(p.bias.place, [countOf(p.bias.place), ...new Array<number>(trailing).fill(1)]);
  return inOrder(multiply(site, p, a, b, sum), map("Add", out, [sum, bias]));
}

const matMul: Compiler = (site) => {
  const [a, b] = site.inputs;
  const [out] = site.outputs;
  if (!holdsFloats(a) || !holdsFloats(b) || !out || countOf(out) === 0) return undefined;
  const shapeA = a.info.shape.length === 1 ? [1, ...a.info.shape] : a.info.shape;
  const shapeB = b.info.shape.length === 1 ? [...b.info.shape, 1] : b.info.shape;
  const [rows, inner, columns] = [shapeA.at(-2) ?? 1, shapeA.at(-1) ?? 1, shapeB.at(-1) ?? 1];
  const [batchA, batchB] = [shapeA.slice(0, -2), shapeB.slice(0, -2)];
  const batch = broadcastShape(batchA, batchB);
  // One B for the whole batch: the rows of all batches of A are rows of one product.
  const flat = extent(batchB) === 1 && extent(batchA) === extent(batch);
  const strides = (of: readonly number[], size: number) => broadcastStrides(of, batch).map((s) => s * size);
  const allRows = flat ? rows * extent(batch) : rows;
  return multiply(
    site,
    {
      rows: allRows,
      columns,
      inner,
      layout: "strides",
      batch: flat ? [] : loopsOf(batch, [strides(batchA, rows * inner), strides(batchB, inner * columns)]),
      a: { row: inner, k: 1, channel: 0, taps: inner },
      b: { k: columns, column: 1 },
      c: { plane: columns, row: columns, planes: 0, batch: rows * columns },
    },
    a,
    b,
    out,
  );
};

function broadcastShape(a: readonly number[], b: readonly number[]): readonly number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const [x, y] = [a[i - rank + a.length] ?? 1, b[i - rank + b.length] ?? 1];
    return x === 1 ? y : x;
  });
}

const gemm: Compiler = (site) => {
  const [a, b, c] = site.inputs;
  const [out] = site.outputs;
  if (!holdsFloats(a) || !holdsFloats(b) || !out || countOf(out) === 0) return undefined;
  const transA = intAttribute(site.node, "transA", 0) !== 0;
  const transB = intAttribute(site.node, "transB", 0) !== 0;
  const alpha = canonical(floatAttribute(site.node, "alpha", 1));
  const beta = canonical(floatAttribute(site.node, "beta", 1));
  const [rows = 1, columns = 1] = out.info.shape;
  const inner = a.info.shape[transA ? 0 : 1] ?? 1;
  const added = c && beta !== 0 ? c : undefined;
  const asBias = added && alpha === 1 && beta === 1 && added.info.shape.at(-1) === columns &&
    countOf(added) === columns;
  const product: Product = {
    rows,
    columns,
    inner,
    layout: "strides",
    batch: [],
    a: transA ? { row: 1, k: rows, channel: 0, taps: inner } : { row: inner, k: 1, channel: 0, taps: inner },
    b: transB ? { k: 1, column: inner } : { k: columns, column: 1 },
    c: { plane: columns, row: columns, planes: 0, batch: 0 },
    bias: asBias ? { place: added, by: "column" } : undefined,
  };
  const later = asBias ? undefined : added;
  if (alpha === 1 && !later) return multiplyAndAdd(site, product, a, b, out);
  const sum = scratchPlace(site, out.info.shape);
  const scaled = alpha === 1 ? sum : later ? scratchPlace(site, out.info.shape) : out;
  const weighed = later && beta !== 1 ? scratchPlace(site, later.info.shape) : later;
  return inOrder(
    multiply(site, product, a, b, sum),
    alpha === 1 ? [] : map("Mul", scaled, [scalar(site, alpha), sum]),
    later && weighed && beta !== 1 ? map("Mul", weighed, [scalar(site, beta), later]) : [],
    weighed ? map("Add", out, [scaled, weighed]) : [],
  );
};

/** Compilers by operator. */
export const productCompilers: Readonly<Record<string, Compiler>> = {
  MatMul: matMul,
  Gemm: gemm,
};
