/**
 * Shapes of operators that slide a window: convolutions and poolings.
 *
 * @module
 */
import { intAttribute, intsAttribute, stringAttribute } from "../attributes.ts";
import {
  dimension,
  input,
  type NodeContext,
  nodeError,
  requireOperand,
  sameType,
  type ShapeRule,
} from "../shape_rule.ts";
import { requireQuantized, requireZeroPoint } from "./quantization.ts";

/** The largest size of a kernel, stride, dilation or padding: far more than any that is of use, and few enough to walk along. */
const MOST_WINDOW = 2 ** 24;

/** How a window moves, for each spatial axis. */
export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Rows added before and after each axis. */
  readonly padsBefore: readonly number[];
  readonly padsAfter: readonly number[];
}

/**
 * A node's window over spatial dimensions, with `auto_pad` resolved.
 *
 * @param spatial Sizes of the input's spatial axes.
 * @param kernel Sizes of the kernel's, where the node does not state them.
 */
export function windowOf(
  context: NodeContext,
  spatial: readonly number[],
  kernel?: readonly number[],
): Window {
  const { node } = context;
  const shape = intsAttribute(node, "kernel_shape", kernel);
  if (kernel !== undefined && String(shape) !== String(kernel)) {
    throw nodeError(
      node,
      "bad_shape",
      `its kernel_shape is [${shape}], and its weight's kernel [${kernel}].`,
    );
  }
  if (shape === undefined) throw nodeError(node, "malformed_model", 'it needs the attribute "kernel_shape".');
  const ones = spatial.map(() => 1);
  const strides = intsAttribute(node, "strides", ones), dilations = intsAttribute(node, "dilations", ones);
  const pads = intsAttribute(node, "pads", spatial.flatMap(() => [0, 0]));
  if (
    [shape, strides, dilations].some((list) =>
      list.length !== spatial.length || list.some((size) => size < 1)
    ) ||
    pads.length !== 2 * spatial.length || pads.some((pad) => pad < 0)
  ) {
    throw nodeError(node, "bad_shape", `its window does not fit ${spatial.length} spatial dimensions.`);
  }
  if ([shape, strides, dilations, pads].some((list) => list.some((size) => size > MOST_WINDOW))) {
    throw nodeError(node, "bad_shape", `its window has a size above ${MOST_WINDOW}.`);
  }
  const given = { padsBefore: pads.slice(0, spatial.length), padsAfter: pads.slice(spatial.length) };
  const padded = autoPads(stringAttribute(node, "auto_pad", "NOTSET"), spatial, shape, strides, dilations) ??
    given;
  return { kernel: shape, strides, dilations, ...padded };
}

function autoPads(
  mode: string,
  spatial: readonly number[],
  kernel: readonly number[],
  strides: readonly number[],
  dilations: readonly number[],
): Pick<Window, "padsBefore" | "padsAfter"> | undefined {
  if (mode === "VALID") return { padsBefore: spatial.map(() => 0), padsAfter: spatial.map(() => 0) };
  if (mode !== "SAME_UPPER" && mode !== "SAME_LOWER") return undefined;
  const totals = spatial.map((size, i) => {
    const stride = strides[i] ?? 1, extent = ((kernel[i] ?? 1) - 1) * (dilations[i] ?? 1) + 1;
    return Math.max(0, (Math.ceil(size / stride) - 1) * stride + extent - size);
  });
  const small = totals.map((total) => Math.floor(total / 2)),
    large = totals.map((total) => Math.ceil(total / 2));
  return mode === "SAME_UPPER"
    ? { padsBefore: small, padsAfter: large }
    : { padsBefore: large, padsAfter: small };
}

/** How many places the window takes along each axis. */
export function windowPlaces(
  context: NodeContext,
  spatial: readonly number[],
  window: Window,
  roundUp = false,
): readonly number[] {
  return spatial.map((size, i) => {
    const stride = window.strides[i] ?? 1, before = window.padsBefore[i] ?? 0;
    const room = size + before + (window.padsAfter[i] ?? 0) -
      ((window.kernel[i] ?? 1) - 1) * (window.dilations[i] ?? 1) - 1;
    if (room < 0) {
      throw nodeError(context.node, "bad_shape", `its window is larger than the input [${spatial}].`);
    }
    const places = (roundUp ? Math.ceil(room / stride) : Math.floor(room / stride)) + 1;
    // A window that starts in the padding behind the input is left out.
    return roundUp && (places - 1) * stride >= size + before ? places - 1 : places;
  });
}

function convolution(context: NodeContext, dtype: "float" | "int32" | "quantized"): ReturnType<ShapeRule> {
  const x = input(context, 0), weightIndex = dtype === "quantized" ? 3 : 1;
  const w = input(context, weightIndex);
  const group = intAttribute(context.node, "group", 1), spatial = x.shape.slice(2);
  const channels = dimension(context, x.shape, 1), filters = dimension(context, w.shape, 0);
  if (
    w.shape.length !== x.shape.length || dimension(context, w.shape, 1) * group !== channels ||
    filters % group !== 0
  ) {
    throw nodeError(
      context.node,
      "bad_shape",
      `the weight [${w.shape}] in ${group} groups does not fit the input [${x.shape}].`,
    );
  }
  if (dtype === "float") requireOperand(context, 2, { dtype: sameType(context, x, w), shape: [filters] });
  if (dtype === "quantized") {
    requireQuantized(context);
    requireOperand(context, 8, { dtype: "int32", shape: [filters] });
  }
  if (dtype === "int32") {
    for (const operand of [0, 1]) requireZeroPoint(context, operand + 2, operand);
  }
  const window = windowOf(context, spatial, w.shape.slice(2));
  const shape = [dimension(context, x.shape, 0), filters, ...windowPlaces(context, spatial, window)];
  return [{
    dtype: dtype === "float" ? x.dtype : dtype === "int32" ? "int32" : input(context, 7).dtype,
    shape,
  }];
}

const convTranspose: ShapeRule = (context) => {
  const { node } = context, x = input(context, 0), w = input(context, 1), spatial = x.shape.slice(2);
  const channels = dimension(context, x.shape, 1), group = intAttribute(node, "group", 1);
  if (w.shape.length !== x.shape.length || w.shape[0] !== channels || group < 1 || channels % group !== 0) {
    throw nodeError(
      node,
      "bad_shape",
      `the weight [${w.shape}] in ${group} groups does not fit the input [${x.shape}].`,
    );
  }
  const filters = dimension(context, w.shape, 1) * group;
  requireOperand(context, 2, { dtype: sameType(context, x, w), shape: [filters] });
  const { kernel, strides, dilations, padsBefore, padsAfter } = windowOf(context, spatial, w.shape.slice(2));
  const extra = intsAttribute(node, "output_padding", spatial.map(() => 0));
  const whole = spatial.map((size, i) =>
    (strides[i] ?? 1) * (size - 1) + (extra[i] ?? 0) + ((kernel[i] ?? 1) - 1) * (dilations[i] ?? 1) + 1
  );
  // Either states the size, and the padding follows from it.
  const same = stringAttribute(node, "auto_pad", "NOTSET").startsWith("SAME");
  const stated = intsAttribute(node, "output_shape", undefined) ??
    (same ? spatial.map((size, i) => size * (strides[i] ?? 1)) : undefined);
  const sizes = stated ?? whole.map((size, i) => size - (padsBefore[i] ?? 0) - (padsAfter[i] ?? 0));
  if (sizes.length !== spatial.length || sizes.some((size) => size < 1)) {
    throw nodeError(node, "bad_shape", `its result would have the spatial sizes [${sizes}].`);
  }
  return [{ dtype: x.dtype, shape: [dimension(context, x.shape, 0), filters, ...sizes] }];
};

/** Whether a window lies in the padding altogether, at one of its places along an axis. One that starts on the input does not. */
function hasEmptyWindow(window: Window, axis: number, size: number, places: number): boolean {
  const stride = window.strides[axis] ?? 1, dilation = window.dilations[axis] ?? 1;
  const kernel = window.kernel[axis] ?? 1, first = -(window.padsBefore[axis] ?? 0);
  const last = first + (places - 1) * stride;
  for (let start = first; start < 0 && start <= last; start += stride) {
    const before = Math.ceil(-start / dilation);
    if (before >= kernel || start + before * dilation >= size) return true;
  }
  return last >= size;
}

const pool: ShapeRule = (context) => {
  const x = input(context, 0), spatial = x.shape.slice(2), window = windowOf(context, spatial);
  const places = windowPlaces(context, spatial, window, intAttribute(context.node, "ceil_mode", 0) === 1);
  if (spatial.some((size, axis) => hasEmptyWindow(window, axis, size, places[axis] ?? 0))) {
    throw nodeError(
      context.node,
      "bad_shape",
      `a window of [${window.kernel}] lies in the padding altogether.`,
    );
  }
  const shape = [...x.shape.slice(0, 2), ...places];
  return [{ dtype: x.dtype, shape }, { dtype: "int64", shape }];
};

const globalPool: ShapeRule = (context) => {
  const { dtype, shape } = input(context, 0);
  return [{ dtype, shape: shape.map((size, axis) => axis < 2 ? size : 1) }];
};

/** Rules by operator. */
export const WINDOWS: Readonly<Record<string, ShapeRule>> = {
  Conv: (context) => convolution(context, "float"),
  ConvInteger: (context) => convolution(context, "int32"),
  QLinearConv: (context) => convolution(context, "quantized"),
  ConvTranspose: convTranspose,
  MaxPool: pool,
  AveragePool: pool,
  LpPool: pool,
  GlobalAveragePool: globalPool,
  GlobalMaxPool: globalPool,
  GlobalLpPool: globalPool,
};
