/**
 * Many short products of one size, each from packing to the finished matrix: where products are small, a call for each of their parts takes as long
 * as they do.
 *
 * @module
 */
import type { Precision } from "../../numbers/mod.ts";
import {
  advance,
  apply,
  defineFunction,
  get,
  int,
  integers,
  set,
  splatBits,
  store,
  type Text,
} from "./builder.ts";
import { COLUMNS, ROWS, UNROLL } from "./packing.ts";

/**
 * `batches_<factors>_<precision>(a, aStep, b, bStep, c, cStep, count, rows, columns, inner, bLane, bK, packedA, packedB)`: products of at most 256 terms,
 * of a row-major A read as it is (`rows`) or transposed (`panels`), into a row-major C; columns of B lie `bLane` bytes apart, its k `bK`. There
 * is a full panel of rows at least, and columns are a multiple of 8.
 */
function batchKernel(factors: "rows" | "panels", precision: Precision): Text {
  const parameters = integers(
    ...["a", "aStep", "b", "bStep", "c", "cStep", "count", "rows", "columns", "inner"],
    ...["bLane", "bK", "packedA", "packedB"],
  );
  const lanes = ROWS[precision];
  return defineFunction({ name: `batches_${factors}_${precision}`, parameters }, (b) => {
    ["elements", "terms", "panels", "row", "rest", "full"].forEach((local) => b.declare(local, "i32"));
    const times = (x: Text, y: Text) => apply("i32.mul", x, y);
    b.put(set("elements", times(get("rows"), get("inner"))));
    b.put(set("terms", apply("i32.and", apply("i32.add", get("inner"), int(UNROLL - 1)), int(-UNROLL))));
    b.put(set("panels", apply("i32.div_u", get("columns"), int(COLUMNS))));
    b.put(set("row", apply("i32.shl", get("columns"), int(2))));
    b.put(set("rest", apply("i32.rem_u", get("rows"), int(lanes))));
    b.put(set("full", apply("i32.sub", get("rows"), get("rest"))));
    const finished = (...a: readonly Text[]) =>
      apply(
        `call $${factors}_finished_${precision}`,
        ...a,
        ...["rows", "packedB", "panels", "terms", "c", "row"].map(get),
        int(0),
      );
    b.times("count", () => {
      b.put(
        apply(
          `call $pack${COLUMNS}_${precision}`,
          ...["b", "packedB", "columns", "inner", "bLane", "bK"].map(get),
        ),
      );
      if (factors === "rows") {
        const vectors = apply("i32.shr_u", apply("i32.add", get("elements"), int(3)), int(2));
        b.put(apply(`call $factors_${precision}`, get("packedA"), get("a"), vectors));
        // Up to three factors beyond the last row are read: they must be finite.
        b.put(
          store(apply("i32.add", get("packedA"), apply("i32.shl", get("elements"), int(2))), splatBits(0)),
        );
        b.put(finished(get("packedA"), apply("i32.shl", get("inner"), int(2))));
      } else {
        const stride = apply("i32.shl", get("rows"), int(2));
        const pack = (source: Text, target: Text, count: Text) =>
          apply(`call $pack${lanes}_${precision}`, source, target, count, get("inner"), int(4), stride);
        b.put(pack(get("a"), get("packedA"), get("full")));
        // The last panel ends with the last row: some of its rows are in the one before it, too.
        b.when(get("rest"), () => {
          const last = apply("i32.shl", apply("i32.sub", get("rows"), int(lanes)), int(2));
          const place = apply("i32.shl", times(get("full"), get("terms")), int(2));
          b.put(pack(apply("i32.add", get("a"), last), apply("i32.add", get("packedA"), place), int(lanes)));
        });
        b.put(finished(get("packedA")));
      }
      for (const pointer of ["a", "b", "c"]) b.put(advance(pointer, get(`${pointer}Step`)));
    });
  });
}

/** Text of the kernels. */
export function batchKernels(): readonly Text[] {
  const precisions: readonly Precision[] = ["high", "highest"];
  return precisions.flatMap((
    precision,
  ) => [batchKernel("rows", precision), batchKernel("panels", precision)]);
}
