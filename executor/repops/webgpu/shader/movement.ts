/**
 * Shaders that move words.
 *
 * @module
 */
import { MAP_THREADS } from "./maps.ts";
import { defineShader, type Shader } from "./shader.ts";
import { keepInside } from "./windowed.ts";

/** Axes that the parameters have room for. */
export const MOVE_AXES = 12;

/**
 * Copies a block of words between strided layouts. `P[0].w` axes; axis j, outermost first: `P[1 + j]` = size, distance in the
 * target, distance in the source; `P[17]` = start in the target, start in the source.
 */
export const MOVE: Shader = defineShader({
  name: "move",
  inputs: 1,
  outputs: 1,
  threads: MAP_THREADS,
  body: `
  let index = group * ${MAP_THREADS}u + thread;
  if (index >= P[0].y) { return; }
  var target_at = P[17].x;
  var source_at = P[17].y;
  var rest = index;
  for (var axis = P[0].w; axis > 1u; axis = axis - 1u) {
    let c = rest % P[axis].x;
    rest = rest / P[axis].x;
    target_at += c * P[axis].y;
    source_at += c * P[axis].z;
  }
  target_at += rest * P[1].y;
  source_at += rest * P[1].z;
  ${keepInside("O0", "target_at")}
  ${keepInside("I0", "source_at")}
  O0[target_at] = I0[source_at];`,
});

/** Fills with one word: `P[1].x`. */
export const FILL: Shader = defineShader({
  name: "fill",
  inputs: 0,
  outputs: 1,
  threads: MAP_THREADS,
  body: `
  let index = group * ${MAP_THREADS}u + thread;
  if (index < P[0].y) { O0[index] = P[1].x; }`,
});

/** An index counted from the end if negative, then limited to the range (SPEC 6.11). */
export const PLACE = `fn placeOf(index: u32, size: i32) -> u32 {
  let i = bitcast<i32>(index);
  return u32(max(0, min(size - 1, select(i, i + size, i < 0))));
}`;

/** Gather: `P[1]` = words behind the axis, number of indices, size of the axis. */
export const GATHER: Shader = defineShader({
  name: "gather",
  inputs: 2,
  outputs: 1,
  threads: MAP_THREADS,
  declarations: PLACE,
  body: `
  let index = group * ${MAP_THREADS}u + thread;
  if (index >= P[0].y) { return; }
  let inner = P[1].x;
  let place = placeOf(I1[(index / inner) % P[1].y], i32(P[1].z));
  let at = ((index / (inner * P[1].y)) * P[1].z + place) * inner + index % inner;
  ${keepInside("I0", "at")}
  O0[index] = I0[at];`,
});

/** OneHot of integer indices: `P[1]` = words behind the axis, depth. */
export const ONE_HOT: Shader = defineShader({
  name: "one-hot",
  inputs: 2,
  outputs: 1,
  threads: MAP_THREADS,
  body: `
  let index = group * ${MAP_THREADS}u + thread;
  if (index >= P[0].y) { return; }
  let inner = P[1].x;
  let depth = i32(P[1].y);
  let given = bitcast<i32>(I0[(index / (inner * P[1].y)) * inner + index % inner]);
  let wanted = select(given, given + depth, given < 0);
  O0[index] = I1[select(0u, 1u, wanted == i32((index / inner) % P[1].y))];`,
});

/** Gradient of a Gather (SPEC 6.11): `P[1]` = words of a row, number of indices, rows. */
export const EMBEDDING_GRADIENT: Shader = defineShader({
  name: "embedding gradient",
  inputs: 2,
  outputs: 1,
  threads: MAP_THREADS,
  body: `
  let index = group * ${MAP_THREADS}u + thread;
  if (index >= P[0].y) { return; }
  let width = P[1].x;
  let row = i32(index / width);
  var sum = 0.0;
  for (var i = 0u; i < P[1].y; i = i + 1u) {
    let given = bitcast<i32>(I0[i]);
    if (select(given, given + i32(P[1].z), given < 0) == row) {
      sum = plus(sum, bitcast<f32>(I1[i * width + index % width]));
    }
  }
  O0[index] = bitcast<u32>(canonical(sum));`,
});
