/**
 * Many short products of one size, each from packing to the finished matrix: where products are small, a call for each of their parts takes as long
 * as they do.
 *
 * @module
 */
import type { Precision } from "../../numbers/mod.ts";
import * as w from "./builder.ts";
import { COLUMNS, ROWS, UNROLL } from "./packing.ts";

/**
 * `batches_<factors>_<precision>(a, aStep, b, bStep, c, cStep, count, rows, columns, inner, bLane, bK, packedA, packedB)`: products of at most 256 terms,
 * of a row-major A read as it is (`rows`) or transposed (`panels`), into a row-major C; columns of B lie `bLane` bytes apart, its k `bK`. There
 * is a full panel of rows at least, and columns are a multiple of 8.
 */
function batchKernel(factors: "rows" | "panels", precision: Precision): w.Text {
  const parameters = w.integers(
    ...["a", "aStep", "b", "bStep", "c", "cStep", "count", "rows", "columns", "inner"],
    ...["bLane", "bK", "packedA", "packedB"],
  );
  const lanes = ROWS[precision];
  return w.defineFunction({ name: `batches_${factors}_${precision}`, parameters }, (b) => {
    ["elements", "terms", "panels", "row", "rest", "full"].forEach((local) => b.declare(local, "i32"));
    const times = (x: w.Text, y: w.Text) => w.apply("i32.mul", x, y);
    b.put(w.set("elements", times(w.get("rows"), w.get("inner"))));
    b.put(
      w.set(
        "terms",
        w.apply("i32.and", w.apply("i32.add", w.get("inner"), w.int(UNROLL - 1)), w.int(-UNROLL)),
      ),
    );
    b.put(w.set("panels", w.apply("i32.div_u", w.get("columns"), w.int(COLUMNS))));
    b.put(w.set("row", w.apply("i32.shl", w.get("columns"), w.int(2))));
    b.put(w.set("rest", w.apply("i32.rem_u", w.get("rows"), w.int(lanes))));
    b.put(w.set("full", w.apply("i32.sub", w.get("rows"), w.get("rest"))));
    const finished = (...a: readonly w.Text[]) =>
      w.apply(
        `call $${factors}_finished_${precision}`,
        ...a,
        ...["rows", "packedB", "panels", "terms", "c", "row"].map(w.get),
        w.int(0),
      );
    b.times("count", () => {
      b.put(
        w.apply(
          `call $pack${COLUMNS}_${precision}`,
          ...["b", "packedB", "columns", "inner", "bLane", "bK"].map(w.get),
        ),
      );
      if (factors === "rows") {
        const vectors = w.apply("i32.shr_u", w.apply("i32.add", w.get("elements"), w.int(3)), w.int(2));
        b.put(w.apply(`call $factors_${precision}`, w.get("packedA"), w.get("a"), vectors));
        // Up to three factors beyond the last row are read: they must be finite.
        b.put(
          w.store(
            w.apply("i32.add", w.get("packedA"), w.apply("i32.shl", w.get("elements"), w.int(2))),
            w.splatBits(0),
          ),
        );
        b.put(finished(w.get("packedA"), w.apply("i32.shl", w.get("inner"), w.int(2))));
      } else {
        const stride = w.apply("i32.shl", w.get("rows"), w.int(2));
        const pack = (source: w.Text, target: w.Text, count: w.Text) =>
          w.apply(`call $pack${lanes}_${precision}`, source, target, count, w.get("inner"), w.int(4), stride);
        b.put(pack(w.get("a"), w.get("packedA"), w.get("full")));
        // The last panel ends with the last row: some of its rows are in the one before it, too.
        b.when(w.get("rest"), () => {
          const last = w.apply("i32.shl", w.apply("i32.sub", w.get("rows"), w.int(lanes)), w.int(2));
          const place = w.apply("i32.shl", times(w.get("full"), w.get("terms")), w.int(2));
          b.put(
            pack(
              w.apply("i32.add", w.get("a"), last),
              w.apply("i32.add", w.get("packedA"), place),
              w.int(lanes),
            ),
          );
        });
        b.put(finished(w.get("packedA")));
      }
      for (const pointer of ["a", "b", "c"]) b.put(w.advance(pointer, w.get(`${pointer}Step`)));
    });
  });
}

/** Text of the kernels. */
export function batchKernels(): readonly w.Text[] {
  const precisions: readonly Precision[] = ["high", "highest"];
  return precisions.flatMap((
    precision,
  ) => [batchKernel("rows", precision), batchKernel("panels", precision)]);
}
