/**
 * Operators along rows: reductions, softmax, normalisations, places of extremes.
 *
 * @module
 */
import { bitsOf, canonical, REDUCTION_LANES, subtract } from "../../numbers/mod.ts";
import {
  extent,
  floatAttribute,
  intAttribute,
  intsAttribute,
  normalAxis,
  stridesOf,
} from "../../reference/mod.ts";
import { isFloat } from "../../values.ts";
import {
  COLUMN_THREADS,
  COLUMNS,
  LOG_SOFTMAX,
  MOMENTS,
  ROW_AXES,
  type RowForms,
  RUNNING_SUM,
  RUNNING_SUM_INT,
  SOFTMAX,
  SUM_ROWS,
  TOP,
  TOP_INT,
} from "../shader/rows.ts";
import type { Shader } from "../shader/shader.ts";
import { inOrder, map } from "./maps.ts";
import {
  type Compiler,
  countOf,
  type Dispatch,
  holdsFloats,
  isWord,
  knownElements,
  parametersOf,
  type Place,
  reshaped,
  scratchPlace,
  type Site,
} from "./node.ts";
import { type Loop, loopsOf } from "./strides.ts";
import { splitByNumber } from "./windows.ts";

/** Rows of a tensor: one for each combination of the kept axes, over all others. */
interface Rows {
  readonly kept: readonly Loop[];
  readonly along: readonly Loop[];
  readonly rows: number;
  readonly count: number;
}

/** The rows along some axes; `undefined` if there are too many loops or terms for a shader. */
function rowsOf(shape: readonly number[], along: (axis: number) => boolean): Rows | undefined {
  const strides = stridesOf(shape);
  const axes = shape.map((_, axis) => axis);
  const loops = (chosen: readonly number[]) =>
    loopsOf(chosen.map((axis) => shape[axis] ?? 1), [chosen.map((axis) => strides[axis] ?? 1)]);
  const size = (chosen: readonly number[]) => chosen.reduce((n, axis) => n * (shape[axis] ?? 1), 1);
  const [keptAxes, rowAxes] = [axes.filter((axis) => !along(axis)), axes.filter(along)];
  const [kept, row] = [loops(keptAxes), loops(rowAxes)];
  const [rows, count] = [size(keptAxes), size(rowAxes)];
  const served = kept.length <= ROW_AXES && row.length <= ROW_AXES && count > 0 && count <= LARGEST_COUNT;
  return served ? { kept, along: row, rows, count } : undefined;
}

/** Counts up to here are exact as floats. */
const LARGEST_COUNT = 2 ** 24;

function dispatch(
  shader: Shader,
  rows: Rows,
  a: Place,
  outputs: readonly Place[],
  options: { readonly workgroups: number; readonly mean?: boolean; readonly own?: readonly number[] },
): readonly Dispatch[] {
  const axes = (loops: readonly Loop[], first: number) =>
    loops.map(({ size, strides }, j) => [first + j, [size, ...strides]]);
  const mean = options.mean ? bitsOf(rows.count) : 0;
  const made: Dispatch = {
    shader,
    inputs: [a.slot],
    outputs: outputs.map(({ slot }) => slot),
    parameters: parametersOf({
      ...Object.fromEntries([...axes(rows.kept, 2), ...axes(rows.along, 10)]),
      0: [0, rows.rows],
      1: [rows.count, rows.kept.length, rows.along.length, mean],
      18: options.own ?? [],
    }),
    workgroups: options.workgroups,
    stepsEach: Math.ceil((rows.rows / options.workgroups) * rows.count),
  };
  const along = rows.along.reduce((sum, { size, strides }) => sum + (size - 1) * (strides[0] ?? 0), 0);
  const byRow = {
    walk: rows.kept.map(({ size, strides }) => ({ size, stride: strides[0] ?? 0 })),
    reach: along,
  };
  const reaches = [
    { words: countOf(a), reach: byRow },
    ...outputs.map((out) =>
      countOf(out) === countOf(a) && rows.count > 1
        ? { words: countOf(out), reach: byRow }
        : { words: countOf(out), reach: { walk: [{ size: rows.rows, stride: 1 }] } }
    ),
  ];
  const perGroup = shader.name.startsWith("rows ") ? 1 : COLUMN_THREADS;
  return [{ ...made, split: (limit) => splitByNumber(made, rows.rows, perGroup, reaches, limit) }];
}

/** Work with a workgroup or a thread for each row. */
function inForm(
  site: Site,
  forms: RowForms,
  rows: Rows,
  a: Place,
  outputs: readonly Place[],
  options: { readonly mean?: boolean; readonly own?: readonly number[] } = {},
): readonly Dispatch[] {
  const [shader, workgroups] = site.isSoftware
    ? [forms.byThread, Math.ceil(rows.rows / COLUMN_THREADS)]
    : [forms.byWorkgroup, rows.rows];
  return dispatch(shader, rows, a, outputs, { ...options, workgroups });
}

/** A sum or another fold of each row. */
function fold(
  site: Site,
  name: string,
  rows: Rows,
  a: Place,
  out: Place,
  mean = false,
): readonly Dispatch[] | undefined {
  const byRow = SUM_ROWS.get(name);
  const byColumn = COLUMNS.get(name);
  const contiguous = rows.along.length === 1 && rows.along[0]?.strides[0] === 1;
  const wide = contiguous && rows.count > REDUCTION_LANES;
  if (byRow && !site.isSoftware && (wide || rows.rows < COLUMN_THREADS)) {
    return dispatch(byRow, rows, a, [out], { workgroups: rows.rows, mean });
  }
  const workgroups = Math.ceil(rows.rows / COLUMN_THREADS);
  return byColumn && dispatch(byColumn, rows, a, [out], { workgroups, mean });
}

/** The axes that a node reduces; `undefined` if they are not known or none are. */
function reducedAxes(site: Site, rank: number): ((axis: number) => boolean) | undefined {
  const [, axesInput] = site.inputs;
  if (axesInput && !axesInput.constant) return undefined;
  const given = intsAttribute(site.node, "axes") ?? knownElements(axesInput);
  if (!given?.length) return intAttribute(site.node, "noop_with_empty_axes", 0) ? undefined : () => true;
  const axes = given.map((axis) => normalAxis(axis, rank));
  return (axis) => axes.includes(axis);
}

const INTEGER_FOLDS = new Set(["Sum", "Prod", "Max", "Min"]);

const reduction =
  (name: string, options: { readonly mean?: boolean; readonly after?: string } = {}): Compiler => (site) => {
    const [a] = site.inputs;
    const [out] = site.outputs;
    if (!a || !out || countOf(a) === 0) return undefined;
    const axes = reducedAxes(site, a.info.shape.length);
    const rows = axes && rowsOf(a.info.shape, axes);
    if (!rows) return undefined;
    if (!isFloat(a.info.dtype)) {
      return INTEGER_FOLDS.has(name) && !options.mean && isWord(a.info.dtype)
        ? fold(site, `${name}Int`, rows, a, out)
        : undefined;
    }
    if (!options.after) return fold(site, name, rows, a, out, options.mean);
    const sum = scratchPlace(site, out.info.shape);
    return inOrder(fold(site, name, rows, a, sum), map(options.after, out, [sum]));
  };

const softmaxOf = (forms: RowForms): Compiler => (site) => {
  const [a] = site.inputs;
  const [out] = site.outputs;
  if (!holdsFloats(a) || !out || countOf(a) === 0) return undefined;
  const { shape } = a.info;
  const flattened = site.opset < 13;
  const axis = normalAxis(intAttribute(site.node, "axis", flattened ? 1 : -1), shape.length);
  const rows = rowsOf(shape, (other) => (flattened ? other >= axis : other === axis));
  return rows && inForm(site, forms, rows, a, [out]);
};

const place = (name: string): Compiler => (site) => {
  const [a] = site.inputs;
  const [out] = site.outputs;
  if (!holdsFloats(a) || !out || countOf(a) === 0) return undefined;
  const axis = normalAxis(intAttribute(site.node, "axis", 0), a.info.shape.length);
  const rows = rowsOf(a.info.shape, (other) => other === axis);
  const last = intAttribute(site.node, "select_last_index", 0) !== 0;
  return rows && fold(site, last ? `${name}Last` : name, rows, a, out);
};

const cumSum: Compiler = (site) => {
  const [a, axisInput] = site.inputs;
  const [out] = site.outputs;
  const given = knownElements(axisInput)?.[0];
  if (!a || !out || given === undefined || !(isFloat(a.info.dtype) || isWord(a.info.dtype))) return undefined;
  const { shape } = a.info, axis = normalAxis(given, shape.length), size = shape[axis] ?? 1;
  const flag = (name: string) => intAttribute(site.node, name, 0) !== 0 ? 1 : 0;
  const lines = countOf(a) / size, inner = extent(shape, axis + 1);
  const walk = [{ size: lines / inner, stride: inner * size }, { size: inner, stride: 1 }];
  const line = { words: countOf(a), reach: { walk, reach: (size - 1) * inner } };
  const made: Dispatch = {
    shader: holdsFloats(a) ? RUNNING_SUM : RUNNING_SUM_INT,
    inputs: [a.slot],
    outputs: [out.slot],
    parameters: parametersOf({
      0: [0, lines],
      1: [inner, size, flag("exclusive"), flag("reverse")],
    }),
    workgroups: Math.ceil(lines / COLUMN_THREADS),
    stepsEach: size * COLUMN_THREADS,
  };
  return [{ ...made, split: (limit) => splitByNumber(made, lines, COLUMN_THREADS, [line, line], limit) }];
};

const topK: Compiler = (site) => {
  const [a] = site.inputs;
  const [values, places] = site.outputs;
  const best = values ?? places;
  if (!a || !best || !(isFloat(a.info.dtype) || isWord(a.info.dtype))) return undefined;
  const { shape } = a.info, axis = normalAxis(intAttribute(site.node, "axis", -1), shape.length);
  const wanted = best.info.shape[axis] ?? 1, size = shape[axis] ?? 1, inner = extent(shape, axis + 1);
  const lineOf = (length: number) => ({
    words: (countOf(a) / size) * length,
    reach: {
      walk: [{ size: extent(shape.slice(0, axis)), stride: inner * length }, {
        size: inner * size,
        stride: 0,
      }],
      reach: inner * length,
    },
  });
  const reaches = [lineOf(size), lineOf(wanted), lineOf(wanted)];
  const made: Dispatch = {
    shader: holdsFloats(a) ? TOP : TOP_INT,
    inputs: [a.slot],
    outputs: [values, places].map((place) => place?.slot ?? site.scratch(countOf(best))),
    parameters: parametersOf({
      0: [0, countOf(a)],
      1: [inner, size, wanted, intAttribute(site.node, "largest", 1) !== 0 ? 1 : 0],
    }),
    workgroups: Math.ceil(countOf(a) / COLUMN_THREADS),
    stepsEach: size * COLUMN_THREADS,
  };
  return [{
    ...made,
    split: (limit) => splitByNumber(made, countOf(a), COLUMN_THREADS, reaches, limit),
  }];
};

/** Moments of rows, each a vector of its own. */
interface Moments {
  readonly dispatches: readonly Dispatch[];
  readonly mean: Place;
  readonly variance: Place;
  readonly inverse: Place;
}

function momentsOf(site: Site, rows: Rows, a: Place, shape: readonly number[], centred = true): Moments {
  const [mean, variance, inverse] = [0, 1, 2].map(() => scratchPlace(site, shape));
  if (!mean || !variance || !inverse) throw new TypeError("three places were made");
  const own = [bitsOf(floatAttribute(site.node, "epsilon", 1e-5)), centred ? 1 : 0];
  const dispatches = inForm(site, MOMENTS, rows, a, [mean, variance, inverse], { mean: true, own });
  return { dispatches, mean, variance, inverse };
}

/** LayerNormalization and RMSNormalization. */
const rowNormalization = (centred: boolean): Compiler => (site) => {
  const [a, gain, shift] = site.inputs;
  const [out, means, inverses] = site.outputs;
  if (!holdsFloats(a) || !gain || !out || countOf(a) === 0) return undefined;
  const { shape } = a.info;
  const axis = normalAxis(intAttribute(site.node, "axis", -1), shape.length);
  const rows = rowsOf(shape, (other) => other >= axis);
  if (!rows) return undefined;
  const rowShape = [...shape.slice(0, axis), ...shape.slice(axis).map(() => 1)];
  const moments = momentsOf(site, rows, a, rowShape, centred);
  const zero = shift ??
    { info: { dtype: "float32", shape: [] }, slot: site.known(Uint32Array.of(0)), constant: undefined };
  return inOrder(
    moments.dispatches,
    map("Normalised", out, [a, moments.mean, moments.inverse, gain, zero]),
    means ? map("Copy", reshaped(means, rowShape), [moments.mean]) : [],
    inverses ? map("Copy", reshaped(inverses, rowShape), [moments.inverse]) : [],
  );
};

/** A vector of one value for each channel, to broadcast over images and planes. */
function perChannel(vector: Place, rank: number): Place {
  return reshaped(vector, [countOf(vector), ...new Array<number>(Math.max(0, rank - 2)).fill(1)]);
}

/** GroupNormalization and InstanceNormalization. */
const groupNormalization = (groupsOf: (site: Site) => number): Compiler => (site) => {
  const [a, gain, shift] = site.inputs;
  const [out] = site.outputs;
  if (!holdsFloats(a) || !gain || !shift || !out || countOf(a) === 0) return undefined;
  const [images = 1, channels = 1, ...spatial] = a.info.shape;
  const groups = groupsOf(site);
  // Opset 18 gave scale and shift by group, later ones by channel.
  if ([gain, shift].some((of) => countOf(of) !== channels && countOf(of) !== groups)) return undefined;
  const grouped = [images, groups, channels / groups, ...spatial];
  const rows = rowsOf(grouped, (axis) => axis >= 2);
  if (!rows) return undefined;
  const moments = momentsOf(site, rows, a, [images, groups, ...grouped.slice(2).map(() => 1)]);
  const vector = (of: Place) => reshaped(of, [groups, countOf(of) / groups, ...spatial.map(() => 1)]);
  const target = reshaped(out, grouped);
  const operands = [reshaped(a, grouped), moments.mean, moments.inverse, vector(gain), vector(shift)];
  return inOrder(moments.dispatches, map("Normalised", target, operands));
};

const batchNormalization: Compiler = (site) => {
  const [a, gain, shift, mean, variance] = site.inputs;
  const [out, runningMean, runningVariance] = site.outputs;
  if (!holdsFloats(a) || !gain || !shift || !mean || !variance || !out || countOf(a) === 0) return undefined;
  const rank = a.info.shape.length;
  const normalise = (m: Place, inverse: Place) =>
    map(
      "Normalised",
      out,
      [a, m, inverse, gain, shift].map((of, i) => (i === 0 ? of : perChannel(of, rank))),
    );
  const shape = [countOf(mean)];
  if (intAttribute(site.node, "training_mode", 0) === 0) {
    const inverse = scratchPlace(site, shape);
    const epsilon = floatAttribute(site.node, "epsilon", 1e-5);
    return inOrder(map("InverseDeviation", inverse, [variance], [epsilon]), normalise(mean, inverse));
  }
  const rows = rowsOf(a.info.shape, (axis) => axis !== 1);
  if (!rows) return undefined;
  const moments = momentsOf(site, rows, a, shape);
  const momentum = floatAttribute(site.node, "momentum", 0.9);
  const weights = [momentum, subtract(1, momentum)].map(canonical);
  const running = (target: Place | undefined, before: Place, now: Place) =>
    target ? map("Running", target, [before, now], weights) : [];
  return inOrder(
    moments.dispatches,
    normalise(moments.mean, moments.inverse),
    running(runningMean, mean, moments.mean),
    running(runningVariance, variance, moments.variance),
  );
};

const globalPool = (name: string, mean: boolean): Compiler => (site) => {
  const [a] = site.inputs;
  const [out] = site.outputs;
  if (!holdsFloats(a) || !out || extent(a.info.shape) === 0) return undefined;
  const rows = rowsOf(a.info.shape, (axis) => axis >= 2);
  return rows && fold(site, name, rows, a, out, mean);
};

/** Compilers by operator. */
export const rowCompilers: Readonly<Record<string, Compiler>> = {
  ReduceSum: reduction("Sum"),
  ReduceMean: reduction("Sum", { mean: true }),
  ReduceSumSquare: reduction("SumSquare"),
  ReduceL1: reduction("L1"),
  ReduceL2: reduction("SumSquare", { after: "Sqrt" }),
  ReduceLogSum: reduction("Sum", { after: "Log" }),
  ReduceMax: reduction("Max"),
  ReduceMin: reduction("Min"),
  ReduceProd: reduction("Prod"),
  CumSum: cumSum,
  TopK: topK,
  Softmax: softmaxOf(SOFTMAX),
  LogSoftmax: softmaxOf(LOG_SOFTMAX),
  ArgMax: place("ArgMax"),
  ArgMin: place("ArgMin"),
  LayerNormalization: rowNormalization(true),
  RMSNormalization: rowNormalization(false),
  GroupNormalization: groupNormalization((site) => intAttribute(site.node, "num_groups", 1)),
  InstanceNormalization: groupNormalization((site) => site.inputs[0]?.info.shape[1] ?? 1),
  BatchNormalization: batchNormalization,
  GlobalAveragePool: globalPool("Sum", true),
  GlobalMaxPool: globalPool("Max", false),
};
