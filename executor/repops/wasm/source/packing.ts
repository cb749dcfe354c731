/**
 * Packing operands of a product into panels (SPEC 3.1 applied on the way): for each k the factors of one panel's lanes side by
 * side, where a lane is a row of A or a column of B. Missing lanes and a k count short of a multiple of 4 are filled with +0,
 * which does not change a sum's bits.
 *
 * @module
 */
import { FACTOR_LARGEST_BITS, FACTOR_SMALLEST_BITS, type Precision } from "../../numbers/mod.ts";
import * as w from "./builder.ts";

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
function vectorFactor(b: w.Builder, x: w.Text, precision: Precision): w.Text {
  const m = b.vector(
    w.apply("i32x4.min_u", w.apply("v128.and", x, w.splatBits(MAGNITUDE)), w.splatBits(FACTOR_LARGEST_BITS)),
  );
  const last = w.apply("v128.and", w.apply("i32x4.shr_u", m, w.int(12)), w.splatBits(1));
  const rounded = w.apply(
    "v128.and",
    w.apply("i32x4.add", w.apply("i32x4.add", m, w.splatBits(0x7ff)), last),
    w.splatBits(0xfffff000),
  );
  const kept = w.apply("i32x4.gt_s", m, w.splatBits(FACTOR_SMALLEST_BITS - 1));
  const sign = w.apply("v128.andnot", x, w.splatBits(MAGNITUDE));
  const magnitude = precision === "high" ? rounded : m;
  return b.vector(w.apply("v128.and", w.apply("v128.or", sign, magnitude), kept));
}

/** One canonical value, as bits, made a factor. */
function scalarFactor(b: w.Builder, x: w.Text, precision: Precision): w.Text {
  return w.apply("i32x4.extract_lane 0", vectorFactor(b, w.apply("i32x4.splat", x), precision));
}

/** `pack<lanes>_<precision>(source, target, lanes, count, laneStride, kStride)`, strides in bytes. */
function packKernel(width: number, precision: Precision): w.Text {
  const parameters = w.integers("source", "target", "lanes", "count", "laneStride", "kStride");
  return w.defineFunction({ name: `pack${width}_${precision}`, parameters }, (b) => {
    ["p", "q", "k", "lane", "rest", "padded"].forEach((local) => b.declare(local, "i32"));
    b.declare("x", "v128");
    const roundedUp = w.apply(
      "i32.and",
      w.apply("i32.add", w.get("count"), w.int(UNROLL - 1)),
      w.int(-UNROLL),
    );
    b.put(w.set("padded", roundedUp));
    const panelBytes = w.apply("i32.mul", w.get("padded"), w.int(width * 4));
    b.put("(block $done (loop $panel");
    b.put(`(br_if $done (i32.le_s ${w.get("lanes")} (i32.const 0)))`);
    const full = w.apply("i32.ge_s", w.get("lanes"), w.int(width));
    const along = w.apply("i32.eq", w.get("laneStride"), w.int(4));
    b.when(w.apply("i32.and", full, along), () => packAcross(b, width, precision), () => {
      b.put(w.apply("memory.fill", w.get("target"), w.int(0), panelBytes));
      b.put(w.set("rest", w.apply("select", w.int(width), w.get("lanes"), full)));
      b.put(w.set("lane", w.int(0)));
      b.times("rest", () => packLane(b, width, precision));
    });
    b.put(w.advance("source", w.apply("i32.mul", w.get("laneStride"), w.int(width))));
    b.put(w.advance("target", panelBytes));
    b.put(w.set("lanes", w.apply("i32.sub", w.get("lanes"), w.int(width))));
    b.put("(br $panel)))");
  });
}

/** A full panel whose lanes lie side by side: one or two vectors for each k. */
function packAcross(b: w.Builder, width: number, precision: Precision): void {
  b.put(w.set("p", w.get("source")));
  b.put(w.set("q", w.get("target")));
  b.put(w.set("k", w.get("count")));
  b.times("k", () => {
    b.put(w.store(w.get("q"), vectorFactor(b, w.load(w.get("p")), precision)));
    const partial: Readonly<Record<number, readonly [string, string]>> = {
      4: ["v128.load", "v128.store"],
      2: ["v128.load64_zero", "v128.store64_lane"],
      1: ["v128.load32_zero", "v128.store32_lane"],
    };
    const [loadPart = "", storePart = ""] = partial[width - 4] ?? [];
    const rest = vectorFactor(b, `(${loadPart} offset=16 ${w.get("p")})`, precision);
    const lane = width === COLUMNS ? "" : "0";
    b.put(`(${storePart} offset=16 ${lane} ${w.get("q")} ${rest})`);
    b.put(w.advance("p", w.get("kStride")));
    b.put(w.advance("q", width * 4));
  });
  b.put(w.apply(
    "memory.fill",
    w.get("q"),
    w.int(0),
    w.apply("i32.mul", w.apply("i32.sub", w.get("padded"), w.get("count")), w.int(width * 4)),
  ));
}

/** One lane of a panel: vectors of four k where they lie side by side, else one at a time. */
function packLane(b: w.Builder, width: number, precision: Precision): void {
  b.put(
    w.set("p", w.apply("i32.add", w.get("source"), w.apply("i32.mul", w.get("lane"), w.get("laneStride")))),
  );
  b.put(w.set("q", w.apply("i32.add", w.get("target"), w.apply("i32.shl", w.get("lane"), w.int(2)))));
  b.put(w.set("k", w.get("count")));
  b.when(w.apply("i32.eq", w.get("kStride"), w.int(4)), () => {
    b.put(w.set("k", w.apply("i32.shr_u", w.get("count"), w.int(2))));
    b.times("k", () => {
      const x = vectorFactor(b, w.load(w.get("p")), precision);
      [0, 1, 2, 3].forEach((i) =>
        b.put(`(v128.store32_lane offset=${i * width * 4} ${i} ${w.get("q")} ${x})`)
      );
      b.put(w.advance("p", 16));
      b.put(w.advance("q", width * 16));
    });
    b.put(w.set("k", w.apply("i32.and", w.get("count"), w.int(3))));
  });
  b.times("k", () => {
    b.put(w.apply("i32.store", w.get("q"), scalarFactor(b, w.apply("i32.load", w.get("p")), precision)));
    b.put(w.advance("p", w.get("kStride")));
    b.put(w.advance("q", width * 4));
  });
  b.put(w.advance("lane", 1));
}

/**
 * `factors_<precision>(out, a, vectors)`: values made factors in place of packing them, for the padded image of a convolution.
 */
function factorsKernel(precision: Precision): w.Text {
  return w.defineFunction(
    { name: `factors_${precision}`, parameters: w.integers("out", "a", "vectors") },
    (b) => {
      b.times("vectors", () => {
        b.put(w.store(w.get("out"), vectorFactor(b, b.vector(w.load(w.get("a"))), precision)));
        b.put(w.advance("a", 16));
        b.put(w.advance("out", 16));
      });
    },
  );
}

/**
 * `gather(base, columns, taps, target, panels, count)`: packs panels of B from factors at `base + columns[j] + taps[k]`, both
 * tables of byte offsets.
 */
function gatherKernel(): w.Text {
  const parameters = w.integers("base", "columns", "taps", "target", "panels", "count");
  return w.defineFunction({ name: "gather", parameters }, (b) => {
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
            w.set(
              lane,
              w.apply("i32.add", w.get("base"), `(i32.load offset=${offset + i * 4} ${w.get("columns")})`),
            ),
          )
        );
        const consecutive = lanes.slice(1).map((lane, i) =>
          w.apply("i32.eq", w.get(lane), w.apply("i32.add", w.get(lanes[0] ?? ""), w.int(4 * (i + 1))))
        );
        b.put(w.set(close, consecutive.reduce((all, next) => w.apply("i32.and", all, next))));
      }
      b.put(w.advance("columns", COLUMNS * 4));
      b.put(w.set("t", w.get("taps")));
      b.put(w.set("k", w.get("count")));
      b.times("k", () => {
        b.put(w.set("offset", w.apply("i32.load", w.get("t"))));
        const at = (lane: string) => w.apply("i32.add", w.get(lane), w.get("offset"));
        for (const { lanes, close, offset } of halves) {
          b.when(
            w.get(close),
            () => b.put(w.store(w.get("target"), w.load(at(lanes[0] ?? "")), offset)),
            () =>
              lanes.forEach((lane, i) =>
                b.put(
                  `(i32.store offset=${offset + i * 4} ${w.get("target")} ${w.apply("i32.load", at(lane))})`,
                )
              ),
          );
        }
        b.put(w.advance("t", 4));
        b.put(w.advance("target", COLUMNS * 4));
      });
      const missing = w.apply("i32.and", w.apply("i32.sub", w.int(0), w.get("count")), w.int(UNROLL - 1));
      b.put(
        w.apply("memory.fill", w.get("target"), w.int(0), w.apply("i32.mul", missing, w.int(COLUMNS * 4))),
      );
      b.put(w.advance("target", w.apply("i32.mul", missing, w.int(COLUMNS * 4))));
    });
  });
}

/** Text of all packing kernels. */
export function packingKernels(): readonly w.Text[] {
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
