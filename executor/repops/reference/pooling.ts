/**
 * Pooling (SPEC 6.6).
 *
 * @module
 */
import { canonical, divide, LARGEST, reductionSum } from "../numbers/mod.ts";
import { intAttribute, intsAttribute } from "./attributes.ts";
import { type Call, dimension, input, output, type ReferenceOperator } from "./call.ts";
import { coordinatesOf, extent, positionOf } from "./positions.ts";
import { tapPosition, type Windows, windowsOf } from "./windows.ts";

/** The windows of a pooling node, and for an output element: where its plane starts and where its window stands. */
function poolOf(call: Call) {
  const x = input(call, 0);
  const { shape } = output(call);
  const kernel = intsAttribute(call.node, "kernel_shape") ?? x.shape.slice(2);
  const windows = windowsOf(call.node, x.shape.slice(2), kernel, shape.slice(2));
  const plane = extent(x.shape, 2);
  const channels = dimension(x, 1);
  return {
    windows,
    taps: extent(kernel),
    window: (index: number) => {
      const [image = 0, channel = 0, ...at] = coordinatesOf(index, shape);
      return { start: (image * channels + channel) * plane, at };
    },
  };
}

/** MaxPool: the greatest tap outside the padding, the first of equals; its position as second output. */
const maxPool: ReferenceOperator = (call) => {
  const x = input(call, 0);
  const { windows, taps, window } = poolOf(call);
  const greatest = (index: number) => {
    const { start, at } = window(index);
    let best = { value: -LARGEST, position: start };
    let found = false;
    for (let tap = 0; tap < taps; tap++) {
      const place = tapPosition(windows, at, coordinatesOf(tap, windows.kernel));
      if (place === undefined) continue;
      const value = x.at(start + place);
      if (!found || value > best.value) best = { value, position: start + place };
      found = true;
    }
    return best;
  };
  const columnMajor = intAttribute(call.node, "storage_order", 0) !== 0;
  return [
    (index) => greatest(index).value,
    (index) => {
      const { position } = greatest(index);
      return columnMajor ? transposedPosition(position, x.shape) : position;
    },
  ];
};

/** The position within its plane counted with the first spatial axis fastest. */
function transposedPosition(position: number, shape: readonly number[]): number {
  const plane = extent(shape, 2);
  const spatial = shape.slice(2);
  const coordinates = coordinatesOf(position % plane, spatial);
  return position - (position % plane) + positionOf(coordinates.toReversed(), spatial.toReversed());
}

/** AveragePool: the reduction-order sum over all taps, padding as zeros, over the number of taps that count. */
const averagePool: ReferenceOperator = (call) => {
  const x = input(call, 0);
  const { windows, taps, window } = poolOf(call);
  const withPadding = intAttribute(call.node, "count_include_pad", 0) !== 0;
  return [(index) => {
    const { start, at } = window(index);
    const places = Array.from(
      { length: taps },
      (_, tap) => tapPosition(windows, at, coordinatesOf(tap, windows.kernel)),
    );
    const sum = reductionSum(taps, (tap) => {
      const place = places[tap];
      return place === undefined ? 0 : x.at(start + place);
    });
    const counted = withPadding
      ? countWithPadding(windows, at)
      : places.filter((place) => place !== undefined).length;
    return divide(canonical(sum), counted);
  }];
};

/** Taps on elements or declared padding: what `ceil_mode` adds beyond does not count. */
function countWithPadding(windows: Windows, at: readonly number[]): number {
  return windows.size.reduce((product, length, axis) => {
    const first = (at[axis] ?? 0) * (windows.strides[axis] ?? 1);
    const end = (windows.before[axis] ?? 0) + length + (windows.after[axis] ?? 0);
    let taps = 0;
    for (let tap = 0; tap < (windows.kernel[axis] ?? 1); tap++) {
      if (first + tap * (windows.dilations[axis] ?? 1) < end) taps++;
    }
    return product * taps;
  }, 1);
}

const globalAveragePool: ReferenceOperator = (call) => {
  const x = input(call, 0);
  const plane = extent(x.shape, 2);
  return [(index) => divide(canonical(reductionSum(plane, (i) => x.at(index * plane + i))), plane)];
};

const globalMaxPool: ReferenceOperator = (call) => {
  const x = input(call, 0);
  const plane = extent(x.shape, 2);
  return [(index) => {
    let best = x.at(index * plane);
    for (let i = 1; i < plane; i++) best = Math.max(best, x.at(index * plane + i));
    return best;
  }];
};

/** Operators by name. */
export const poolingOperators: Readonly<Record<string, ReferenceOperator>> = {
  MaxPool: maxPool,
  AveragePool: averagePool,
  GlobalAveragePool: globalAveragePool,
  GlobalMaxPool: globalMaxPool,
};
