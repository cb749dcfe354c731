/**
 * Row-major positions: strides, coordinates, broadcasting, axes.
 *
 * @module
 */

/** Elements between neighbours along each axis. */
export function stridesOf(shape: readonly number[]): readonly number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    strides[axis] = (strides[axis + 1] ?? 1) * (shape[axis + 1] ?? 1);
  }
  return strides;
}

/** Product of dimensions `from` (inclusive) to `to` (exclusive). */
export function extent(shape: readonly number[], from = 0, to = shape.length): number {
  let product = 1;
  for (let axis = from; axis < to; axis++) product *= shape[axis] ?? 1;
  return product;
}

/** Coordinates of a position. */
export function coordinatesOf(index: number, shape: readonly number[]): number[] {
  const coordinates = new Array<number>(shape.length).fill(0);
  let rest = index;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis] ?? 1;
    coordinates[axis] = rest % size;
    rest = Math.floor(rest / size);
  }
  return coordinates;
}

/** Position of coordinates. */
export function positionOf(coordinates: readonly number[], shape: readonly number[]): number {
  let position = 0;
  for (let axis = 0; axis < shape.length; axis++) {
    position = position * (shape[axis] ?? 1) + (coordinates[axis] ?? 0);
  }
  return position;
}

/** Position in a tensor of `from` shape that is broadcast to `to` shape. */
export function broadcastPosition(
  from: readonly number[],
  to: readonly number[],
): (index: number) => number {
  const same = from.length === to.length && from.every((size, axis) => size === to[axis]);
  if (same) return (index) => index;
  if (extent(from) === 1) return () => 0;
  const strides = stridesOf(from);
  const lead = to.length - from.length;
  return (index) => {
    let rest = index;
    let position = 0;
    for (let axis = to.length - 1; axis >= lead; axis--) {
      const size = to[axis] ?? 1;
      if ((from[axis - lead] ?? 1) !== 1) position += (rest % size) * (strides[axis - lead] ?? 1);
      rest = Math.floor(rest / size);
    }
    return position;
  };
}

/** An axis counted from the end made one counted from the start. */
export function normalAxis(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

/** A line along one axis: where the element's line starts, its length, the step along it, and the element's place on it. */
export interface Line {
  readonly start: number;
  readonly length: number;
  readonly step: number;
  readonly place: number;
}

/** The line along `axis` through a position. */
export function lineThrough(index: number, shape: readonly number[], axis: number): Line {
  const step = extent(shape, axis + 1);
  const length = shape[axis] ?? 1;
  const place = Math.floor(index / step) % length;
  return { start: index - place * step, length, step, place };
}
