/**
 * Sums down columns (SPEC 4): a tile of 16 columns at a time, 32 lanes of each in scratch memory.
 *
 * @module
 */
import { REDUCTION_BLOCK, REDUCTION_LANES } from "../../numbers/mod.ts";
import {
  advance,
  apply,
  defineFunction,
  get,
  int,
  integers,
  load,
  set,
  store,
  type Text,
} from "./builder.ts";
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
function tileBlock(): Text {
  const parameters = integers("p", "count", "row", "out", "lanes");
  return defineFunction({ name: "tileBlock", exported: false, parameters }, (b) => {
    ["lane", "end", "half", "left"].forEach((local) => b.declare(local, "i32"));
    const most = int(REDUCTION_LANES);
    const used = apply("select", most, get("count"), apply("i32.gt_s", get("count"), most));
    const exponent = apply("i32.sub", int(32), apply("i32.clz", apply("i32.sub", used, int(1))));
    b.put(set("half", apply("i32.shl", int(TILE_BYTES), exponent)));
    b.put(apply("memory.fill", get("lanes"), int(0), get("half")));
    b.put(set("lane", get("lanes")));
    b.put(set("end", apply("i32.add", get("lanes"), int(LANES_BYTES))));
    b.times("count", () => {
      for (let i = 0; i < TILE_VECTORS; i++) {
        b.put(
          store(get("lane"), apply("f32x4.add", load(get("lane"), i * 16), load(get("p"), i * 16)), i * 16),
        );
      }
      b.put(advance("p", get("row")));
      b.put(advance("lane", TILE_BYTES));
      const wrapped = apply("i32.eq", get("lane"), get("end"));
      b.put(set("lane", apply("select", get("lanes"), get("lane"), wrapped)));
    });
    b.put(`(block $folded (loop $fold (br_if $folded (i32.le_u ${get("half")} (i32.const ${TILE_BYTES})))`);
    b.put(set("half", apply("i32.shr_u", get("half"), int(1))));
    b.put(set("lane", get("lanes")));
    b.put(set("left", apply("i32.shr_u", get("half"), int(4))));
    b.times("left", () => {
      const other = apply("i32.add", get("lane"), get("half"));
      b.put(store(get("lane"), apply("f32x4.add", load(get("lane")), load(other))));
      b.put(advance("lane", 16));
    });
    b.put("(br $fold)))");
    for (let i = 0; i < TILE_VECTORS; i++) {
      b.put(store(get("out"), load(get("lanes"), i * 16), i * 16));
    }
  });
}

/** `tileSum(p, count, row, out, lanes)`: all rows of a tile; `out` is the bottom of a stack of tiles. */
function tileSum(): Text {
  const parameters = integers("p", "count", "row", "out", "lanes");
  return defineFunction({ name: "tileSum", exported: false, parameters }, (b) => {
    b.declare("split", "i32");
    const part = (callee: string, p: Text, count: Text, out: Text) =>
      apply(`call $${callee}`, p, count, get("row"), out, get("lanes"));
    b.when(apply("i32.le_s", get("count"), int(REDUCTION_BLOCK)), () => {
      b.put(part("tileBlock", get("p"), get("count"), get("out")));
    }, () => {
      b.put(set("split", int(REDUCTION_BLOCK)));
      const doubled = apply("i32.shl", get("split"), int(1));
      b.put(`(loop $grow (if ${apply("i32.lt_s", doubled, get("count"))} (then
        ${set("split", doubled)} (br $grow))))`);
      const above = apply("i32.add", get("out"), int(TILE_BYTES));
      b.put(part("tileSum", get("p"), get("split"), get("out")));
      const second = apply("i32.add", get("p"), apply("i32.mul", get("split"), get("row")));
      b.put(part("tileSum", second, apply("i32.sub", get("count"), get("split")), above));
      for (let i = 0; i < TILE_VECTORS; i++) {
        b.put(store(get("out"), apply("f32x4.add", load(get("out"), i * 16), load(above, i * 16)), i * 16));
      }
    });
  });
}

/** `sumColumns(out, p, rows, columns, scratch, divisor)`: canonical sums of columns, divided unless the divisor is 0. */
function sumColumns(): Text {
  const parameters = [...integers("out", "p", "rows", "columns", "scratch"), ["divisor", "f32"]] as const;
  return defineFunction({ name: "sumColumns", parameters }, (b) => {
    ["row", "tile", "left", "q"].forEach((local) => b.declare(local, "i32"));
    b.declare("x", "v128");
    b.put(set("row", apply("i32.shl", get("columns"), int(2))));
    b.put(set("tile", apply("i32.add", get("scratch"), int(LANES_BYTES))));
    b.put(`(block $done (loop $next (br_if $done (i32.le_s ${get("columns")} (i32.const 0)))`);
    b.put(apply("call $tileSum", get("p"), get("rows"), get("row"), get("tile"), get("scratch")));
    b.put(set("left", apply("select", int(16), get("columns"), apply("i32.gt_s", get("columns"), int(16)))));
    b.put(set("q", get("tile")));
    b.times("left", () => {
      b.put(set("x", f.canonical(b, b.vector(apply("v128.load32_splat", get("q"))))));
      b.when(apply("f32.ne", get("divisor"), "(f32.const 0)"), () => {
        b.put(set("x", f.divide(b, get("x"), apply("f32x4.splat", get("divisor")))));
      });
      b.put(`(v128.store32_lane 0 ${get("out")} ${get("x")})`);
      b.put(advance("q", 4));
      b.put(advance("out", 4));
    });
    b.put(advance("p", TILE_BYTES));
    b.put(advance("columns", -16));
    b.put("(br $next)))");
  });
}

/** Text of the kernels of column sums. */
export function columnKernels(): readonly Text[] {
  return [tileBlock(), tileSum(), sumColumns()];
}
