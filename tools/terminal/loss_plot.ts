/**
 * A curve as text, two samples to a character in braille dots.
 *
 * @module
 */

/** Dots of a braille cell by row, for its left and right column (Unicode block U+2800). */
const LEFT_DOTS = [0x01, 0x02, 0x04, 0x40];
const RIGHT_DOTS = [0x08, 0x10, 0x20, 0x80];

/** Means of `values` over `buckets` equal stretches; fewer values than buckets are stretched. */
function resample(values: readonly number[], buckets: number): number[] {
  return Array.from({ length: buckets }, (_, i) => {
    const from = Math.floor(i * values.length / buckets);
    const to = Math.max(from + 1, Math.floor((i + 1) * values.length / buckets));
    const part = values.slice(from, to);
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
}

/**
 * Lines of a plot of `values` over their index, with the largest and smallest value at the left.
 *
 * @param values Finite numbers; an empty list gives no lines.
 */
export function lossPlot(values: readonly number[], width = 48, height = 6): readonly string[] {
  if (values.length === 0) return [];
  const samples = resample(values, width * 2);
  const low = Math.min(...samples), high = Math.max(...samples);
  const rows = height * 4;
  const cells = Array.from({ length: height }, () => new Uint8Array(width));
  samples.forEach((value, i) => {
    const level = high === low ? 0 : (high - value) / (high - low);
    const dot = Math.min(rows - 1, Math.floor(level * rows));
    const line = cells[Math.floor(dot / 4)];
    const column = Math.floor(i / 2);
    const bit = (i % 2 === 0 ? LEFT_DOTS : RIGHT_DOTS)[dot % 4] ?? 0;
    if (line !== undefined) line[column] = (line[column] ?? 0) | bit;
  });
  const label = (row: number) => row === 0 ? high.toFixed(3) : row === height - 1 ? low.toFixed(3) : "";
  return cells.map((line, row) =>
    `${label(row).padStart(8)} │${[...line].map((bits) => String.fromCharCode(0x2800 + bits)).join("")}`
  );
}
