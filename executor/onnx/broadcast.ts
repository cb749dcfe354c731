/**
 * Multidirectional broadcasting, as ONNX defines it (Broadcasting.md of the ONNX specification).
 *
 * @module
 */

/** The common shape of several, or `undefined` if they do not fit together. */
export function broadcastShapes(...shapes: readonly (readonly number[])[]): readonly number[] | undefined {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  const common = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    for (const [i, size] of shape.entries()) {
      const axis = rank - shape.length + i;
      if (common[axis] === 1) common[axis] = size;
      else if (size !== 1 && size !== common[axis]) return undefined;
    }
  }
  return common;
}
