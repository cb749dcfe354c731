/**
 * Operators along rows on the kernels: softmax, normalisation, reductions.
 *
 * @module
 */
import {
  extent,
  floatAttribute,
  intAttribute,
  intsAttribute,
  normalAxis,
  stridesOf,
} from "../../reference/mod.ts";
import { allocationBytes } from "../machine.ts";
import { COLUMN_SCRATCH_BYTES } from "../source/mod.ts";
import { perChannel } from "./batch_normalization.ts";
import { binary } from "./elementwise.ts";
import { ELEMENT_COST, rowsInParallel } from "./parallel.ts";
import { prepareMove } from "./strided.ts";
import {
  type Compiler,
  countOf,
  holdsFloats,
  inOrder,
  type Place,
  type Site,
  WORD,
  type Work,
  work,
} from "./work.ts";

const softmaxOf = (name: string): Compiler => (site) => {
  const [a] = site.inputs;
  const [out] = site.outputs;
  if (!holdsFloats(a) || !out) return undefined;
  const { shape } = a.info;
  const flattened = site.opset < 13;
  const axis = normalAxis(intAttribute(site.node, "axis", flattened ? 1 : -1), shape.length);
  const count = extent(shape, axis);
  if ((!flattened && extent(shape, axis + 1) > 1) || count === 0) return undefined;
  const rows = extent(shape, 0, axis);
  return rowsInParallel(site.machine, { rows, count, cost: ELEMENT_COST.many }, (machine, first, last) => {
    const kernel = machine.kernel(name), start = first * count * WORD;
    return work(() => kernel(out.address + start, a.address + start, last - first, count));
  });
};

/** LayerNormalization and RMSNormalization with gain and shift of one value for each place of a row. */
const rowNormalization = (centred: boolean): Compiler => (site) => {
  const [a, gain, shift] = site.inputs;
  const [out, means, inverses] = site.outputs;
  if (!holdsFloats(a) || !gain || !out) return undefined;
  const { shape } = a.info;
  const axis = normalAxis(intAttribute(site.node, "axis", -1), shape.length);
  const count = extent(shape, axis);
  if (countOf(gain) !== count || (shift && countOf(shift) !== count)) return undefined;
  const rows = extent(shape, 0, axis);
  return normalise(site, { out, a, rows, count, gain, shift, means, inverses, centred });
};

interface Normalisation {
  readonly out: Place;
  readonly a: Place;
  readonly rows: number;
  readonly count: number;
  readonly gain?: Place | undefined;
  readonly shift?: Place | undefined;
  readonly means?: Place | undefined;
  readonly inverses?: Place | undefined;
  readonly centred: boolean;
}

function normalise(site: Site, { rows, count, ...n }: Normalisation): Work {
  const epsilon = floatAttribute(site.node, "epsilon", 1e-5);
  const addresses = [n.gain, n.shift].map((place) => place?.address ?? 0);
  return rowsInParallel(site.machine, { rows, count, cost: ELEMENT_COST.many }, (machine, first, last) => {
    const kernel = machine.kernel("normalise"), start = first * count * WORD;
    const [y, x] = [n.out.address + start, n.a.address + start];
    const results = [n.means, n.inverses].map((place) => place ? place.address + first * WORD : 0);
    return work(() =>
      kernel(y, x, ...addresses, last - first, count, ...results, epsilon, n.centred ? 1 : 0)
    );
  });
}

/** GroupNormalization and InstanceNormalization: rows without gain, then one factor and one summand for each channel. */
const groupNormalization = (groupsOf: (site: Site) => number): Compiler => (site) => {
  const [a, gain, shift] = site.inputs;
  const [out] = site.outputs;
  if (!holdsFloats(a) || !gain || !shift || !out) return undefined;
  const [images = 1, channels = 1] = a.info.shape;
  const rows = images * groupsOf(site);
  if (countOf(gain) !== channels) return undefined;
  return inOrder(
    normalise(site, { out, a, rows, count: countOf(a) / rows, centred: true }),
    binary(site, "Mul", out, out, perChannel(out, gain)),
    binary(site, "Add", out, out, perChannel(out, shift)),
  );
};

/** Which kernels a reduction uses for rows, and whether it divides by the count. */
export const REDUCTIONS: Readonly<
  Record<string, { readonly rows: string; readonly mean?: boolean; readonly columns?: string }>
> = {
  ReduceSum: { rows: "sumRowsSum", columns: "sumColumns" },
  ReduceMean: { rows: "sumRowsSum", columns: "sumColumns", mean: true },
  ReduceSumSquare: { rows: "sumRowsSumSquare" },
  ReduceL1: { rows: "sumRowsL1" },
  ReduceMax: { rows: "rowMaxs" },
  ReduceMin: { rows: "rowMins" },
};

const reduction: Compiler = (site) => {
  const [a, axesInput] = site.inputs;
  const [out] = site.outputs;
  const kernels = REDUCTIONS[site.node.operator];
  if (!holdsFloats(a) || !out || !kernels || countOf(a) === 0 || (axesInput && !axesInput.constant)) {
    return undefined;
  }
  const { shape } = a.info;
  const given = intsAttribute(site.node, "axes") ??
    (axesInput?.constant && Array.from(axesInput.constant.words));
  const noop = intAttribute(site.node, "noop_with_empty_axes", 0) !== 0;
  if (noop && !given?.length) return undefined;
  const axes = given?.length
    ? given.map((axis) => normalAxis(axis, shape.length))
    : shape.map((_, axis) => axis);
  const wide = shape.map((_, axis) => axis).filter((axis) => (shape[axis] ?? 1) > 1);
  const reduced = wide.filter((axis) => axes.includes(axis));
  const kept = wide.filter((axis) => !axes.includes(axis));
  const count = reduced.reduce((n, axis) => n * (shape[axis] ?? 1), 1);
  const divisor = kernels.mean ? count : 0;
  const trailing = kept.every((axis) => reduced.every((other) => other > axis));
  if (trailing) return reduceRows(site, kernels.rows, out, a, a.address, count, divisor);
  const leading = reduced.at(-1) === (reduced[0] ?? 0) + reduced.length - 1;
  if (leading && kernels.columns) return reduceColumns(site, out, a, reduced, divisor);
  const alone: Site = { ...site, machine: { ...site.machine, crew: undefined } };
  // The copy keeps what lies together together: sums of rows where the last axis is reduced, of columns where it stays.
  if (kernels.columns && wide.at(-1) === kept.at(-1)) {
    return reduceMoved(
      site,
      a,
      [...reduced, ...kept],
      (moved) => columnSums(site, out, moved, count, divisor),
    );
  }
  return reduceMoved(
    site,
    a,
    [...kept, ...reduced],
    // Made as it runs, for a copy: sharing it would take longer.
    (moved) => reduceRows(alone, kernels.rows, out, a, moved, count, divisor),
  );
};

function reduceRows(
  site: Site,
  name: string,
  out: Place,
  a: Place,
  address: number,
  count: number,
  divisor: number,
): Work {
  const rows = countOf(a) / count;
  return rowsInParallel(site.machine, { rows, count, cost: ELEMENT_COST.few }, (machine, first, last) => {
    const kernel = machine.kernel(name), [to, from] = [first * WORD, first * count * WORD];
    return work(() => kernel(out.address + to, address + from, last - first, count, divisor));
  });
}

/** Sums over axes that lie together, with something behind them. */
function reduceColumns(site: Site, out: Place, a: Place, reduced: readonly number[], divisor: number): Work {
  const { shape } = a.info;
  const [first, last] = [reduced[0] ?? 0, reduced.at(-1) ?? 0];
  const outer = extent(shape, 0, first);
  const rows = extent(shape, first, last + 1);
  const columns = extent(shape, last + 1);
  const kernel = site.machine.kernel("sumColumns");
  return {
    scratch: COLUMN_SCRATCH_BYTES,
    run: (scratch) => {
      for (let i = 0; i < outer; i++) {
        const source = a.address + i * rows * columns * WORD;
        kernel(out.address + i * columns * WORD, source, rows, columns, scratch, divisor);
      }
    },
  };
}

/** Sums of `count` rows at an address. The kernel's own scratch memory comes from the caller. */
function columnSums(site: Site, out: Place, address: number, count: number, divisor: number): Work {
  const kernel = site.machine.kernel("sumColumns");
  const columns = countOf(out);
  return {
    scratch: COLUMN_SCRATCH_BYTES,
    run: (scratch) => {
      kernel(out.address, address, count, columns, scratch, divisor);
    },
  };
}

/** Reduces a copy whose axes are in another order. */
function reduceMoved(
  site: Site,
  a: Place,
  order: readonly number[],
  reduce: (address: number) => Work,
): Work {
  const { shape } = a.info;
  const strides = stridesOf(shape);
  const sizes = order.map((axis) => shape[axis] ?? 1);
  const to = stridesOf(sizes);
  const move = prepareMove(site.machine, {
    axes: order.map((axis, i) => ({ size: sizes[i] ?? 1, target: to[i] ?? 1, source: strides[axis] ?? 1 })),
    targetStart: 0,
    sourceStart: 0,
  });
  const bytes = allocationBytes(countOf(a) * WORD);
  return {
    scratch: bytes + COLUMN_SCRATCH_BYTES,
    run: (scratch) => {
      move(scratch, a.address);
      reduce(scratch).run(scratch + bytes);
    },
  };
}

const globalAveragePool: Compiler = (site) => {
  const [a] = site.inputs;
  const [out] = site.outputs;
  if (!holdsFloats(a) || !out || countOf(a) === 0) return undefined;
  const plane = extent(a.info.shape, 2);
  return reduceRows(site, "sumRowsSum", out, a, a.address, plane, plane);
};

/** Compilers by operator. */
export const rowCompilers: Readonly<Record<string, Compiler>> = {
  Softmax: softmaxOf("softmax"),
  LogSoftmax: softmaxOf("logSoftmax"),
  LayerNormalization: rowNormalization(true),
  RMSNormalization: rowNormalization(false),
  GroupNormalization: groupNormalization((site) => intAttribute(site.node, "num_groups", 1)),
  InstanceNormalization: groupNormalization((site) => site.inputs[0]?.info.shape[1] ?? 1),
  GlobalAveragePool: globalAveragePool,
  ...Object.fromEntries(Object.keys(REDUCTIONS).map((name) => [name, reduction])),
};
