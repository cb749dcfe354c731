/**
 * Convolutions: the elements that the needed windows lie over, by the needed channels' kernels.
 *
 * @module
 */
import { extent, intAttribute, type Windows, windowsOf } from "../reference/mod.ts";
import { coversOf, slabOf } from "./boxes.ts";
import { integers, type PartRule } from "./part_rule.ts";

/** Elements of an axis that windows reach, and how much of the padding. */
interface Span {
  readonly low: number;
  readonly size: number;
  readonly before: number;
  readonly after: number;
}

/** What `count` windows from `start` on reach along an axis. At least one element, as no tensor has none. */
function spanOf(windows: Windows, axis: number, start: number, count: number): Span {
  const size = windows.size[axis] ?? 1, stride = windows.strides[axis] ?? 1;
  const reach = ((windows.kernel[axis] ?? 1) - 1) * (windows.dilations[axis] ?? 1) + 1;
  const from = start * stride - (windows.before[axis] ?? 0), end = from + (count - 1) * stride + reach;
  const low = Math.max(0, from), high = Math.min(size, end);
  return { low, size: high - low, before: low - from, after: end - high };
}

/** Convolutions of images whose channels are in one group. */
export const convolution: PartRule = (part) => {
  const { types: { node, inputs }, x, output } = part, [, w, bias] = inputs;
  if (w === undefined || x.shape.length !== 4 || intAttribute(node, "group", 1) !== 1) return undefined;
  const [, channels = 1, ...size] = x.shape, kernel = w.shape.slice(2);
  const windows = windowsOf(node, size, kernel, output.shape.slice(2));
  const spans = coversOf(output.shape, part).map((cover) => {
    const [, , top = 0, left = 0] = cover.starts, [, , rows = 1, columns = 1] = cover.sizes;
    return { cover, down: spanOf(windows, 0, top, rows), across: spanOf(windows, 1, left, columns) };
  });
  // Windows that lie in the padding altogether are the reference's.
  if (spans.some(({ down, across }) => Math.min(down.size, across.size) < 1)) return undefined;
  const pieces = spans.map(({ cover, down, across }) => {
    const [image = 0, filter = 0] = cover.starts, [images = 1, filters = 1] = cover.sizes;
    const attributes = {
      kernel_shape: integers(kernel),
      strides: integers(windows.strides),
      dilations: integers(windows.dilations),
      pads: integers([down.before, across.before, down.after, across.after]),
    };
    const under = {
      starts: [image, 0, down.low, across.low],
      sizes: [images, channels, down.size, across.size],
    };
    const kernels = { starts: [filter, 0, 0, 0], sizes: [filters, ...w.shape.slice(1)] };
    return {
      node: { ...node, attributes },
      inputs: [
        slabOf(0, x.shape, under),
        slabOf(1, w.shape, kernels),
        bias && slabOf(2, bias.shape, { starts: [filter], sizes: [filters] }),
      ],
      output: { ...output, shape: cover.sizes },
      from: cover.from,
      count: cover.count,
    };
  });
  return { kind: "pieces", pieces, multiplyAdds: (part.end - part.start) * extent(w.shape, 1) };
};
