/**
 * The inner kernels of a product (SPEC 3.2): tiles of sums over one block of k, from factors of A in panels or in rows. They are added up
 * in memory, where `finish` makes the totals canonical, or finished at once where one block is all.
 *
 * @module
 */
import type { Precision } from "../../numbers/mod.ts";
import * as w from "./builder.ts";
import { COLUMNS, INTEGER_ROWS, ROWS, UNROLL } from "./packing.ts";
import * as f from "./vector_functions.ts";

const VECTORS = COLUMNS / 4;

/** What factors are: floats of a precision, or pairs of 16-bit integers, of which a step takes two k at once. */
type Arithmetic = Precision | "integer";

/** Rows of a tile. */
const TILE_ROWS: Readonly<Record<Arithmetic, number>> = { ...ROWS, integer: INTEGER_ROWS };

/** One accumulation s + a * b. In `high` the product is exact, so that fused and unfused agree and the faster may be used. */
function accumulate(arithmetic: Arithmetic, a: w.Text, x: w.Text, sum: w.Text): w.Text {
  switch (arithmetic) {
    case "high":
      return w.apply("f32x4.relaxed_madd", a, x, sum);
    case "highest":
      return w.apply("f32x4.add", sum, w.apply("f32x4.mul", a, x));
    case "integer":
      return w.apply("i32x4.add", sum, w.apply("i32x4.dot_i16x8_s", a, x));
  }
}

/** How a kernel reads the factors of A that one tile needs. */
interface FactorReader {
  /** Parameters of the kernel that say where they are. */
  readonly parameters: readonly string[];
  /** Declares locals, before any tile. */
  prepare(b: w.Builder): void;
  /** Goes to the first panel of rows. */
  rewind(b: w.Builder): void;
  /** Goes to the panel that begins at row `row`, a local. */
  enter(b: w.Builder): void;
  /** The factor of one row of the panel, four times, some steps of k ahead. */
  factor(row: number, step: number): w.Text;
  /** Moves on by the steps of one turn of the loop. */
  advance(b: w.Builder): void;
}

/** Factors packed panel by panel: for each k those of the panel's rows side by side. */
function packedFactors(rows: number): FactorReader {
  return {
    parameters: ["a"],
    prepare: (b) => b.declare("p", "i32"),
    rewind: (b) => b.put(w.set("p", w.get("a"))),
    enter: () => {},
    factor: (row, step) => `(v128.load32_splat offset=${(step * rows + row) * 4} ${w.get("p")})`,
    advance: (b) => b.put(w.advance("p", rows * 4 * UNROLL)),
  };
}

/**
 * Factors in rows of `aRow` bytes as they lie. Rows of a panel beyond the last repeat it. Up to three factors beyond a row's end are
 * read: they meet zeros of B.
 */
function factorsInRows(rows: number): FactorReader {
  const pointers = Array.from({ length: rows }, (_, i) => `p${i}`);
  return {
    parameters: ["a", "aRow"],
    prepare: (b) => {
      [...pointers, "last", "p"].forEach((local) => b.declare(local, "i32"));
      const lastRow = w.apply("i32.mul", w.apply("i32.sub", w.get("rows"), w.int(1)), w.get("aRow"));
      b.put(w.set("last", w.apply("i32.add", w.get("a"), lastRow)));
    },
    rewind: () => {},
    enter: (b) => {
      b.put(w.set("p", w.apply("i32.add", w.get("a"), w.apply("i32.mul", w.get("row"), w.get("aRow")))));
      pointers.forEach((pointer) => {
        const past = w.apply("i32.gt_u", w.get("p"), w.get("last"));
        b.put(w.set(pointer, w.apply("select", w.get("last"), w.get("p"), past)));
        b.put(w.advance("p", w.get("aRow")));
      });
    },
    factor: (row, step) => `(v128.load32_splat offset=${step * 4} ${w.get(pointers[row] ?? "")})`,
    advance: (b) => pointers.forEach((pointer) => b.put(w.advance(pointer, 4 * UNROLL))),
  };
}

/** The accumulators of a tile: a row of vectors for each row of the panel of A. */
type Tile = readonly (readonly string[])[];

/** What becomes of a tile's sums. */
interface TileWriter {
  readonly name: string;
  readonly parameters: readonly string[];
  /** Whether the last panel of rows begins early enough to be full, so that no row beyond the last is written. */
  readonly fullPanels: boolean;
  /** Goes to the tile of the panel that begins at row `row`, of the columns that begin at `c`. */
  write(b: w.Builder, sums: Tile): void;
  /** Moves on to the next panel of columns. */
  advance(b: w.Builder): void;
}

/** Sums of one block: stored in C if `first`, else added to what is there. Rows beyond the last panel's are written too. */
const accumulatingWriter = (add: "f32x4.add" | "i32x4.add"): TileWriter => ({
  name: "sum",
  parameters: ["c", "cRow", "first"],
  fullPanels: false,
  write: (b, sums) =>
    b.when(
      w.get("first"),
      () => storeTile(b, sums, (sum) => sum),
      () => storeTile(b, sums, (sum, place) => w.apply(add, w.load(w.get("o"), place), sum)),
    ),
  advance: (b) => b.put(w.advance("c", COLUMNS * 4)),
});

/** Sums of all k, made canonical and, unless `bias` is 0, a bias of one value for each column added: rows of the product itself. */
const finishingWriter: TileWriter = {
  name: "finished",
  parameters: ["c", "cRow", "bias"],
  fullPanels: true,
  write: (b, sums) =>
    b.when(
      w.get("bias"),
      () => storeTile(b, sums, (sum, place) => f.add(b, f.canonical(b, sum), w.load(w.get("bias"), place))),
      () => storeTile(b, sums, (sum) => f.canonical(b, sum)),
    ),
  advance: (b) => {
    b.put(w.advance("c", COLUMNS * 4));
    b.when(w.get("bias"), () => b.put(w.advance("bias", COLUMNS * 4)));
  },
};

/**
 * `<factors>_<writer>_<arithmetic>(<factors' parameters>, rows, b, columnPanels, count, <writer's parameters>)`: for every pair of panels the
 * sum over `count` steps, a multiple of 4: of floats at most 256.
 */
function tilesKernel(name: string, reader: FactorReader, writer: TileWriter, arithmetic: Arithmetic): w.Text {
  const rows = TILE_ROWS[arithmetic];
  const parameters = w.integers(
    ...reader.parameters,
    "rows",
    "b",
    "columnPanels",
    "count",
    ...writer.parameters,
  );
  return w.defineFunction({ name: `${name}_${writer.name}_${arithmetic}`, parameters }, (b) => {
    ["q", "k", "panels", "o", "row", "next"].forEach((local) => b.declare(local, "i32"));
    b.declare("factor", "v128");
    const { sums, operands } = declareTile(b, rows);
    reader.prepare(b);
    b.times("columnPanels", () => {
      const padded = w.apply("i32.add", w.get("rows"), w.int(rows - 1));
      b.put(w.set("panels", w.apply("i32.div_u", padded, w.int(rows))));
      b.put(w.set("next", w.int(0)));
      reader.rewind(b);
      b.times("panels", () => {
        b.put(w.set("row", w.get("next")));
        b.put(w.advance("next", rows));
        if (writer.fullPanels) {
          const past = w.apply("i32.gt_u", w.get("next"), w.get("rows"));
          b.put(
            w.set(
              "row",
              w.apply("select", w.apply("i32.sub", w.get("rows"), w.int(rows)), w.get("row"), past),
            ),
          );
        }
        reader.enter(b);
        sums.flat().forEach((sum) => b.put(w.set(sum, w.splatBits(0))));
        b.put(w.set("q", w.get("b")));
        b.put(w.set("k", w.apply("i32.shr_u", w.get("count"), w.int(31 - Math.clz32(UNROLL)))));
        b.times("k", () => {
          for (let step = 0; step < UNROLL; step++) productStep(b, arithmetic, step, sums, operands, reader);
          reader.advance(b);
          b.put(w.advance("q", COLUMNS * 4 * UNROLL));
        });
        b.put(w.set("o", w.apply("i32.add", w.get("c"), w.apply("i32.mul", w.get("row"), w.get("cRow")))));
        writer.write(b, sums);
      });
      b.put(w.advance("b", w.apply("i32.mul", w.get("count"), w.int(COLUMNS * 4))));
      writer.advance(b);
    });
  });
}

/** Declares the accumulators of a tile and the operands of one k. */
function declareTile(b: w.Builder, rows: number) {
  const sums: Tile = Array.from(
    { length: rows },
    (_, i) => Array.from({ length: VECTORS }, (_, j) => `s${i}_${j}`),
  );
  const operands = Array.from({ length: VECTORS }, (_, j) => `x${j}`);
  [...sums.flat(), ...operands].forEach((local) => b.declare(local, "v128"));
  return { sums, operands };
}

function productStep(
  b: w.Builder,
  arithmetic: Arithmetic,
  step: number,
  sums: Tile,
  operands: readonly string[],
  reader: FactorReader,
): void {
  operands.forEach((x, j) => b.put(w.set(x, w.load(w.get("q"), (step * VECTORS + j) * 16))));
  sums.forEach((row, i) => {
    b.put(w.set("factor", reader.factor(i, step)));
    row.forEach((sum, j) =>
      b.put(w.set(sum, accumulate(arithmetic, w.get("factor"), w.get(operands[j] ?? ""), w.get(sum))))
    );
  });
}

/** Stores a tile at `o`, each vector as `value` makes it of the sum and its byte offset in the row. */
function storeTile(b: w.Builder, sums: Tile, value: (sum: w.Text, offset: number) => w.Text): void {
  for (const row of sums) {
    row.forEach((sum, j) => b.put(w.store(w.get("o"), value(w.get(sum), j * 16), j * 16)));
    b.put(w.advance("o", w.get("cRow")));
  }
}

/** `addVectors(target, source, vectors)`: target + source, rounded: a node of the tree over groups. */
function addKernel(): w.Text {
  return w.defineFunction(
    { name: "addVectors", parameters: w.integers("target", "source", "vectors") },
    (b) => {
      b.times("vectors", () => {
        b.put(
          w.store(w.get("target"), w.apply("f32x4.add", w.load(w.get("target")), w.load(w.get("source")))),
        );
        b.put(w.advance("target", 16));
        b.put(w.advance("source", 16));
      });
    },
  );
}

/** What `finish` adds to the totals. */
const BIASES = ["none", "row", "column"] as const;
type BiasKind = (typeof BIASES)[number];

/**
 * `finish_<bias>(source, sourceRow, target, targetRow, rows, count, bias)`: totals made canonical and, in two of the forms, a bias
 * added: one for each row, or one for each column. Writes nothing beyond the rows.
 */
function finishKernel(kind: BiasKind): w.Text {
  const parameters = w.integers("source", "sourceRow", "target", "targetRow", "rows", "count", "bias");
  return w.defineFunction({ name: `finish_${kind}`, parameters }, (b) => {
    ["p", "q", "vectors", "rest", "shift"].forEach((local) => b.declare(local, "i32"));
    b.declare("added", "v128");
    const result = () => {
      const x = f.canonical(b, b.vector(w.load(w.get("p"))));
      if (kind === "none") return x;
      return f.add(b, x, kind === "row" ? w.get("added") : w.load(w.get("shift")));
    };
    b.put(w.set("rest", w.apply("i32.and", w.get("count"), w.int(3))));
    b.times("rows", () => {
      b.put(w.set("p", w.get("source")));
      b.put(w.set("q", w.get("target")));
      b.put(w.set("shift", w.get("bias")));
      b.put(w.set("vectors", w.apply("i32.shr_u", w.get("count"), w.int(2))));
      if (kind === "row") {
        b.put(w.set("added", w.apply("v128.load32_splat", w.get("bias"))));
        b.put(w.advance("bias", 4));
      }
      b.times("vectors", () => {
        b.put(w.store(w.get("q"), result()));
        ["p", "q", "shift"].forEach((pointer) => b.put(w.advance(pointer, 16)));
      });
      b.when(w.get("rest"), () => w.storeFirst(b, "q", b.vector(result()), "rest"));
      b.put(w.advance("source", w.get("sourceRow")));
      b.put(w.advance("target", w.get("targetRow")));
    });
  });
}

/** Text of all kernels of products. */
export function productKernels(): readonly w.Text[] {
  const precisions: readonly Precision[] = ["high", "highest"];
  return [
    ...precisions.flatMap((precision) =>
      [accumulatingWriter("f32x4.add"), finishingWriter].flatMap((writer) => [
        tilesKernel("panels", packedFactors(ROWS[precision]), writer, precision),
        tilesKernel("rows", factorsInRows(ROWS[precision]), writer, precision),
      ])
    ),
    tilesKernel("rows", factorsInRows(INTEGER_ROWS), accumulatingWriter("i32x4.add"), "integer"),
    addKernel(),
    ...BIASES.map(finishKernel),
  ];
}
