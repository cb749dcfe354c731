/**
 * MaxPool over planes of two dimensions (SPEC 6.6).
 *
 * @module
 */
import { advance, apply, defineFunction, float, get, int, integers, set, type Text } from "./builder.ts";

/**
 * `maxPool(y, indices, x, base, height, width, kernelH, kernelW, strideH, strideW, dilationH, dilationW, padH, padW, outH, outW)`:
 * one plane. `indices` may be 0; otherwise positions plus `base` are stored there.
 */
export function poolingKernels(): readonly Text[] {
  const parameters = integers(
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
  const text = defineFunction({ name: "maxPool", parameters }, (b) => {
    ["row", "column", "top", "left", "place", "best", "i", "j", "tapsH", "tapsW"].forEach((local) =>
      b.declare(local, "i32")
    );
    ["value", "greatest"].forEach((local) => b.declare(local, "f32"));
    const inside = (place: string, size: string) => apply("i32.lt_u", get(place), get(size));
    b.put(set("top", apply("i32.sub", int(0), get("padH"))));
    b.put(set("i", get("outH")));
    b.times("i", () => {
      b.put(set("left", apply("i32.sub", int(0), get("padW"))));
      b.put(set("j", get("outW")));
      b.times("j", () => {
        b.put(set("best", int(-1)));
        b.put(set("greatest", float(0)));
        b.put(set("row", get("top")));
        b.put(set("tapsH", get("kernelH")));
        b.times("tapsH", () => {
          b.when(inside("row", "height"), () => {
            b.put(set("column", get("left")));
            b.put(set("tapsW", get("kernelW")));
            b.times("tapsW", () => {
              b.when(inside("column", "width"), () => {
                b.put(set(
                  "place",
                  apply("i32.add", apply("i32.mul", get("row"), get("width")), get("column")),
                ));
                const address = apply("i32.add", get("x"), apply("i32.shl", get("place"), int(2)));
                b.put(set("value", apply("f32.load", address)));
                const better = apply("f32.gt", get("value"), get("greatest"));
                b.when(apply("i32.or", better, apply("i32.lt_s", get("best"), int(0))), () => {
                  b.put(set("greatest", get("value")));
                  b.put(set("best", get("place")));
                });
              });
              b.put(advance("column", get("dilationW")));
            });
          });
          b.put(advance("row", get("dilationH")));
        });
        b.put(apply("f32.store", get("y"), get("greatest")));
        b.put(advance("y", 4));
        b.when(get("indices"), () => {
          b.put(apply("i32.store", get("indices"), apply("i32.add", get("best"), get("base"))));
          b.put(advance("indices", 4));
        });
        b.put(advance("left", get("strideW")));
      });
      b.put(advance("top", get("strideH")));
    });
  });
  return [text];
}
