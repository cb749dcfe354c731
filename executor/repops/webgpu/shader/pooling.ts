/**
 * Shaders of pooling in two dimensions, one thread for each output.
 *
 * Parameters: `P[0].y` outputs; `P[1]` input size, output size; `P[2]` kernel, strides; `P[3]` dilations, padding before; `P[4]` whether
 * padding counts in an average, and where it ends.
 *
 * @module
 */
import { LARGEST, REDUCTION_LANES } from "../../numbers/mod.ts";
import { float } from "./literals.ts";
import { MAP_THREADS } from "./maps.ts";
import { defineShader, type Shader } from "./shader.ts";

const WINDOW = `
  let index = group * ${MAP_THREADS}u + thread;
  if (index >= P[0].y) { return; }
  let place = index % (P[1].z * P[1].w);
  let start = (index / (P[1].z * P[1].w)) * P[1].x * P[1].y;
  let first_row = (place / P[1].w) * P[2].z;
  let first_column = (place % P[1].w) * P[2].w;`;

/** Runs statements for each tap: `inside` tells whether it lies on an element, `at` which. */
const forEachTap = (body: string) => `
  for (var tap = 0u; tap < P[2].x * P[2].y; tap = tap + 1u) {
    // Places before the first element wrap around and are beyond the last one.
    let row = first_row + (tap / P[2].y) * P[3].x - P[3].z;
    let column = first_column + (tap % P[2].y) * P[3].y - P[3].w;
    let inside = row < P[1].x && column < P[1].y;
    let at = start + row * P[1].y + column;
    ${body}
  }`;

function maxPool(indices: boolean): Shader {
  return defineShader({
    name: indices ? "max pool with places" : "max pool",
    inputs: 1,
    outputs: indices ? 2 : 1,
    threads: MAP_THREADS,
    body: `${WINDOW}
  var best = start;
  var value = ${float(-LARGEST)};
  var found = false;
  ${
      forEachTap(`if (inside) {
      let x = bitcast<f32>(I0[at]);
      if (!found || x > value) { value = x; best = at; }
      found = true;
    }`)
    }
  O0[index] = bitcast<u32>(value);
  ${indices ? "O1[index] = best;" : ""}`,
  });
}

export const MAX_POOL: Shader = maxPool(false);
export const MAX_POOL_PLACES: Shader = maxPool(true);

/** Up to one block of taps: 32 lanes, then halves (SPEC 4). */
export const AVERAGE_POOL: Shader = defineShader({
  name: "average pool",
  inputs: 1,
  outputs: 1,
  threads: MAP_THREADS,
  body: `${WINDOW}
  var lanes: array<f32, ${REDUCTION_LANES}>;
  var counted = 0u;
  ${
    forEachTap(`let padded = first_row + (tap / P[2].y) * P[3].x < P[4].y &&
      first_column + (tap % P[2].y) * P[3].y < P[4].z;
    if (inside || (P[4].x == 1u && padded)) { counted = counted + 1u; }
    if (inside) { lanes[tap % ${REDUCTION_LANES}u] = plus(lanes[tap % ${REDUCTION_LANES}u], bitcast<f32>(I0[at])); }`)
  }
  for (var h = ${REDUCTION_LANES / 2}u; h > 0u; h = h >> 1u) {
    for (var lane = 0u; lane < h; lane = lane + 1u) { lanes[lane] = plus(lanes[lane], lanes[lane + h]); }
  }
  O0[index] = bitcast<u32>(divide(canonical(lanes[0]), f32(counted)));`,
});
