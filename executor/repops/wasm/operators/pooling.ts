/**
 * MaxPool of one or two spatial dimensions on the kernels.
 *
 * @module
 */
import { extent, intAttribute, intsAttribute, windowsOf } from "../../reference/mod.ts";
import { type Compiler, countOf, holdsFloats, WORD, work } from "./work.ts";

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

/** Compilers by operator. */
export const poolingCompilers: Readonly<Record<string, Compiler>> = { MaxPool: maxPool };
