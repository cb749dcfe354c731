/**
 * Sums down columns (SPEC 4): a tile of 16 columns at a time, 32 lanes of each in scratch memory.
 *
 * @module
 */
import { REDUCTION_BLOCK, REDUCTION_LANES } from "../../numbers/mod.ts";
import * as w from "./builder.ts";
import * as f from "./vector_functions.ts";

/** Columns of a tile: one cache line. */
const TILE_VECTORS = 4;
const TILE_BYTES = TILE_VECTORS * 16;
const LANES_BYTES = REDUCTION_LANES * TILE_BYTES;

/** Bytes of scratch that the kernel needs: the lanes, and a tile for each level of the tree over blocks. */
export const COLUMN_SCRATCH_BYTES = LANES_BYTES + 32 * TILE_BYTES;

/**
 * `tileBlock(p, count, row, out, lanes)`: at most 2048 rows of a tile. Of fewer than 32 rows only the lanes up to the next
 * power of two are folded: the others are +0, which changes no sum.
 */
function tileBlock(): w.Text {
  const parameters = w.integers("p", "count", "row", "out", "lanes");
  return w.defineFunction({ name: "tileBlock", exported: false, parameters }, (b) => {
    ["lane", "end", "half", "left"].forEach((local) => b.declare(local, "i32"));
    const most = w.int(REDUCTION_LANES);
    const used = w.apply("select", most, w.get("count"), w.apply("i32.gt_s", w.get("count"), most));
    const exponent = w.apply("i32.sub", w.int(32), w.apply("i32.clz", w.apply("i32.sub", used, w.int(1))));
    b.put(w.set("half", w.apply("i32.shl", w.int(TILE_BYTES), exponent)));
    b.put(w.apply("memory.fill", w.get("lanes"), w.int(0), w.get("half")));
    b.put(w.set("lane", w.get("lanes")));
    b.put(w.set("end", w.apply("i32.add", w.get("lanes"), w.int(LANES_BYTES))));
    b.times("count", () => {
      for (let i = 0; i < TILE_VECTORS; i++) {
        b.put(
          w.store(
            w.get("lane"),
            w.apply("f32x4.add", w.load(w.get("lane"), i * 16), w.load(w.get("p"), i * 16)),
            i * 16,
          ),
        );
      }
      b.put(w.advance("p", w.get("row")));
      b.put(w.advance("lane", TILE_BYTES));
      const wrapped = w.apply("i32.eq", w.get("lane"), w.get("end"));
      b.put(w.set("lane", w.apply("select", w.get("lanes"), w.get("lane"), wrapped)));
    });
    b.put(`(block $folded (loop $fold (br_if $folded (i32.le_u ${w.get("half")} (i32.const ${TILE_BYTES})))`);
    b.put(w.set("half", w.apply("i32.shr_u", w.get("half"), w.int(1))));
    b.put(w.set("lane", w.get("lanes")));
    b.put(w.set("left", w.apply("i32.shr_u", w.get("half"), w.int(4))));
    b.times("left", () => {
      const other = w.apply("i32.add", w.get("lane"), w.get("half"));
      b.put(w.store(w.get("lane"), w.apply("f32x4.add", w.load(w.get("lane")), w.load(other))));
      b.put(w.advance("lane", 16));
    });
    b.put("(br $fold)))");
    for (let i = 0; i < TILE_VECTORS; i++) {
      b.put(w.store(w.get("out"), w.load(w.get("lanes"), i * 16), i * 16));
    }
  });
}

/** `tileSum(p, count, row, out, lanes)`: all rows of a tile; `out` is the bottom of a stack of tiles. */
function tileSum(): w.Text {
  const parameters = w.integers("p", "count", "row", "out", "lanes");
  return w.defineFunction({ name: "tileSum", exported: false, parameters }, (b) => {
    b.declare("split", "i32");
    const part = (callee: string, p: w.Text, count: w.Text, out: w.Text) =>
      w.apply(`call $${callee}`, p, count, w.get("row"), out, w.get("lanes"));
    b.when(w.apply("i32.le_s", w.get("count"), w.int(REDUCTION_BLOCK)), () => {
      b.put(part("tileBlock", w.get("p"), w.get("count"), w.get("out")));
    }, () => {
      b.put(w.set("split", w.int(REDUCTION_BLOCK)));
      const doubled = w.apply("i32.shl", w.get("split"), w.int(1));
      b.put(`(loop $grow (if ${w.apply("i32.lt_s", doubled, w.get("count"))} (then
        ${w.set("split", doubled)} (br $grow))))`);
      const above = w.apply("i32.add", w.get("out"), w.int(TILE_BYTES));
      b.put(part("tileSum", w.get("p"), w.get("split"), w.get("out")));
      const second = w.apply("i32.add", w.get("p"), w.apply("i32.mul", w.get("split"), w.get("row")));
      b.put(part("tileSum", second, w.apply("i32.sub", w.get("count"), w.get("split")), above));
      for (let i = 0; i < TILE_VECTORS; i++) {
        b.put(
          w.store(
            w.get("out"),
            w.apply("f32x4.add", w.load(w.get("out"), i * 16), w.load(above, i * 16)),
            i * 16,
          ),
        );
      }
    });
  });
}

/** `sumColumns(out, p, rows, columns, scratch, divisor)`: canonical sums of columns, divided unless the divisor is 0. */
function sumColumns(): w.Text {
  const parameters = [...w.integers("out", "p", "rows", "columns", "scratch"), ["divisor", "f32"]] as const;
  return w.defineFunction({ name: "sumColumns", parameters }, (b) => {
    ["row", "tile", "left", "q"].forEach((local) => b.declare(local, "i32"));
    b.declare("x", "v128");
    b.put(w.set("row", w.apply("i32.shl", w.get("columns"), w.int(2))));
    b.put(w.set("tile", w.apply("i32.add", w.get("scratch"), w.int(LANES_BYTES))));
    b.put(`(block $done (loop $next (br_if $done (i32.le_s ${w.get("columns")} (i32.const 0)))`);
    b.put(w.apply("call $tileSum", w.get("p"), w.get("rows"), w.get("row"), w.get("tile"), w.get("scratch")));
    b.put(
      w.set(
        "left",
        w.apply("select", w.int(16), w.get("columns"), w.apply("i32.gt_s", w.get("columns"), w.int(16))),
      ),
    );
    b.put(w.set("q", w.get("tile")));
    b.times("left", () => {
      b.put(w.set("x", f.canonical(b, b.vector(w.apply("v128.load32_splat", w.get("q"))))));
      b.when(w.apply("f32.ne", w.get("divisor"), "(f32.const 0)"), () => {
        b.put(w.set("x", f.divide(b, w.get("x"), w.apply("f32x4.splat", w.get("divisor")))));
      });
      b.put(`(v128.store32_lane 0 ${w.get("out")} ${w.get("x")})`);
      b.put(w.advance("q", 4));
      b.put(w.advance("out", 4));
    });
    b.put(w.advance("p", TILE_BYTES));
    b.put(w.advance("columns", -16));
    b.put("(br $next)))");
  });
}

/** Text of the kernels of column sums. */
export function columnKernels(): readonly w.Text[] {
  return [tileBlock(), tileSum(), sumColumns()];
}
