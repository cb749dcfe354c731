/**
 * Packing operands of a product into panels (SPEC 3.1 applied on the way): for each k the factors of one panel's lanes side by
 * side, where a lane is a row of A or a column of B. Missing lanes and a k count short of a multiple of 4 are filled with +0,
 * which does not change a sum's bits.
 *
 * @module
 */
import { FACTOR_LARGEST_BITS, FACTOR_SMALLEST_BITS, type Precision } from "../../numbers/mod.ts";
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

/** Lanes of a panel of A: as many rows of accumulators as the registers allow beside the operands. */
export const ROWS: Readonly<Record<Precision, number>> = { high: 6, highest: 5 };
/** Rows of a tile of an integer product. */
export const INTEGER_ROWS = 6;
/** Lanes of a panel of B: two vectors. */
export const COLUMNS = 8;
/** The inner loop of a product is unrolled this often. */
export const UNROLL = 4;

const MAGNITUDE = 0x7fffffff;

/** Four canonical values made factors. */
function vectorFactor(b: Builder, x: Text, precision: Precision): Text {
  const m = b.vector(
    apply("i32x4.min_u", apply("v128.and", x, splatBits(MAGNITUDE)), splatBits(FACTOR_LARGEST_BITS)),
  );
  const last = apply("v128.and", apply("i32x4.shr_u", m, int(12)), splatBits(1));
  const rounded = apply(
    "v128.and",
    apply("i32x4.add", apply("i32x4.add", m, splatBits(0x7ff)), last),
    splatBits(0xfffff000),
  );
  const kept = apply("i32x4.gt_s", m, splatBits(FACTOR_SMALLEST_BITS - 1));
  const sign = apply("v128.andnot", x, splatBits(MAGNITUDE));
  const magnitude = precision === "high" ? rounded : m;
  return b.vector(apply("v128.and", apply("v128.or", sign, magnitude), kept));
}

/** One canonical value, as bits, made a factor. */
function scalarFactor(b: Builder, x: Text, precision: Precision): Text {
  return apply("i32x4.extract_lane 0", vectorFactor(b, apply("i32x4.splat", x), precision));
}

/** `pack<lanes>_<precision>(source, target, lanes, count, laneStride, kStride)`, strides in bytes. */
function packKernel(width: number, precision: Precision): Text {
  const parameters = integers("source", "target", "lanes", "count", "laneStride", "kStride");
  return defineFunction({ name: `pack${width}_${precision}`, parameters }, (b) => {
    ["p", "q", "k", "lane", "rest", "padded"].forEach((local) => b.declare(local, "i32"));
    b.declare("x", "v128");
    const roundedUp = apply("i32.and", apply("i32.add", get("count"), int(UNROLL - 1)), int(-UNROLL));
    b.put(set("padded", roundedUp));
    const panelBytes = apply("i32.mul", get("padded"), int(width * 4));
    b.put("(block $done (loop $panel");
    b.put(`(br_if $done (i32.le_s ${get("lanes")} (i32.const 0)))`);
    const full = apply("i32.ge_s", get("lanes"), int(width));
    const along = apply("i32.eq", get("laneStride"), int(4));
    b.when(apply("i32.and", full, along), () => packAcross(b, width, precision), () => {
      b.put(apply("memory.fill", get("target"), int(0), panelBytes));
      b.put(set("rest", apply("select", int(width), get("lanes"), full)));
      b.put(set("lane", int(0)));
      b.times("rest", () => packLane(b, width, precision));
    });
    b.put(advance("source", apply("i32.mul", get("laneStride"), int(width))));
    b.put(advance("target", panelBytes));
    b.put(set("lanes", apply("i32.sub", get("lanes"), int(width))));
    b.put("(br $panel)))");
  });
}

/** A full panel whose lanes lie side by side: one or two vectors for each k. */
function packAcross(b: Builder, width: number, precision: Precision): void {
  b.put(set("p", get("source")));
  b.put(set("q", get("target")));
  b.put(set("k", get("count")));
  b.times("k", () => {
    b.put(store(get("q"), vectorFactor(b, load(get("p")), precision)));
    const partial: Readonly<Record<number, readonly [string, string]>> = {
      4: ["v128.load", "v128.store"],
      2: ["v128.load64_zero", "v128.store64_lane"],
      1: ["v128.load32_zero", "v128.store32_lane"],
    };
    const [loadPart = "", storePart = ""] = partial[width - 4] ?? [];
    const rest = vectorFactor(b, `(${loadPart} offset=16 ${get("p")})`, precision);
    const lane = width === COLUMNS ? "" : "0";
    b.put(`(${storePart} offset=16 ${lane} ${get("q")} ${rest})`);
    b.put(advance("p", get("kStride")));
    b.put(advance("q", width * 4));
  });
  b.put(apply(
    "memory.fill",
    get("q"),
    int(0),
    apply("i32.mul", apply("i32.sub", get("padded"), get("count")), int(width * 4)),
  ));
}

/** One lane of a panel: vectors of four k where they lie side by side, else one at a time. */
function packLane(b: Builder, width: number, precision: Precision): void {
  b.put(set("p", apply("i32.add", get("source"), apply("i32.mul", get("lane"), get("laneStride")))));
  b.put(set("q", apply("i32.add", get("target"), apply("i32.shl", get("lane"), int(2)))));
  b.put(set("k", get("count")));
  b.when(apply("i32.eq", get("kStride"), int(4)), () => {
    b.put(set("k", apply("i32.shr_u", get("count"), int(2))));
    b.times("k", () => {
      const x = vectorFactor(b, load(get("p")), precision);
      [0, 1, 2, 3].forEach((i) => b.put(`(v128.store32_lane offset=${i * width * 4} ${i} ${get("q")} ${x})`));
      b.put(advance("p", 16));
      b.put(advance("q", width * 16));
    });
    b.put(set("k", apply("i32.and", get("count"), int(3))));
  });
  b.times("k", () => {
    b.put(apply("i32.store", get("q"), scalarFactor(b, apply("i32.load", get("p")), precision)));
    b.put(advance("p", get("kStride")));
    b.put(advance("q", width * 4));
  });
  b.put(advance("lane", 1));
}

/**
 * `factors_<precision>(out, a, vectors)`: values made factors in place of packing them, for the padded image of a convolution.
 */
function factorsKernel(precision: Precision): Text {
  return defineFunction(
    { name: `factors_${precision}`, parameters: integers("out", "a", "vectors") },
    (b) => {
      b.times("vectors", () => {
        b.put(store(get("out"), vectorFactor(b, b.vector(load(get("a"))), precision)));
        b.put(advance("a", 16));
        b.put(advance("out", 16));
      });
    },
  );
}

/**
 * `gather(base, columns, taps, target, panels, count)`: packs panels of B from factors at `base + columns[j] + taps[k]`, both
 * tables of byte offsets.
 */
function gatherKernel(): Text {
  const parameters = integers("base", "columns", "taps", "target", "panels", "count");
  return defineFunction({ name: "gather", parameters }, (b) => {
    ["k", "t", "offset"].forEach((local) => b.declare(local, "i32"));
    const halves = [0, 1].map((half) => ({
      lanes: [0, 1, 2, 3].map((lane) => `c${half * 4 + lane}`),
      close: `close${half}`,
      offset: half * 16,
    }));
    halves.forEach(({ lanes, close }) => [...lanes, close].forEach((local) => b.declare(local, "i32")));
    b.times("panels", () => {
      for (const { lanes, close, offset } of halves) {
        lanes.forEach((lane, i) =>
          b.put(
            set(lane, apply("i32.add", get("base"), `(i32.load offset=${offset + i * 4} ${get("columns")})`)),
          )
        );
        const consecutive = lanes.slice(1).map((lane, i) =>
          apply("i32.eq", get(lane), apply("i32.add", get(lanes[0] ?? ""), int(4 * (i + 1))))
        );
        b.put(set(close, consecutive.reduce((all, next) => apply("i32.and", all, next))));
      }
      b.put(advance("columns", COLUMNS * 4));
      b.put(set("t", get("taps")));
      b.put(set("k", get("count")));
      b.times("k", () => {
        b.put(set("offset", apply("i32.load", get("t"))));
        const at = (lane: string) => apply("i32.add", get(lane), get("offset"));
        for (const { lanes, close, offset } of halves) {
          b.when(
            get(close),
            () => b.put(store(get("target"), load(at(lanes[0] ?? "")), offset)),
            () =>
              lanes.forEach((lane, i) =>
                b.put(`(i32.store offset=${offset + i * 4} ${get("target")} ${apply("i32.load", at(lane))})`)
              ),
          );
        }
        b.put(advance("t", 4));
        b.put(advance("target", COLUMNS * 4));
      });
      const missing = apply("i32.and", apply("i32.sub", int(0), get("count")), int(UNROLL - 1));
      b.put(apply("memory.fill", get("target"), int(0), apply("i32.mul", missing, int(COLUMNS * 4))));
      b.put(advance("target", apply("i32.mul", missing, int(COLUMNS * 4))));
    });
  });
}

/** Text of all packing kernels. */
export function packingKernels(): readonly Text[] {
  const precisions: readonly Precision[] = ["high", "highest"];
  return [
    ...precisions.flatMap((precision) => [
      packKernel(ROWS[precision], precision),
      packKernel(COLUMNS, precision),
      factorsKernel(precision),
    ]),
    gatherKernel(),
  ];
}
