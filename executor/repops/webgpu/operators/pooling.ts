/**
 * Pooling over one or two spatial dimensions.
 *
 * @module
 */
import { REDUCTION_BLOCK } from "../../numbers/mod.ts";
import { extent, intAttribute, intsAttribute, windowsOf } from "../../reference/mod.ts";
import { MAP_THREADS } from "../shader/maps.ts";
import { AVERAGE_POOL, MAX_POOL, MAX_POOL_PLACES } from "../shader/pooling.ts";
import type { Shader } from "../shader/shader.ts";
import { type Compiler, countOf, type Dispatch, holdsFloats, parametersOf, type Site } from "./node.ts";
import { splitByNumber } from "./windows.ts";

function pool(site: Site, shader: Shader): readonly Dispatch[] | undefined {
  const [x] = site.inputs;
  const [out, places] = site.outputs;
  const rank = (x?.info.shape.length ?? 0) - 2;
  if (!holdsFloats(x) || !out || rank < 1 || rank > 2 || countOf(out) === 0) return undefined;
  const size = x.info.shape.slice(2);
  const kernel = intsAttribute(site.node, "kernel_shape") ?? size;
  const windows = windowsOf(site.node, size, kernel, out.info.shape.slice(2));
  if (extent(kernel) > REDUCTION_BLOCK) return undefined;
  const both = (values: readonly number[], otherwise: number) =>
    rank === 1 ? [otherwise, ...values] : [...values];
  const end = windows.size.map((length, axis) =>
    (windows.before[axis] ?? 0) + length + (windows.after[axis] ?? 0)
  );
  const planes = extent(x.info.shape.slice(0, 2)), plane = extent(size), outPlane = countOf(out) / planes;
  const count = countOf(out), each = { words: count, reach: { walk: [{ size: count, stride: 1 }] } };
  const ofPlane = [{ size: planes, stride: plane }, { size: outPlane, stride: 0 }];
  const reaches = [
    { words: countOf(x), reach: { walk: ofPlane, reach: plane } },
    ...(places ? [each, each] : [each]),
  ];
  const dispatch: Dispatch = {
    shader,
    inputs: [x.slot],
    outputs: places ? [out.slot, places.slot] : [out.slot],
    parameters: parametersOf({
      0: [0, countOf(out)],
      1: [...both(size, 1), ...both(out.info.shape.slice(2), 1)],
      2: [...both(kernel, 1), ...both(windows.strides, 1)],
      3: [...both(windows.dilations, 1), ...both(windows.before, 0)],
      4: [intAttribute(site.node, "count_include_pad", 0) !== 0 ? 1 : 0, ...both(end, 1)],
    }),
    workgroups: Math.ceil(countOf(out) / MAP_THREADS),
    stepsEach: extent(kernel) * MAP_THREADS,
  };
  return [{ ...dispatch, split: (limit) => splitByNumber(dispatch, count, MAP_THREADS, reaches, limit) }];
}

const maxPool: Compiler = (site) => {
  const [, places] = site.outputs;
  if (!places) return pool(site, MAX_POOL);
  return intAttribute(site.node, "storage_order", 0) === 0 ? pool(site, MAX_POOL_PLACES) : undefined;
};

/** Compilers by operator. */
export const poolingCompilers: Readonly<Record<string, Compiler>> = {
  MaxPool: maxPool,
  AveragePool: (site) => pool(site, AVERAGE_POOL),
};
