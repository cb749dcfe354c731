/**
 * Dropout by Threefry-2x32 with 20 rounds (SPEC 6.13).
 *
 * @module
 */
import { THREEFRY_PARITY, THREEFRY_ROTATIONS, THREEFRY_ROUNDS } from "../../numbers/mod.ts";
import { word } from "./literals.ts";
import { MAP_THREADS } from "./maps.ts";
import { defineShader, type Shader } from "./shader.ts";

/** The rounds, written out: what is turned by how much is known. */
function rounds(): string {
  return Array.from({ length: THREEFRY_ROUNDS }, (_, round) => {
    const distance = THREEFRY_ROTATIONS[round % 8] ?? 0;
    const mix = `x += y; y = ((y << ${distance}u) | (y >> ${32 - distance}u)) ^ x;`;
    if (round % 4 !== 3) return mix;
    const injection = (round + 1) / 4;
    return `${mix} x += key[${injection % 3}u]; y += key[${(injection + 1) % 3}u] + ${injection}u;`;
  }).join("\n  ");
}

/** Inputs x, ratio, step; outputs and the mask. `P[1]` = the key. */
export const COUNTER_DROPOUT: Shader = defineShader({
  name: "counter dropout",
  inputs: 3,
  outputs: 2,
  threads: MAP_THREADS,
  declarations: `fn draw(index: u32, step: u32) -> u32 {
  var key = array<u32, 3>(P[1].x, P[1].y, ${word(THREEFRY_PARITY)} ^ P[1].x ^ P[1].y);
  var x = step + key[0u];
  var y = index + key[1u];
  ${rounds()}
  return x;
}`,
  body: `
  let index = group * ${MAP_THREADS}u + thread;
  if (index >= P[0].y) { return; }
  let ratio = bitcast<f32>(I1[0]);
  let kept = (draw(index, I2[0]) >> 8u) >= u32(clamp(floor(ratio * 16777216.0), 0.0, 16777216.0));
  let scaled = multiply(bitcast<f32>(I0[index]), divide(1.0, subtract(1.0, ratio)));
  O0[index] = select(0u, bitcast<u32>(scaled), kept);
  O1[index] = select(0u, 1u, kept);`,
});
