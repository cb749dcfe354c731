/**
 * Shaders that scatter (SPEC 6.11): a thread for each element of the output looks for the updates that meet it, in ascending order, so
 * that several of them have one result. What has no order to keep has none to lose either: atomics would.
 *
 * `scatter elements` looks along one line of the updates. `P[1 + j]` = axis j of the output, of the updates, distance in the updates;
 * `P[9]` = axes, the axis of the line, updates on it, their distance. `scatter rows` looks at every tuple of indices: `P[1]` = words
 * of a row, tuples, indices of a tuple; `P[2 + j]` = size of axis j, distance in rows.
 *
 * @module
 */
import { PLACE } from "./movement.ts";
import { MAP_THREADS } from "./maps.ts";
import { defineShader, type Shader } from "./shader.ts";

/** Axes that the parameters have room for. */
export const SCATTER_AXES = 8;

/** How an update `u` meets the word `value`. */
const COMBINATIONS: Readonly<Record<string, string>> = {
  none: "u",
  add: "bitcast<u32>(add(bitcast<f32>(value), bitcast<f32>(u)))",
  mul: "bitcast<u32>(multiply(bitcast<f32>(value), bitcast<f32>(u)))",
  max: "bitcast<u32>(max(bitcast<f32>(value), bitcast<f32>(u)))",
  min: "bitcast<u32>(min(bitcast<f32>(value), bitcast<f32>(u)))",
  addInt: "value + u",
  mulInt: "value * u",
  maxInt: "bitcast<u32>(max(bitcast<i32>(value), bitcast<i32>(u)))",
  minInt: "bitcast<u32>(min(bitcast<i32>(value), bitcast<i32>(u)))",
};

/** Inputs data, indices, updates. */
function scatter(kind: string, search: (meet: string) => string): ReadonlyMap<string, Shader> {
  return new Map(
    Object.entries(COMBINATIONS).map(([name, combined]) => [
      name,
      defineShader({
        name: `scatter ${kind} ${name}`,
        inputs: 3,
        outputs: 1,
        threads: MAP_THREADS,
        declarations: PLACE,
        body: `
  let index = group * ${MAP_THREADS}u + thread;
  if (index >= P[0].y) { return; }
  var value = I0[index];
  ${search(`let u = I2[at]; value = ${combined};`)}
  O0[index] = value;`,
      }),
    ]),
  );
}

export const SCATTER_ELEMENTS: ReadonlyMap<string, Shader> = scatter(
  "elements",
  (meet) =>
    `var start = 0u;
  var own = 0u;
  var beside = false;
  var rest = index;
  for (var axis = P[9].x; axis > 0u; axis = axis - 1u) {
    let c = rest % P[axis].x;
    rest = rest / P[axis].x;
    if (axis - 1u == P[9].y) { own = c; } else {
      beside = beside || c >= P[axis].y;
      start += c * P[axis].z;
    }
  }
  let size = i32(P[1u + P[9].y].x);
  for (var i = 0u; i < P[9].z && !beside; i = i + 1u) {
    let at = start + i * P[9].w;
    if (placeOf(I1[at], size) == own) { ${meet} }
  }`,
);

export const SCATTER_ROWS: ReadonlyMap<string, Shader> = scatter(
  "rows",
  (meet) =>
    `let row = index / P[1].x;
  for (var tuple = 0u; tuple < P[1].y; tuple = tuple + 1u) {
    var wanted = 0u;
    for (var j = 0u; j < P[1].z; j = j + 1u) {
      wanted += placeOf(I1[tuple * P[1].z + j], i32(P[2u + j].x)) * P[2u + j].y;
    }
    let at = tuple * P[1].x + index % P[1].x;
    if (wanted == row) { ${meet} }
  }`,
);
