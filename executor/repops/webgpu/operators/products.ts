/**
 * Products of matrices: MatMul and Gemm.
 *
 * @module
 */
import { canonical } from "../../numbers/mod.ts";
import { extent, floatAttribute, intAttribute, intsAttribute, stridesOf } from "../../reference/mod.ts";
import { MAP_THREADS } from "../shader/maps.ts";
import { GROUP_TERMS } from "../shader/product_texts.ts";
import { BATCH_AXES, extentOf, GROUP_TREE, productShader, type Shape, TILES } from "../shader/products.ts";
import { STRIPS } from "../shader/strip_products.ts";
import { windowed } from "../shader/windowed.ts";
import { inOrder, map, scalar } from "./maps.ts";
import { move } from "./movement.ts";
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
  type Window,
} from "./node.ts";
import {
  allOf,
  batchSpan,
  copiesA,
  copiesB,
  lengthOf,
  outputsOf,
  type Part,
  partsOf,
  type Product,
  type Range,
  windowOfA,
  windowOfB,
  windowOfC,
} from "./product_parts.ts";
import { type Loop, loopsOf } from "./strides.ts";
import { whole } from "./windows.ts";

/** Outputs along both axes from which the large tile is the better one: it then has nine workgroups and more. */
const LARGE_FROM = 192;
/** Outputs along both axes from which the medium tile is the better one: three quarters of it are in use. */
const MEDIUM_FROM = 24;

function tileFor(rows: number, columns: number): Shape {
  const least = Math.min(rows, columns);
  return least >= LARGE_FROM ? TILES.large : least >= MEDIUM_FROM ? TILES.medium : TILES.small;
}

/** Products that a load costs as much as, about, on an adapter that is software. */
const LOAD_COST = 10;

/** The strip with the least work. */
function stripFor(rows: number, columns: number): Shape {
  const workOf = (strip: typeof STRIPS[keyof typeof STRIPS]) => {
    const { height, width } = extentOf(strip), { down, each } = strip;
    return Math.ceil(rows / height) * Math.ceil(columns / width) * (LOAD_COST * (down + each) + down * each);
  };
  return workOf(STRIPS.broad) <= workOf(STRIPS.narrow) ? STRIPS.broad : STRIPS.narrow;
}

/** Where a part of a product finds its operands: buffers, and how elements lie in them. */
interface Operands {
  readonly a: { readonly slot: number; readonly window: Window; readonly at: Product["a"] };
  readonly b: { readonly slot: number; readonly window: Window; readonly at: Product["b"] };
  readonly bias: { readonly slot: number; readonly window: Window };
  readonly out: { readonly slot: number; readonly window: Window };
  /** Where the sums of groups go, if there is more than one. */
  readonly partial: number;
  readonly batch: readonly Loop[];
}

/** Dispatches of a part. */
function dispatchesOf(site: Site, p: Product, part: Part, operands: Operands): readonly Dispatch[] {
  const { batches, rows, columns } = part, count = outputsOf(part);
  const shape = (site.isSoftware ? stripFor : tileFor)(lengthOf(rows), lengthOf(columns));
  const { height, width } = extentOf(shape);
  const [tilesM, tilesN] = [Math.ceil(lengthOf(rows) / height), Math.ceil(lengthOf(columns) / width)];
  const groups = Math.ceil(p.inner / GROUP_TERMS), isOne = groups === 1;
  const workgroups = tilesM * tilesN * groups * lengthOf(batches);
  const { a, b, bias, out, partial, batch } = operands;
  const layout = {
    14: [batches.from, rows.from, columns.from, p.rows],
    15: [lengthOf(rows), lengthOf(columns)],
    2: [groups, count, isOne && p.bias ? (p.bias.by === "column" ? 1 : 2) : 0, p.c.plane],
    3: [p.c.row, p.c.planes, p.c.batch, batch.length],
  };
  const sums: Dispatch = {
    shader: productShader(site.precision, shape, p.layout),
    inputs: [a.slot, b.slot, bias.slot],
    outputs: [isOne ? out.slot : partial],
    parameters: parametersOf({
      ...p.taps,
      ...layout,
      ...Object.fromEntries(batch.map(({ size, strides }, j) => [6 + j, [size, ...strides]])),
      0: [0, workgroups, 0, p.inner],
      1: [rows.to, columns.to, tilesN, tilesM],
      4: [a.at.row, a.at.k, a.at.channel, a.at.taps],
      5: [b.at.k, b.at.column],
    }),
    workgroups,
    stepsEach: height * width * Math.min(p.inner, GROUP_TERMS),
    windows: [a.window, b.window, bias.window, isOne ? out.window : whole(groups * count)],
  };
  if (isOne) return [sums];
  const tree: Dispatch = {
    shader: GROUP_TREE,
    inputs: [partial],
    outputs: [out.slot],
    parameters: parametersOf({ ...layout, 0: [0, count, 0, groups] }),
    workgroups: Math.ceil(count / MAP_THREADS),
    stepsEach: groups * MAP_THREADS,
    windows: [whole(groups * count), out.window],
  };
  return [sums, tree];
}

function multiply(site: Site, p: Product, a: Place, b: Place, out: Place): readonly Dispatch[] | undefined {
  if (p.batch.length > BATCH_AXES || p.inner === 0) return undefined;
  const groups = Math.ceil(p.inner / GROUP_TERMS);
  const most = Math.max(countOf(a), countOf(b), countOf(out), groups > 1 ? groups * countOf(out) : 0);
  if (most > site.largestWords) return multiplyParts(site, p, [a, b, out]);
  return dispatchesOf(site, p, allOf(p), {
    a: { slot: a.slot, window: whole(countOf(a)), at: p.a },
    b: { slot: b.slot, window: whole(countOf(b)), at: p.b },
    bias: biasOf(p, a),
    out: { slot: out.slot, window: whole(countOf(out)) },
    partial: groups > 1 ? site.scratch(groups * countOf(out)) : out.slot,
    batch: p.batch,
  });
}

/** The bias that is added with the sum, or something to bind in its place. */
function biasOf(p: Product, otherwise: Place, window: Window = whole(countOf(otherwise))): Operands["bias"] {
  const bias = p.inner <= GROUP_TERMS ? p.bias?.place : undefined;
  return bias ? { slot: bias.slot, window: whole(countOf(bias)) } : { slot: otherwise.slot, window };
}

/**
 * A product with an operand that no binding holds, part by part. A part's sums are whole, so that their order is the same. Where the
 * part of a matrix does not lie together, it is first copied into a buffer of its own.
 */
function multiplyParts(
  site: Site,
  p: Product,
  [a, b, out]: readonly [Place, Place, Place],
): readonly Dispatch[] | undefined {
  const limit = site.largestWords, groups = Math.ceil(p.inner / GROUP_TERMS);
  const parts = partsOf(p, allOf(p), limit);
  if (!parts || (p.bias && groups === 1 && countOf(p.bias.place) > limit)) return undefined;
  const scratch = (wordsOf: (part: Part) => number) => {
    const words = Math.max(0, ...parts.map(wordsOf));
    return words > 0 ? site.scratch(words) : -1;
  };
  const partial = groups > 1 ? scratch((part) => groups * outputsOf(part)) : -1;
  const rowsCopy = scratch((part) => copiesA(p, part, limit) ? lengthOf(part.rows) * p.inner : 0);
  const columnsCopy = scratch((part) => copiesB(p, part, limit) ? lengthOf(part.columns) * p.inner : 0);
  const dispatches: Dispatch[] = [];
  for (const part of parts) {
    const rows = copiesA(p, part, limit)
      ? copied(a, rowsCopy, part.rows, p.inner, p.a.row, p.a.k, batchSpan(p.batch, part, 0)[0])
      : undefined;
    const columns = copiesB(p, part, limit)
      ? copied(b, columnsCopy, part.columns, p.inner, p.b.column, p.b.k, batchSpan(p.batch, part, 1)[0])
      : undefined;
    if ((rows && !rows.dispatches) || (columns && !columns.dispatches)) return undefined;
    const [spanA, spanB, spanC] = [windowOfA(p, part), windowOfB(p, part), windowOfC(p, part)];
    const bound = rows ? { slot: rowsCopy, window: rows.window } : { slot: a.slot, window: spanA };
    dispatches.push(
      ...rows?.dispatches ?? [],
      ...columns?.dispatches ?? [],
      ...dispatchesOf(site, p, part, {
        a: { ...bound, at: rows ? { row: p.inner, k: 1, channel: 0, taps: p.inner } : p.a },
        b: columns
          ? { slot: columnsCopy, window: columns.window, at: { k: 1, column: p.inner } }
          : { slot: b.slot, window: spanB, at: p.b },
        bias: biasOf(p, { ...a, slot: bound.slot }, bound.window),
        out: { slot: out.slot, window: spanC },
        partial,
        // A part that copies is of one batch, and its copies start where the part does.
        batch: p.batch.map((loop) => ({
          ...loop,
          strides: [rows ? 0 : loop.strides[0] ?? 0, columns ? 0 : loop.strides[1] ?? 0],
        })),
      }).map((dispatch) => ({ ...dispatch, shader: windowed(dispatch.shader) })),
    );
  }
  return dispatches;
}

/** A part's rows of A, or columns of B, copied so that each one's terms lie together. Positions are those of the whole, as if so. */
function copied(
  from: Place,
  slot: number,
  range: Range,
  inner: number,
  distance: number,
  k: number,
  start: number,
): { readonly dispatches: readonly Dispatch[] | undefined; readonly window: Window } {
  const shape = [lengthOf(range), inner];
  const target: Place = { info: { dtype: "float32", shape }, slot, constant: undefined };
  const block = {
    shape,
    target: [inner, 1],
    source: [distance, k],
    sourceStart: start + range.from * distance,
  };
  return {
    dispatches: move(target, from, block),
    window: { first: range.from * inner, words: extent(shape), at: 0 },
  };
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

/** A stack of matrices: sizes of its axes, and how far apart neighbours along each are. */
interface Stack {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** An operand as a product sees it: through a transposition, if there is one. */
function stackOf(place: Place, permutation: readonly number[] | undefined): Stack {
  const { shape } = place.info, strides = stridesOf(shape);
  const order = permutation ?? shape.map((_, axis) => axis);
  return { shape: order.map((axis) => shape[axis] ?? 1), strides: order.map((axis) => strides[axis] ?? 1) };
}

const matMul: Compiler = (site) => {
  const [a, b, row] = site.inputs;
  const [out] = site.outputs;
  if (!holdsFloats(a) || !holdsFloats(b) || !out || countOf(out) === 0) return undefined;
  const [flatA, flatB] = [a.info.shape.length === 1, b.info.shape.length === 1];
  const stackA = stackOf(flatA ? reshaped(a, [1, countOf(a)]) : a, intsAttribute(site.node, "permA"));
  const stackB = stackOf(flatB ? reshaped(b, [countOf(b), 1]) : b, intsAttribute(site.node, "permB"));
  const [rows, inner, columns] = [stackA, stackB].flatMap(({ shape }) => shape.slice(-2)).toSpliced(2, 1);
  if (rows === undefined || inner === undefined || columns === undefined) return undefined;
  const [batchA, batchB] = [stackA.shape.slice(0, -2), stackB.shape.slice(0, -2)];
  const batch = broadcastShape(batchA, batchB);
  // One B for the whole batch: the rows of all batches of A are rows of one product, if they are equally far apart.
  const rowLoops = loopsOf(stackA.shape.slice(0, -1), [stackA.strides.slice(0, -1)]);
  const flat = extent(batchB) === 1 && extent(batchA) === extent(batch) && rowLoops.length <= 1;
  const [rowDistance = 0, distanceA = 0] = stackA.strides.slice(-2);
  const [distanceB = 0, columnDistance = 0] = stackB.strides.slice(-2);
  return multiplyAndAdd(
    site,
    {
      rows: flat ? rows * extent(batch) : rows,
      columns,
      inner,
      layout: "strides",
      batch: flat ? [] : loopsOf(batch, [along(stackA, batch), along(stackB, batch)]),
      a: { row: flat ? rowLoops[0]?.strides[0] ?? 0 : rowDistance, k: distanceA, channel: 0, taps: inner },
      b: { k: distanceB, column: columnDistance },
      c: { plane: columns, row: columns, planes: 0, batch: rows * columns },
      bias: row && { place: row, by: "column" },
    },
    a,
    b,
    out,
  );
};

/** Distances along the axes of a batch in a stack of matrices that is broadcast to it. */
function along({ shape, strides }: Stack, batch: readonly number[]): readonly number[] {
  const lead = batch.length - (shape.length - 2);
  return batch.map((_, axis) => ((shape[axis - lead] ?? 1) === 1 ? 0 : strides[axis - lead] ?? 0));
}

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

/** Compilers of the planner's fused nodes. */
export const fusedProductCompilers: Readonly<Record<string, Compiler>> = { MatMul: matMul };
