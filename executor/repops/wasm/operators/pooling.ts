/**
 * Pooling of one or two spatial dimensions on the kernels.
 *
 * @module
 */
import { extent, intAttribute, intsAttribute, stridesOf, windowsOf } from "../../reference/mod.ts";
import { allocationBytes } from "../machine.ts";
import { COLUMN_SCRATCH_BYTES } from "../source/mod.ts";
import { prepareMove } from "./strided.ts";
import { type Compiler, countOf, holdsFloats, WORD, work } from "./work.ts";

/** Rows of windows shorter than this have no whole vector. */
const LEAST_WINDOWS = 4;

const maxPool: Compiler = (site) => {
  const [x] = site.inputs;
  const [out, indices] = site.outputs;
  const rank = (x?.info.shape.length ?? 0) - 2;
  if (!holdsFloats(x) || !out || rank < 1 || rank > 2 || countOf(out) === 0) return undefined;
  if (indices && intAttribute(site.node, "storage_order", 0) !== 0) return undefined;
  const size = x.info.shape.slice(2);
  const kernel = intsAttribute(site.node, "kernel_shape") ?? size;
  const windows = windowsOf(site.node, size, kernel, out.info.shape.slice(2));
  const both = (
    values: readonly number[],
    otherwise: number,
  ) => (rank === 1 ? [otherwise, ...values] : values);
  const parameters = [
    ...both(size, 1),
    ...both(kernel, 1),
    ...both(windows.strides, 1),
    ...both(windows.dilations, 1),
    ...both(windows.before, 0),
    ...both(out.info.shape.slice(2), 1),
  ];
  const planes = extent(x.info.shape, 0, 2);
  const tiles = !indices && rank === 2 && tilesByTwo(windows, kernel) &&
    size.every((length, axis) => length === 2 * (out.info.shape[axis + 2] ?? 0));
  const [rows, columns] = [planes * (out.info.shape[2] ?? 1), out.info.shape[3] ?? 1];
  if (tiles && columns >= LEAST_WINDOWS) {
    const run = site.machine.kernel("maxPoolTiles");
    return work(() => run(out.address, x.address, rows, columns));
  }
  const [planeIn, planeOut] = [extent(x.info.shape, 2), extent(out.info.shape, 2)];
  const run = site.machine.kernel("maxPool");
  return work(() => {
    for (let plane = 0; plane < planes; plane++) {
      const offset = plane * planeOut * WORD;
      const positions = indices ? indices.address + offset : 0;
      const source = x.address + plane * planeIn * WORD;
      run(out.address + offset, positions, source, plane * planeIn, ...parameters);
    }
  });
};

/** Windows of 2 by 2 that lie side by side. */
function tilesByTwo(windows: ReturnType<typeof windowsOf>, kernel: readonly number[]): boolean {
  return kernel.every((size, axis) =>
    size === 2 && windows.strides[axis] === 2 && windows.dilations[axis] === 1 && windows.before[axis] === 0
  );
}

/** The planner's gradient of such a MaxPool. */
const maxPoolGradient: Compiler = (site) => {
  const [x, y, dy] = site.inputs;
  const [out] = site.outputs;
  if (!x || !y || !dy || !out) return undefined;
  const [planes = 1, rows = 1, , columns = 1] = x.info.shape;
  const run = site.machine.kernel("maxPoolTilesGradient");
  return work(() => run(out.address, x.address, y.address, dy.address, planes * rows, columns));
};

/** Windows without padding: the taps of all windows side by side, summed as columns. */
const averagePool: Compiler = (site) => {
  const [x] = site.inputs;
  const [out] = site.outputs;
  const rank = (x?.info.shape.length ?? 0) - 2;
  if (!holdsFloats(x) || !out || rank < 1 || rank > 2 || countOf(out) === 0) return undefined;
  const size = x.info.shape.slice(2);
  const outSize = out.info.shape.slice(2);
  const kernel = intsAttribute(site.node, "kernel_shape") ?? size;
  const windows = windowsOf(site.node, size, kernel, outSize);
  const isInside = size.every((length, axis) => {
    const last = ((outSize[axis] ?? 1) - 1) * (windows.strides[axis] ?? 1) +
      ((kernel[axis] ?? 1) - 1) * (windows.dilations[axis] ?? 1);
    return windows.before[axis] === 0 && windows.after[axis] === 0 && last < length;
  });
  if (!isInside) return undefined;
  const [planes, taps] = [extent(x.info.shape, 0, 2), extent(kernel)];
  const from = stridesOf(size);
  const shape = [...kernel, planes, ...outSize];
  const to = stridesOf(shape);
  const sources = [
    ...kernel.map((_, axis) => (from[axis] ?? 1) * (windows.dilations[axis] ?? 1)),
    extent(size),
    ...outSize.map((_, axis) => (from[axis] ?? 1) * (windows.strides[axis] ?? 1)),
  ];
  const move = prepareMove(site.machine, {
    axes: shape.map((length, axis) => ({ size: length, target: to[axis] ?? 1, source: sources[axis] ?? 1 })),
    targetStart: 0,
    sourceStart: 0,
  });
  const sum = site.machine.kernel("sumColumns");
  const bytes = allocationBytes(extent(shape) * WORD);
  return {
    scratch: bytes + COLUMN_SCRATCH_BYTES,
    run: (scratch) => {
      move(scratch, x.address);
      sum(out.address, scratch, taps, countOf(out), scratch + bytes, taps);
    },
  };
};

/** Compilers by operator. */
export const poolingCompilers: Readonly<Record<string, Compiler>> = {
  MaxPool: maxPool,
  AveragePool: averagePool,
};

/** Compilers of the planner's fused nodes. */
export const fusedPoolingCompilers: Readonly<Record<string, Compiler>> = { MaxPoolGradient: maxPoolGradient };
