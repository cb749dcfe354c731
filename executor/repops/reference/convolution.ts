/**
 * Convolution and its transpose (SPEC 6.5), as products.
 *
 * @module
 */
import { add } from "../numbers/mod.ts";
import { intAttribute, intsAttribute, stringAttribute } from "./attributes.ts";
import { type Call, dimension, input, output, type ReferenceOperator } from "./call.ts";
import { coordinatesOf, extent } from "./positions.ts";
import { product } from "./products.ts";
import { tapPosition, windowsOf } from "./windows.ts";

/** Reads a convolution's operands for one output element: the input's value and the weight at k = (channel, taps). */
export interface ConvolutionTerms {
  readonly count: number;
  /** Position in the input, or `undefined` in the padding. */
  inputPosition(k: number): number | undefined;
  weightPosition(k: number): number;
  readonly channel: number;
}

/** The terms of a convolution, shared by Conv and ConvInteger. */
export function convolutionTerms(call: Call, weightInput = 1): (index: number) => ConvolutionTerms {
  const [x, w] = [input(call, 0), input(call, weightInput)];
  const { shape } = output(call);
  const outSize = shape.slice(2);
  const kernel = w.shape.slice(2);
  const windows = windowsOf(call.node, x.shape.slice(2), kernel, outSize);
  const channels = dimension(w, 1);
  const groupOutputs = dimension(w, 0) / intAttribute(call.node, "group", 1);
  const taps = extent(kernel);
  const spatial = extent(x.shape, 2);
  return (index) => {
    const [image = 0, channel = 0, ...at] = coordinatesOf(index, shape);
    const firstChannel = Math.floor(channel / groupOutputs) * channels;
    const base = (image * dimension(x, 1) + firstChannel) * spatial;
    return {
      count: channels * taps,
      channel,
      inputPosition: (k) => {
        const place = tapPosition(windows, at, coordinatesOf(k % taps, kernel));
        return place === undefined ? undefined : base + Math.floor(k / taps) * spatial + place;
      },
      weightPosition: (k) => channel * channels * taps + k,
    };
  };
}

const conv: ReferenceOperator = (call) => {
  const [x, w, bias] = [input(call, 0), input(call, 1), call.inputs[2]];
  const termsOf = convolutionTerms(call);
  return [(index) => {
    const terms = termsOf(index);
    const sum = product(
      call.precision,
      terms.count,
      (k) => {
        const position = terms.inputPosition(k);
        return position === undefined ? 0 : x.at(position);
      },
      (k) => w.at(terms.weightPosition(k)),
    );
    return bias ? add(sum, bias.at(terms.channel)) : sum;
  }];
};

/** Padding before the first element of a transposed convolution's output. */
export function transposedPadding(call: Call): readonly number[] {
  const [x, w] = [input(call, 0), input(call, 1)];
  const size = x.shape.slice(2);
  const pads = intsAttribute(call.node, "pads") ?? size.flatMap(() => [0, 0]);
  const automatic = stringAttribute(call.node, "auto_pad", "NOTSET");
  const declared = intsAttribute(call.node, "output_shape");
  if (!automatic.startsWith("SAME") && !declared) return size.map((_, axis) => pads[axis] ?? 0);
  const strides = intsAttribute(call.node, "strides") ?? size.map(() => 1);
  const dilations = intsAttribute(call.node, "dilations") ?? size.map(() => 1);
  const extra = intsAttribute(call.node, "output_padding") ?? size.map(() => 0);
  return size.map((length, axis) => {
    const reach = (dimension(w, axis + 2) - 1) * (dilations[axis] ?? 1) + 1;
    const whole = (strides[axis] ?? 1) * (length - 1) + (extra[axis] ?? 0) + reach;
    const total = Math.max(0, whole - dimension(output(call), axis + 2));
    const half = Math.floor(total / 2);
    return automatic === "SAME_UPPER" ? half : total - half;
  });
}

const convTranspose: ReferenceOperator = (call) => {
  const [x, w, bias] = [input(call, 0), input(call, 1), call.inputs[2]];
  const { shape } = output(call);
  const size = x.shape.slice(2);
  const kernel = w.shape.slice(2);
  const strides = intsAttribute(call.node, "strides") ?? size.map(() => 1);
  const dilations = intsAttribute(call.node, "dilations") ?? size.map(() => 1);
  const before = transposedPadding(call);
  const group = intAttribute(call.node, "group", 1);
  const channels = dimension(x, 1) / group;
  const groupOutputs = dimension(w, 1);
  const [taps, spatial] = [extent(kernel), extent(size)];
  return [(index) => {
    const [image = 0, channel = 0, ...at] = coordinatesOf(index, shape);
    const firstChannel = Math.floor(channel / groupOutputs) * channels;
    const source = (tap: readonly number[]): number | undefined => {
      let position = 0;
      for (let axis = 0; axis < size.length; axis++) {
        const scaled = (at[axis] ?? 0) + (before[axis] ?? 0) - (tap[axis] ?? 0) * (dilations[axis] ?? 1);
        const place = scaled / (strides[axis] ?? 1);
        if (place < 0 || place >= (size[axis] ?? 1) || !Number.isInteger(place)) return undefined;
        position = position * (size[axis] ?? 1) + place;
      }
      return position;
    };
    const sum = product(
      call.precision,
      channels * taps,
      (k) => {
        const place = source(coordinatesOf(k % taps, kernel));
        if (place === undefined) return 0;
        return x.at((image * dimension(x, 1) + firstChannel + Math.floor(k / taps)) * spatial + place);
      },
      (k) =>
        w.at(
          ((firstChannel + Math.floor(k / taps)) * groupOutputs + channel % groupOutputs) * taps + k % taps,
        ),
    );
    return bias ? add(sum, bias.at(channel)) : sum;
  }];
};

/** Operators by name. */
export const convolutionOperators: Readonly<Record<string, ReferenceOperator>> = {
  Conv: conv,
  ConvTranspose: convTranspose,
};
