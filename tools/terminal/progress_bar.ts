/**
 * A progress bar as text.
 *
 * @module
 */

/** Eighths of a cell, so that a bar of 24 cells has 192 positions. */
const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/**
 * A bar of `width` cells, filled to `fraction`.
 *
 * @param fraction In [0, 1]; values outside are clamped.
 */
export function progressBar(fraction: number, width = 24): string {
  const filled = Math.round(Math.min(1, Math.max(0, fraction)) * width * 8);
  const whole = Math.floor(filled / 8);
  const bar = "█".repeat(whole) + (EIGHTHS[filled % 8] ?? "");
  return bar.padEnd(width, "░");
}
