/**
 * Dropout by Threefry-2x32 with 20 rounds (SPEC 6.13), four elements at a time.
 *
 * @module
 */
import { THREEFRY_PARITY, THREEFRY_ROTATIONS, THREEFRY_ROUNDS } from "../../numbers/mod.ts";
import {
  advance,
  apply,
  type Builder,
  defineFunction,
  get,
  int,
  integers,
  load,
  set,
  splatBits,
  store,
  type Text,
} from "./builder.ts";
import * as f from "./vector_functions.ts";

/** The first random word of four counters under a key, all in vectors. */
function firstWords(b: Builder, keys: readonly Text[], step: Text, places: Text): Text {
  const keyWord = (index: number) => keys[index % 3] ?? "";
  let x = b.vector(apply("i32x4.add", step, keyWord(0)));
  let y = b.vector(apply("i32x4.add", places, keyWord(1)));
  for (let round = 0; round < THREEFRY_ROUNDS; round++) {
    const distance = THREEFRY_ROTATIONS[round % 8] ?? 0;
    x = b.vector(apply("i32x4.add", x, y));
    const turned = apply(
      "v128.or",
      apply("i32x4.shl", y, int(distance)),
      apply("i32x4.shr_u", y, int(32 - distance)),
    );
    y = b.vector(apply("v128.xor", turned, x));
    if (round % 4 !== 3) continue;
    const injection = (round + 1) / 4;
    x = b.vector(apply("i32x4.add", x, keyWord(injection)));
    y = b.vector(apply("i32x4.add", apply("i32x4.add", y, keyWord(injection + 1)), splatBits(injection)));
  }
  return x;
}

/**
 * `dropout(out, mask, a, vectors, key0, key1, step, threshold, scale)`: what has at least `threshold` in the top 24 bits of its word
 * is kept, times the float at address `scale`; `mask` becomes 1 there. Writes whole vectors.
 */
function dropout(): Text {
  const parameters = integers("out", "mask", "a", "vectors", "key0", "key1", "step", "threshold", "scale");
  return defineFunction({ name: "dropout", parameters }, (b) => {
    b.declare("places", "v128");
    const [first, second] = ["key0", "key1"].map((name) => b.vector(apply("i32x4.splat", get(name))));
    const parity = b.vector(
      apply("v128.xor", splatBits(THREEFRY_PARITY), apply("v128.xor", first ?? "", second ?? "")),
    );
    const step = b.vector(apply("i32x4.splat", get("step")));
    const threshold = b.vector(apply("i32x4.splat", get("threshold")));
    const scale = b.vector(apply("v128.load32_splat", get("scale")));
    b.put(set("places", "(v128.const i32x4 0 1 2 3)"));
    b.times("vectors", () => {
      const word = firstWords(b, [first ?? "", second ?? "", parity], step, get("places"));
      const keeps = b.vector(apply("i32x4.ge_u", apply("i32x4.shr_u", word, int(8)), threshold));
      const scaled = f.multiply(b, load(get("a")), scale);
      b.put(store(get("out"), apply("v128.and", scaled, keeps)));
      b.put(store(get("mask"), apply("v128.and", keeps, splatBits(1))));
      ["out", "mask", "a"].forEach((pointer) => b.put(advance(pointer, 16)));
      b.put(set("places", apply("i32x4.add", get("places"), splatBits(4))));
    });
  });
}

/** Text of the kernels that draw. */
export function randomKernels(): readonly Text[] {
  return [dropout()];
}
