/**
 * Medians: what is left of noise on a shared machine.
 *
 * @module
 */

/**
 * The middle value; of an even number of values the mean of the two in the middle.
 *
 * @throws {RangeError} for an empty list.
 */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[sorted.length >> 1], lower = sorted[(sorted.length - 1) >> 1];
  if (upper === undefined || lower === undefined) throw new RangeError("An empty list has no median");
  return (upper + lower) / 2;
}

/**
 * How many times better `ours` is than `peer`: the median of the ratios of figures taken in the same round.
 *
 * @param better `less`: small figures are good, and the ratio is the peer's over ours. Either way more than 1 is good for us.
 */
export function pairedRatio(
  ours: readonly number[],
  peer: readonly number[],
  better: "more" | "less",
): number {
  if (ours.length !== peer.length) {
    throw new RangeError(`Pairs need two lists of one length: got ${ours.length} and ${peer.length}`);
  }
  return median(ours.map((figure, i) => {
    const other = peer[i] ?? NaN;
    return better === "more" ? figure / other : other / figure;
  }));
}
