/**
 * Drawing what is audited, and by whom.
 *
 * @module
 */
import { type Hash } from "../primitives/mod.ts";
import { type Draw, lot } from "../state/mod.ts";

/** The draw of auditors for a task, with the beacon after the last block. */
export function auditorDraw(task: Hash, beacon: Hash): Draw {
  return { tag: "assay/auditors", id: task, beacon };
}

/** Draws `count` different numbers out of [0, below), ascending. */
function drawNumbers(draw: Draw, count: number, below: number): readonly number[] {
  const drawn: number[] = [];
  for (let seat = 0; seat < count; seat++) {
    // The n-th number that is not drawn yet.
    let number = Number(lot(draw, seat, BigInt(below - seat)));
    for (const earlier of drawn) if (number >= earlier) number++;
    drawn.push(number);
    drawn.sort((a, b) => a - b);
  }
  return drawn;
}

/**
 * Draws `count` of `segments` segments, ascending: all of them if more than half are wanted, else such that no two are neighbours on a
 * circle, as the output of one is the input of the next. On the circle each has the same chance; on a line the ends would have more.
 *
 * @param count In [1, 255], or at least half of `segments`.
 */
export function drawSegments(task: Hash, beacon: Hash, segments: number, count: number): readonly number[] {
  if (2 * count > segments) return Array.from({ length: segments }, (_, i) => i);
  const draw: Draw = { tag: "assay/sample", id: task, beacon };
  // One at 0; the others at least two apart on what is left of the circle; then all of it turned.
  const others = drawNumbers(draw, count - 1, segments - count - 1).map((number, i) => number + i + 2);
  const turn = Number(lot(draw, count - 1, BigInt(segments)));
  return [0, ...others].map((at) => (at + turn) % segments).sort((a, b) => a - b);
}
