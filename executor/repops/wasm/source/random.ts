/**
 * Dropout by Threefry-2x32 with 20 rounds (SPEC 6.13), four elements at a time.
 *
 * @module
 */
import { THREEFRY_PARITY, THREEFRY_ROTATIONS, THREEFRY_ROUNDS } from "../../numbers/mod.ts";
import * as w from "./builder.ts";
import * as f from "./vector_functions.ts";

/** The first random word of four counters under a key, all in vectors. */
function firstWords(b: w.Builder, keys: readonly w.Text[], step: w.Text, places: w.Text): w.Text {
  const keyWord = (index: number) => keys[index % 3] ?? "";
  let x = b.vector(w.apply("i32x4.add", step, keyWord(0)));
  let y = b.vector(w.apply("i32x4.add", places, keyWord(1)));
  for (let round = 0; round < THREEFRY_ROUNDS; round++) {
    const distance = THREEFRY_ROTATIONS[round % 8] ?? 0;
    x = b.vector(w.apply("i32x4.add", x, y));
    const turned = w.apply(
      "v128.or",
      w.apply("i32x4.shl", y, w.int(distance)),
      w.apply("i32x4.shr_u", y, w.int(32 - distance)),
    );
    y = b.vector(w.apply("v128.xor", turned, x));
    if (round % 4 !== 3) continue;
    const injection = (round + 1) / 4;
    x = b.vector(w.apply("i32x4.add", x, keyWord(injection)));
    y = b.vector(
      w.apply("i32x4.add", w.apply("i32x4.add", y, keyWord(injection + 1)), w.splatBits(injection)),
    );
  }
  return x;
}

/**
 * `dropout(out, mask, a, vectors, key0, key1, step, threshold, scale)`: what has at least `threshold` in the top 24 bits of its word
 * is kept, times the float at address `scale`; `mask` becomes 1 there. Writes whole vectors.
 */
function dropout(): w.Text {
  const parameters = w.integers("out", "mask", "a", "vectors", "key0", "key1", "step", "threshold", "scale");
  return w.defineFunction({ name: "dropout", parameters }, (b) => {
    b.declare("places", "v128");
    const [first, second] = ["key0", "key1"].map((name) => b.vector(w.apply("i32x4.splat", w.get(name))));
    const parity = b.vector(
      w.apply("v128.xor", w.splatBits(THREEFRY_PARITY), w.apply("v128.xor", first ?? "", second ?? "")),
    );
    const step = b.vector(w.apply("i32x4.splat", w.get("step")));
    const threshold = b.vector(w.apply("i32x4.splat", w.get("threshold")));
    const scale = b.vector(w.apply("v128.load32_splat", w.get("scale")));
    b.put(w.set("places", "(v128.const i32x4 0 1 2 3)"));
    b.times("vectors", () => {
      const word = firstWords(b, [first ?? "", second ?? "", parity], step, w.get("places"));
      const keeps = b.vector(w.apply("i32x4.ge_u", w.apply("i32x4.shr_u", word, w.int(8)), threshold));
      const scaled = f.multiply(b, w.load(w.get("a")), scale);
      b.put(w.store(w.get("out"), w.apply("v128.and", scaled, keeps)));
      b.put(w.store(w.get("mask"), w.apply("v128.and", keeps, w.splatBits(1))));
      ["out", "mask", "a"].forEach((pointer) => b.put(w.advance(pointer, 16)));
      b.put(w.set("places", w.apply("i32x4.add", w.get("places"), w.splatBits(4))));
    });
  });
}

/** Text of the kernels that draw. */
export function randomKernels(): readonly w.Text[] {
  return [dropout()];
}
