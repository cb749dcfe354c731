/**
 * Windows that slide over the spatial axes: of convolutions and of pooling.
 *
 * @module
 */
import type { GraphNode } from "../../graph.ts";
import { intsAttribute, stringAttribute } from "./attributes.ts";

/** How a window of `kernel` taps slides over `size` elements, axis by axis. */
export interface Windows {
  readonly size: readonly number[];
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Padding before the first element. */
  readonly before: readonly number[];
  /** Padding after the last one. */
  readonly after: readonly number[];
}

/** Reads the attributes of a node whose input has spatial dimensions `size` and whose output has `outputSize`. */
export function windowsOf(
  node: GraphNode,
  size: readonly number[],
  kernel: readonly number[],
  outputSize: readonly number[],
): Windows {
  const ones = size.map(() => 1);
  const strides = intsAttribute(node, "strides") ?? ones;
  const dilations = intsAttribute(node, "dilations") ?? ones;
  const pads = intsAttribute(node, "pads") ?? size.flatMap(() => [0, 0]);
  const automatic = stringAttribute(node, "auto_pad", "NOTSET");
  if (!automatic.startsWith("SAME")) {
    const valid = automatic === "VALID";
    const padding = (i: number) => (valid ? 0 : pads[i] ?? 0);
    return {
      size,
      kernel,
      strides,
      dilations,
      before: size.map((_, axis) => padding(axis)),
      after: size.map((_, axis) => padding(axis + size.length)),
    };
  }
  const total = size.map((length, axis) => {
    const reach = ((kernel[axis] ?? 1) - 1) * (dilations[axis] ?? 1) + 1;
    return Math.max(0, ((outputSize[axis] ?? 1) - 1) * (strides[axis] ?? 1) + reach - length);
  });
  const smaller = total.map((padding) => Math.floor(padding / 2));
  const larger = total.map((padding, axis) => padding - (smaller[axis] ?? 0));
  const upper = automatic === "SAME_UPPER";
  return {
    size,
    kernel,
    strides,
    dilations,
    before: upper ? smaller : larger,
    after: upper ? larger : smaller,
  };
}

/**
 * What a ConvTranspose takes off before its first output, axis by axis: as stated, or as much as the output's size leaves.
 *
 * @param size Of the input.
 */
export function transposedPadding(
  node: GraphNode,
  size: readonly number[],
  kernel: readonly number[],
  outputSize: readonly number[],
): readonly number[] {
  const pads = intsAttribute(node, "pads") ?? [];
  const automatic = stringAttribute(node, "auto_pad", "NOTSET");
  const declared = intsAttribute(node, "output_shape");
  if (!automatic.startsWith("SAME") && !declared) return size.map((_, axis) => pads[axis] ?? 0);
  const strides = intsAttribute(node, "strides") ?? size.map(() => 1);
  const dilations = intsAttribute(node, "dilations") ?? size.map(() => 1);
  const extra = intsAttribute(node, "output_padding") ?? size.map(() => 0);
  return size.map((length, axis) => {
    const reach = ((kernel[axis] ?? 1) - 1) * (dilations[axis] ?? 1) + 1;
    const whole = (strides[axis] ?? 1) * (length - 1) + (extra[axis] ?? 0) + reach;
    const total = Math.max(0, whole - (outputSize[axis] ?? 1));
    const half = Math.floor(total / 2);
    return automatic === "SAME_UPPER" ? half : total - half;
  });
}

/**
 * Place of a tap along each axis, as a row-major position; `undefined` in the padding.
 *
 * @param at Coordinates of the window.
 * @param tap Coordinates within the kernel.
 */
export function tapPosition(
  windows: Windows,
  at: readonly number[],
  tap: readonly number[],
): number | undefined {
  let position = 0;
  for (let axis = 0; axis < windows.size.length; axis++) {
    const length = windows.size[axis] ?? 1;
    const place = (at[axis] ?? 0) * (windows.strides[axis] ?? 1) +
      (tap[axis] ?? 0) * (windows.dilations[axis] ?? 1) - (windows.before[axis] ?? 0);
    if (place < 0 || place >= length) return undefined;
    position = position * length + place;
  }
  return position;
}
