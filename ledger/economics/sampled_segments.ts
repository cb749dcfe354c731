/**
 * How many segments of a result are sampled, so that lying does not pay: rule 8 of verification.
 *
 * A lie needs only one wrong segment. If `k` of `n` segments are opened, each with the chance `k/n`, one wrong segment escapes with the chance
 * `1 - k/n` and brings `G`; it is found with the chance `k/n` and costs the collateral `L`, of which the liar may win back the prover's
 * share `rho` through a second account. So lying does not pay if
 *
 *     (k/n) (1 - rho) L >= (1 - k/n) G,      that is      (1 - rho) L >= G (n/k - 1).
 *
 * And what a provider forfeits must be at least its pay, however small the declared gain: `(1 - rho) L >= pay`. Where collateral does
 * not reach that far, no sample deters, and everything is opened.
 *
 * The draw must give every segment the chance `k/n`, and no two neighbours, for the output of one is the input of the next. Drawing on
 * a circle does, for `k <= n/2`: on a line the middle ones would be opened less often (of three, two apart are never the middle one).
 *
 * @module
 */
import { PPM } from "../state/params.ts";

/** What decides how many segments are sampled. Amounts are in the smallest unit of the token. */
export interface SamplingTerms {
  /** Segments of the run, at least 1. */
  readonly segments: number;
  /** What the provider has locked for this task. */
  readonly collateral: bigint;
  /** Share of a slash that goes to whoever proved the fault: `Params.proverSharePpm`. */
  readonly proverSharePpm: number;
  /** What the provider is paid for the task. */
  readonly pay: bigint;
  /** What an undetected lie about the result could bring, as the requester declares it. */
  readonly gain: bigint;
  /** Least number of segments that the requester wants sampled. */
  readonly asked: number;
}

/** What a slashed provider cannot win back through an account of its own: `(1 - rho) L`, rounded down. */
export function netLoss(collateral: bigint, proverSharePpm: number): bigint {
  return collateral * (PPM - BigInt(proverSharePpm)) / PPM;
}

/**
 * The least number of segments, from `asked` on, whose sampling deters lying; all of them if no smaller sample does, or if it could not
 * be drawn without neighbours.
 *
 * @returns In [1, segments].
 */
export function sampledSegments(terms: SamplingTerms): number {
  const { segments, collateral, proverSharePpm, pay, gain, asked } = terms;
  const loss = netLoss(collateral, proverSharePpm);
  if (loss < pay || loss === 0n) return segments;
  // (1 - rho) L k >= G (n - k), solved for k and rounded up.
  const deterring = Number((gain * BigInt(segments) + loss + gain - 1n) / (loss + gain));
  const sampled = Math.max(1, asked, deterring);
  return sampled > segments / 2 ? segments : sampled;
}
