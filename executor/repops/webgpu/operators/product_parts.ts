/**
 * What a product is, and parts of it, where an operand is larger than one binding: some batches, rows and columns each, with all terms, so that no sum
 * changes its order.
 *
 * @module
 */
import { GROUP_TERMS, type Layout } from "../shader/product_texts.ts";
import type { Place, Window } from "./node.ts";
import type { Loop } from "./strides.ts";
import { spanOf, windowAround } from "./windows.ts";

/** A product of matrices, for each of some batches. Distances are in words. */
export interface Product {
  readonly rows: number;
  readonly columns: number;
  readonly inner: number;
  readonly layout: Layout;
  readonly batch: readonly Loop[];
  readonly a: { readonly row: number; readonly k: number; readonly channel: number; readonly taps: number };
  readonly b: { readonly k: number; readonly column: number };
  /** Columns of a plane, and distances of rows, planes and batches in the output. */
  readonly c: {
    readonly plane: number;
    readonly row: number;
    readonly planes: number;
    readonly batch: number;
  };
  readonly bias?: { readonly place: Place; readonly by: "column" | "row" } | undefined;
  /** Vectors 10 to 13 of the parameters. */
  readonly taps?: Readonly<Record<number, readonly number[]>>;
}

/** A range of numbers. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Some batches, rows and columns of a product. */
export interface Part {
  readonly batches: Range;
  readonly rows: Range;
  readonly columns: Range;
}

export const lengthOf = ({ from, to }: Range): number => to - from;

/** Elements of the output that a part computes. */
export const outputsOf = ({ batches, rows, columns }: Part): number =>
  lengthOf(batches) * lengthOf(rows) * lengthOf(columns);

/** All of a product. */
export function allOf(p: Product): Part {
  const batches = p.batch.reduce((n, { size }) => n * size, 1);
  return {
    batches: { from: 0, to: batches },
    rows: { from: 0, to: p.rows },
    columns: { from: 0, to: p.columns },
  };
}

/** Positions of a part's batches in an operand: 0 for A, 1 for B. */
export function batchSpan(
  batch: readonly Loop[],
  { batches }: Part,
  operand: 0 | 1,
): readonly [number, number] {
  const walk = batch.map(({ size, strides }) => ({ size, stride: strides[operand] ?? 0 }));
  return spanOf(walk, batches.from, batches.to);
}

/** What a part reads of A. */
export function windowOfA(p: Product, part: Part): Window {
  const { row, k, channel, taps } = p.a, [low, high] = batchSpan(p.batch, part, 0);
  const terms = (Math.min(taps, p.inner) - 1) * k + (Math.ceil(p.inner / taps) - 1) * channel;
  return windowAround(low + part.rows.from * row, high + (part.rows.to - 1) * row + terms);
}

/** What a part reads of B. */
export function windowOfB(p: Product, part: Part): Window {
  const { from, to } = part.columns, [low, high] = batchSpan(p.batch, part, 1);
  if (p.layout === "strides") {
    return windowAround(low + from * p.b.column, high + (to - 1) * p.b.column + (p.inner - 1) * p.b.k);
  }
  const [, , image = 0, channel = 0] = p.taps?.[13] ?? [], { plane } = p.c;
  const [first, last] = [Math.floor(from / plane), Math.floor((to - 1) / plane)];
  return windowAround(low + first * image, high - 1 + last * image + (p.inner / p.a.taps) * channel);
}

/** What a part writes of C. */
export function windowOfC(p: Product, { batches, rows, columns }: Part): Window {
  const { plane, row, planes, batch } = p.c, last = columns.to - 1;
  const [first, final] = [Math.floor(columns.from / plane), Math.floor(last / plane)],
    isOne = first === final;
  return windowAround(
    batches.from * batch + rows.from * row + first * planes + (isOne ? columns.from % plane : 0),
    (batches.to - 1) * batch + (rows.to - 1) * row + final * planes + (isOne ? last % plane : plane - 1) + 1,
  );
}

/** Whether a part's rows of A do not lie together closely enough, and have to be copied. */
export const copiesA = (p: Product, part: Part, limit: number): boolean => windowOfA(p, part).words > limit;
/** As {@link copiesA}, of columns of B. */
export const copiesB = (p: Product, part: Part, limit: number): boolean => windowOfB(p, part).words > limit;

/** What can be halved. */
type Cut = "images" | "batches" | "rows" | "columns";

const CUTS_OF_TAPS = {
  a: ["batches", "rows"],
  b: ["images", "batches"],
  c: ["images", "batches", "rows", "columns"],
} as const;
/** What to halve, in this order, where a matrix or the output of a part is too large. */
const CUTS: Readonly<Record<Layout, Readonly<Record<"a" | "b" | "c", readonly Cut[]>>>> = {
  strides: { a: ["batches", "rows"], b: ["batches", "columns"], c: ["batches", "rows", "columns"] },
  taps: CUTS_OF_TAPS,
  spread: CUTS_OF_TAPS,
};

/**
 * Parts of which each operand fits into so many words, as it lies or copied.
 *
 * @returns `undefined` if even one row or column, or for a convolution one image, is too large.
 */
export function partsOf(p: Product, part: Part, limit: number): readonly Part[] | undefined {
  const trouble = troubleOf(p, part, limit);
  if (!trouble) return [part];
  for (const cut of CUTS[p.layout][trouble]) {
    const halves = halved(p, part, cut);
    if (!halves) continue;
    const parts = halves.map((half) => partsOf(p, half, limit));
    return parts.every((each) => each !== undefined) ? parts.flat() : undefined;
  }
  return undefined;
}

/** The operand that is too large. */
function troubleOf(p: Product, part: Part, limit: number): "a" | "b" | "c" | undefined {
  const groups = Math.ceil(p.inner / GROUP_TERMS), isOne = lengthOf(part.batches) === 1;
  if (windowOfC(p, part).words > limit || (groups > 1 && groups * outputsOf(part) > limit)) return "c";
  const copyable = (range: Range) => isOne && lengthOf(range) * p.inner <= limit;
  if (copiesA(p, part, limit) && !(p.a.taps >= p.inner && copyable(part.rows))) return "a";
  if (copiesB(p, part, limit) && !(p.layout === "strides" && copyable(part.columns))) return "b";
  return undefined;
}

function halved(p: Product, part: Part, cut: Cut): readonly Part[] | undefined {
  const key = cut === "images" ? "columns" : cut, { from, to } = part[key];
  const unit = cut === "images" ? p.c.plane : 1, units = Math.ceil((to - from) / unit);
  if (units < 2) return undefined;
  const middle = from + Math.ceil(units / 2) * unit;
  return [{ ...part, [key]: { from, to: middle } }, { ...part, [key]: { from: middle, to } }];
}
