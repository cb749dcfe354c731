/**
 * Handwritten-looking digits, drawn by procedure: each digit is a few strokes, put through a random slant, scale, shift and pen
 * width, with noise on top. A classifier has something real to learn, and nothing needs to be downloaded.
 *
 * @module
 */
import type { Tensor } from "../../executor/mod.ts";
import { seededRandom } from "./seeded_random.ts";

/** Pixels of a side. */
export const DIGIT_SIDE = 16;

/** Classes: the digits 0 to 9. */
export const DIGIT_CLASSES = 10;

type Point = readonly [x: number, y: number];
type Stroke = readonly Point[];

/** A circle or an arc as a stroke: `turns` from `start`, in units of a full turn, clockwise from the right. */
function arc(cx: number, cy: number, rx: number, ry: number, start: number, turns: number): Stroke {
  const points = Math.max(6, Math.ceil(Math.abs(turns) * 20));
  return Array.from({ length: points + 1 }, (_, i): Point => {
    const angle = 2 * Math.PI * (start + turns * i / points);
    return [cx + rx * Math.cos(angle), cy + ry * Math.sin(angle)];
  });
}

/** Strokes of each digit in the unit square, y downwards. */
const GLYPHS: readonly (readonly Stroke[])[] = [
  [arc(0.5, 0.5, 0.32, 0.45, 0, 1)],
  [[[0.32, 0.22], [0.54, 0.05], [0.54, 0.95]]],
  [[...arc(0.5, 0.29, 0.29, 0.24, -0.5, 0.62), [0.22, 0.95], [0.82, 0.95]]],
  [arc(0.46, 0.28, 0.28, 0.23, -0.44, 0.68), arc(0.46, 0.73, 0.31, 0.23, -0.25, 0.7)],
  [[[0.62, 0.05], [0.18, 0.66], [0.86, 0.66]], [[0.66, 0.4], [0.66, 0.95]]],
  [[[0.78, 0.05], [0.3, 0.05], [0.26, 0.44]], arc(0.47, 0.66, 0.31, 0.28, -0.35, 0.75)],
  [[[0.66, 0.04], [0.36, 0.34], [0.21, 0.66]], arc(0.5, 0.7, 0.29, 0.25, 0.5, 1)],
  [[[0.18, 0.06], [0.82, 0.06], [0.42, 0.95]]],
  [arc(0.5, 0.27, 0.25, 0.22, 0, 1), arc(0.5, 0.73, 0.31, 0.23, 0, 1)],
  [arc(0.5, 0.3, 0.28, 0.25, 0, 1), [[0.78, 0.32], [0.7, 0.66], [0.52, 0.95]]],
];

function distanceToSegment(x: number, y: number, [ax, ay]: Point, [bx, by]: Point): number {
  const dx = bx - ax, dy = by - ay;
  const along = Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(x - ax - along * dx, y - ay - along * dy);
}

function drawDigit(digit: number, random: () => number, pixels: Float32Array): void {
  const between = (low: number, high: number) => low + (high - low) * random();
  const width = between(6.5, 10.5), height = between(9.5, 13);
  const slant = between(-0.3, 0.3), pen = between(0.55, 1.05);
  const left = between(1, DIGIT_SIDE - 1 - width), top = between(1, DIGIT_SIDE - 1 - height);
  const place = ([x, y]: Point): Point => [left + width * x + slant * height * (0.5 - y), top + height * y];
  const segments = (GLYPHS[digit] ?? []).flatMap((stroke) => {
    const placed = stroke.map(place);
    return placed.slice(1).map((point, i): readonly [Point, Point] => [placed[i] ?? point, point]);
  });
  for (let row = 0; row < DIGIT_SIDE; row++) {
    for (let column = 0; column < DIGIT_SIDE; column++) {
      let nearest = Infinity;
      for (const [a, b] of segments) {
        nearest = Math.min(nearest, distanceToSegment(column + 0.5, row + 0.5, a, b));
      }
      const ink = Math.min(1, Math.max(0, 1 + pen - nearest));
      pixels[row * DIGIT_SIDE + column] = ink + between(-0.25, 0.25);
    }
  }
}

/** Digits and what they are. */
export interface DigitSet {
  /** Pixels, float32 [count, 1, 16, 16], about 0 (paper) to 1 (ink). */
  readonly images: Tensor;
  /** Labels, int64 [count], 0 to 9, in equal numbers up to rounding. */
  readonly labels: Tensor;
}

/**
 * Draws `count` digits. The same seed draws the same digits on the same machine.
 *
 * @param seed Any integer; sets with different seeds share no digit in practice.
 */
export function drawDigits(count: number, seed: number): DigitSet {
  const random = seededRandom(seed);
  const area = DIGIT_SIDE * DIGIT_SIDE;
  const images = new Float32Array(count * area);
  const labels = BigInt64Array.from({ length: count }, (_, i) => BigInt(i % DIGIT_CLASSES));
  labels.forEach((label, i) => drawDigit(Number(label), random, images.subarray(i * area, (i + 1) * area)));
  return {
    images: { dtype: "float32", shape: [count, 1, DIGIT_SIDE, DIGIT_SIDE], data: images },
    labels: { dtype: "int64", shape: [count], data: labels },
  };
}

/** A digit as text, for the terminal: one character for each pixel. */
export function digitToText(images: Tensor, index: number): readonly string[] {
  const shades = " .:*#";
  const area = DIGIT_SIDE * DIGIT_SIDE;
  return Array.from({ length: DIGIT_SIDE }, (_, row) =>
    Array.from({ length: DIGIT_SIDE }, (_, column) => {
      const ink = Number(images.data[index * area + row * DIGIT_SIDE + column] ?? 0);
      return shades[Math.min(4, Math.max(0, Math.round(ink * 4)))] ?? " ";
    }).join(""));
}
