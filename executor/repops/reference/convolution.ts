/**
 * Convolution and its transpose (SPEC 6.5), as products.
 *
 * @module
 */
import { add } from "../numbers/mod.ts";
import { intAttribute, intsAttribute } from "./attributes.ts";
import { type Call, dimension, input, output, type ReferenceOperator } from "./call.ts";
import { coordinatesOf, extent } from "./positions.ts";
import { type ProductSums, sumsOperator } from "./products.ts";
import { tapPosition, transposedPadding, windowsOf } from "./windows.ts";

/** Reads a convolution's operands for one output element: the input's value and the weight at k = (channel, taps). */
export interface ConvolutionTerms {
  readonly count: number;
  /** Position in the input, or `undefined` in the padding. */
  inputPosition(k: number): number | undefined;
  weightPosition(k: number): number;
  readonly channel: number;
}

/** The terms of an integer convolution. */
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

/** The table of a kernel's taps: coordinates by row-major position. */
function tapsOf(kernel: readonly number[]): readonly (readonly number[])[] {
  return Array.from({ length: extent(kernel) }, (_, tap) => coordinatesOf(tap, kernel));
}

/** Sums of Conv: a window's elements, all channels of its group, times the kernel of an output channel. */
function convSums(call: Call): ProductSums {
  const [x, w, bias] = [input(call, 0), input(call, 1), call.inputs[2]];
  const { shape } = output(call);
  const outSize = shape.slice(2);
  const kernel = w.shape.slice(2);
  const windows = windowsOf(call.node, x.shape.slice(2), kernel, outSize);
  const taps = tapsOf(kernel);
  const [outputs, places, spatial] = [dimension(w, 0), extent(outSize), extent(x.shape, 2)];
  const group = intAttribute(call.node, "group", 1);
  const channels = dimension(w, 1);
  const terms = channels * taps.length;
  const channelOf = (index: number) => Math.floor(index / places) % outputs;
  return {
    terms,
    left: {
      position: 0,
      vectorOf: (index) => {
        const image = Math.floor(index / (places * outputs));
        const groupOfChannel = Math.floor(channelOf(index) / (outputs / group));
        return (image * group + groupOfChannel) * places + index % places;
      },
      elementsOf: (vector) => {
        const at = coordinatesOf(vector % places, outSize);
        const base = Math.floor(vector / places) * channels * spatial;
        return (k) => {
          const place = tapPosition(windows, at, taps[k % taps.length] ?? []);
          return place === undefined ? undefined : base + Math.floor(k / taps.length) * spatial + place;
        };
      },
    },
    right: { position: 1, vectorOf: channelOf, elementsOf: (channel) => (k) => channel * terms + k },
    finish: (sum, index) => (bias ? add(sum, bias.at(channelOf(index))) : sum),
  };
}

/** Sums of ConvTranspose: the input elements whose taps fall on an output element, times those taps. */
function convTransposeSums(call: Call): ProductSums {
  const [x, w, bias] = [input(call, 0), input(call, 1), call.inputs[2]];
  const outSize = output(call).shape.slice(2);
  const size = x.shape.slice(2);
  const strides = intsAttribute(call.node, "strides") ?? size.map(() => 1);
  const dilations = intsAttribute(call.node, "dilations") ?? size.map(() => 1);
  const before = transposedPadding(call.node, size, w.shape.slice(2), outSize);
  const group = intAttribute(call.node, "group", 1);
  const channels = dimension(x, 1) / group;
  const groupOutputs = dimension(w, 1);
  const taps = tapsOf(w.shape.slice(2));
  const [outputs, places, spatial] = [groupOutputs * group, extent(outSize), extent(size)];
  const channelOf = (index: number) => Math.floor(index / places) % outputs;
  const source = (at: readonly number[], tap: readonly number[]): number | undefined => {
    let position = 0;
    for (let axis = 0; axis < size.length; axis++) {
      const scaled = (at[axis] ?? 0) + (before[axis] ?? 0) - (tap[axis] ?? 0) * (dilations[axis] ?? 1);
      const place = scaled / (strides[axis] ?? 1);
      if (place < 0 || place >= (size[axis] ?? 1) || !Number.isInteger(place)) return undefined;
      position = position * (size[axis] ?? 1) + place;
    }
    return position;
  };
  return {
    terms: channels * taps.length,
    left: {
      position: 0,
      vectorOf: (index) => {
        const image = Math.floor(index / (places * outputs));
        const groupOfChannel = Math.floor(channelOf(index) / groupOutputs);
        return (image * group + groupOfChannel) * places + index % places;
      },
      elementsOf: (vector) => {
        const at = coordinatesOf(vector % places, outSize);
        const base = Math.floor(vector / places) * channels * spatial;
        return (k) => {
          const place = source(at, taps[k % taps.length] ?? []);
          return place === undefined ? undefined : base + Math.floor(k / taps.length) * spatial + place;
        };
      },
    },
    right: {
      position: 1,
      vectorOf: channelOf,
      elementsOf: (channel) => {
        const first = Math.floor(channel / groupOutputs) * channels;
        const within = channel % groupOutputs;
        return (k) =>
          ((first + Math.floor(k / taps.length)) * groupOutputs + within) * taps.length + k % taps.length;
      },
    },
    finish: (sum, index) => (bias ? add(sum, bias.at(channelOf(index))) : sum),
  };
}

/** The sums of both, by name. */
export const convolutionSums: Readonly<Record<string, (call: Call) => ProductSums>> = {
  Conv: convSums,
  ConvTranspose: convTransposeSums,
};

/** Operators by name. */
export const convolutionOperators: Readonly<Record<string, ReferenceOperator>> = {
  Conv: sumsOperator(convSums),
  ConvTranspose: sumsOperator(convTransposeSums),
};
