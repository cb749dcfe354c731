/**
 * MaxPool over planes of two dimensions (SPEC 6.6).
 *
 * @module
 */
import * as w from "./builder.ts";

/**
 * `maxPool(y, indices, x, base, height, width, kernelH, kernelW, strideH, strideW, dilationH, dilationW, padH, padW, outH, outW)`:
 * one plane. `indices` may be 0; otherwise positions plus `base` are stored there.
 */
export function poolingKernels(): readonly w.Text[] {
  const parameters = w.integers(
    "y",
    "indices",
    "x",
    "base",
    "height",
    "width",
    "kernelH",
    "kernelW",
    "strideH",
    "strideW",
    "dilationH",
    "dilationW",
    "padH",
    "padW",
    "outH",
    "outW",
  );
  const text = w.defineFunction({ name: "maxPool", parameters }, (b) => {
    ["row", "column", "top", "left", "place", "best", "i", "j", "tapsH", "tapsW"].forEach((local) =>
      b.declare(local, "i32")
    );
    ["value", "greatest"].forEach((local) => b.declare(local, "f32"));
    const inside = (place: string, size: string) => w.apply("i32.lt_u", w.get(place), w.get(size));
    b.put(w.set("top", w.apply("i32.sub", w.int(0), w.get("padH"))));
    b.put(w.set("i", w.get("outH")));
    b.times("i", () => {
      b.put(w.set("left", w.apply("i32.sub", w.int(0), w.get("padW"))));
      b.put(w.set("j", w.get("outW")));
      b.times("j", () => {
        b.put(w.set("best", w.int(-1)));
        b.put(w.set("greatest", w.float(0)));
        b.put(w.set("row", w.get("top")));
        b.put(w.set("tapsH", w.get("kernelH")));
        b.times("tapsH", () => {
          b.when(inside("row", "height"), () => {
            b.put(w.set("column", w.get("left")));
            b.put(w.set("tapsW", w.get("kernelW")));
            b.times("tapsW", () => {
              b.when(inside("column", "width"), () => {
                b.put(w.set(
                  "place",
                  w.apply("i32.add", w.apply("i32.mul", w.get("row"), w.get("width")), w.get("column")),
                ));
                const address = w.apply("i32.add", w.get("x"), w.apply("i32.shl", w.get("place"), w.int(2)));
                b.put(w.set("value", w.apply("f32.load", address)));
                const better = w.apply("f32.gt", w.get("value"), w.get("greatest"));
                b.when(w.apply("i32.or", better, w.apply("i32.lt_s", w.get("best"), w.int(0))), () => {
                  b.put(w.set("greatest", w.get("value")));
                  b.put(w.set("best", w.get("place")));
                });
              });
              b.put(w.advance("column", w.get("dilationW")));
            });
          });
          b.put(w.advance("row", w.get("dilationH")));
        });
        b.put(w.apply("f32.store", w.get("y"), w.get("greatest")));
        b.put(w.advance("y", 4));
        b.when(w.get("indices"), () => {
          b.put(w.apply("i32.store", w.get("indices"), w.apply("i32.add", w.get("best"), w.get("base"))));
          b.put(w.advance("indices", 4));
        });
        b.put(w.advance("left", w.get("strideW")));
      });
      b.put(w.advance("top", w.get("strideH")));
    });
  });
  return [text];
}
