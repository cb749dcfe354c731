/**
 * CumSum and TopK on the kernels.
 *
 * @module
 */
import { extent, intAttribute, normalAxis } from "../../reference/mod.ts";
import { type Compiler, countOf, holdsFloats, WORD, work } from "./work.ts";

/** Along the last axis four rows together; along others each step adds a whole plane of what is behind the axis. */
const cumSum: Compiler = (site) => {
  const [x, axisInput] = site.inputs, [out] = site.outputs;
  const given = axisInput?.constant?.words[0];
  if (!holdsFloats(x) || !out || given === undefined || countOf(x) === 0) return undefined;
  const { shape } = x.info, axis = normalAxis(given, shape.length);
  const exclusive = intAttribute(site.node, "exclusive", 0) !== 0;
  const reverse = intAttribute(site.node, "reverse", 0) !== 0;
  const [outer, count, inner] = [extent(shape, 0, axis), shape[axis] ?? 1, extent(shape, axis + 1)];
  const row = count * inner * WORD, plane = inner * WORD;
  const start = reverse ? row - plane : 0, step = reverse ? -plane : plane;
  if (inner === 1) {
    const kernel = site.machine.kernel("cumulate");
    return work(() => {
      kernel(out.address + start, x.address + start, outer, row, count, step, exclusive ? 1 : 0);
    });
  }
  const { machine } = site, add = machine.kernel("b_Add_both"), copyRows = machine.kernel("copyRows");
  return work(() => {
    for (let first = start; first < outer * row; first += row) {
      if (exclusive) machine.view("float32", out.address + first, inner).fill(0);
      else copyRows(out.address + first, 0, x.address + first, 0, 1, plane);
      for (let i = 1, at = first + step; i < count; i++, at += step) {
        const term = x.address + (exclusive ? at - step : at);
        add(out.address + at, out.address + at - step, term, 1, inner, 0, 0);
      }
    }
  });
};

const topK: Compiler = (site) => {
  const [x, k] = site.inputs, [values, places] = site.outputs;
  const many = k?.constant?.words[0] ?? 0;
  if (!holdsFloats(x) || !values || !places || many < 1) return undefined;
  const { machine } = site, { shape } = x.info;
  const axis = normalAxis(intAttribute(site.node, "axis", -1), shape.length);
  const [outer, count, inner] = [extent(shape, 0, axis), shape[axis] ?? 1, extent(shape, axis + 1)];
  const kernel = machine.kernel(intAttribute(site.node, "largest", 1) === 0 ? "top_smallest" : "top_largest");
  const copyGrid = machine.kernel("copyGrid"), list = many * WORD, step = inner * WORD;
  return {
    scratch: inner === 1 ? 0 : 2 * list,
    run: (scratch) => {
      for (let line = 0; line < outer * inner; line++) {
        const first = Math.floor(line / inner) * inner, within = line - first;
        const source = x.address + (first * count + within) * WORD;
        const target = (first * many + within) * WORD;
        if (inner === 1) {
          kernel(values.address + target, places.address + target, source, count, step, many);
          continue;
        }
        kernel(scratch, scratch + list, source, count, step, many);
        [values, places].forEach(({ address }, i) =>
          copyGrid(address + target, 0, step, scratch + i * list, 0, WORD, 1, many)
        );
      }
    },
  };
};

/** Compilers by operator. */
export const scanCompilers: Readonly<Record<string, Compiler>> = { CumSum: cumSum, TopK: topK };
