/**
 * The chances on which everything else rests: that a sample misses a lie, that auditors all collude, that a committee has a bribed majority, or
 * quorum.
 *
 * @module
 */
import { ALWAYS, both, type Chance, choose, everyTime, NEVER, not, ofPpm, oneOf, without } from "./chance.ts";

/** How a result is audited. */
export interface AuditTerms {
  /** Segments of the run, and how many of them are sampled. */
  readonly segments: number;
  readonly sampled: number;
  /** Auditors drawn for the result. */
  readonly auditors: number;
  /** Share of challenger stake that colludes with the provider, in parts per million. */
  readonly colludingPpm: number;
  /** Of the slots before the beacon that draws: how many at the end one party holds. Each doubles its draws, see {@link withDraws}. */
  readonly slots: number;
}

/**
 * That a sample of `k` of `n` segments, no two neighbours on a circle, misses `wrong` segments in a row.
 *
 * Without the wrong ones the circle is a path of `n - wrong`, on which `C(n - wrong - k + 1, k)` choices keep apart; on the whole circle there are
 * `n/(n - k) C(n - k, k)` (Kaplansky, 1943). For one wrong segment this is `1 - k/n`.
 */
export function missed(segments: number, sampled: number, wrong: number): Chance {
  if (wrong <= 0 || sampled <= 0) return ALWAYS;
  if (2 * sampled > segments) return NEVER; // all are opened
  const apart = BigInt(segments) * choose(segments - sampled, sampled) / BigInt(segments - sampled);
  return { numerator: choose(segments - wrong - sampled + 1, sampled), denominator: apart };
}

/**
 * That something comes about for whoever may choose the best of several draws. Who holds the last `t` slots before a draw decides for each
 * whether to contribute to the beacon, at the price of its slot ({@link slotsGivenUp}): up to `2^t` draws, of which it takes the best.
 */
export function withDraws(once: Chance, slots: number): Chance {
  return not(everyTime(not(once), 2 ** slots));
}

/**
 * Slots left empty on average by who takes, of its up to `2^t` draws, one that suits it (each does with the chance `once`) and leaves as
 * few of its `t` slots empty for it as it can: `C(t, j)` draws leave `j` empty. If none suits it leaves none. A fraction of at most `t`.
 */
export function slotsGivenUp(once: Chance, slots: number): Chance {
  const unsuited = not(once);
  const denominator = unsuited.denominator ** (2n ** BigInt(slots));
  let numerator = 0n, draws = 0n;
  for (let empty = 0; empty <= slots; empty++) {
    const noneBefore = unsuited.numerator ** draws * unsuited.denominator ** (2n ** BigInt(slots) - draws);
    draws += choose(slots, empty);
    const noneWith = unsuited.numerator ** draws * unsuited.denominator ** (2n ** BigInt(slots) - draws);
    numerator += BigInt(empty) * (noneBefore - noneWith);
  }
  return { numerator, denominator };
}

/** That all `m` drawn auditors collude: `beta^m`, for a share `beta` of the stake that they are drawn by. */
export function allCollude(
  { auditors, colludingPpm }: Pick<AuditTerms, "auditors" | "colludingPpm">,
): Chance {
  return auditors === 0 ? ALWAYS : everyTime(ofPpm(colludingPpm), auditors);
}

/**
 * That nobody honest has a certain one of `k` successors of sampled segments as its own: each of `m` auditors is honest with the chance `1 - beta` and
 * its key picks one of `k`, so `(1 - (1 - beta)/k)^m`.
 */
export function ownMissed({ sampled, auditors, colludingPpm }: AuditTerms): Chance {
  const { numerator, denominator } = not(ofPpm(colludingPpm));
  return everyTime(not({ numerator, denominator: denominator * BigInt(sampled) }), auditors);
}

/**
 * That so many wrong segments in a row are found. Either the sample has one of them, and not all who look at it collude; or it has the one before them,
 * so that the first wrong one can be own, and it is that of somebody honest. Of its draws the liar takes one that samples neither, if there is one,
 * else one of the second kind. Voluntary challengers aside.
 */
export function found(terms: AuditTerms, wrong: number): Chance {
  const { segments, sampled, slots } = terms;
  if (sampled <= 0) return NEVER;
  const bySample = not(withDraws(missed(segments, sampled, wrong), slots));
  const nearby = not(withDraws(missed(segments, sampled, wrong + 1), slots));
  return oneOf(
    both(bySample, not(allCollude(terms))),
    both(without(nearby, bySample), not(ownMissed(terms))),
  );
}

/** That of `drawn` at least `least` are bought, each with the chance `boughtPpm`: the share of the stake they are drawn by that can be. */
function atLeastBought(drawn: number, least: number, boughtPpm: number): Chance {
  const bought = ofPpm(boughtPpm);
  let numerator = 0n;
  const denominator = bought.denominator ** BigInt(drawn);
  for (let count = least; count <= drawn; count++) {
    const exactly = both(everyTime(bought, count), everyTime(not(bought), drawn - count));
    numerator += choose(drawn, count) * exactly.numerator;
  }
  return { numerator, denominator };
}

/** That at least a majority of `drawn` arbiters is bribed, each with the chance `bribedPpm` (the share of arbiter stake that can be bought). */
export function majorityBribed(drawn: number, bribedPpm: number): Chance {
  return atLeastBought(drawn, Math.floor(drawn / 2) + 1, bribedPpm);
}

/**
 * Most committees that are drawn to certify one result, see `../availability/`. Each is a further chance for colluders to be a quorum of one: so only
 * a few.
 */
export const MAX_COMMITTEES = 3;

/** Members that it takes to keep a committee of so many seats from its quorum of more than two thirds. */
export function blockingMembers(certifiers: number): number {
  return certifiers - Math.floor(2 * certifiers / 3);
}

/**
 * That no later committee certifies a result that everybody could have, after a first one that so many are bought of that they kept it from its
 * quorum: `r^2`, `r` the chance that they are of another one.
 *
 * @param boughtPpm Share of challenger stake that can be bought.
 */
export function falselyUnheld(certifiers: number, boughtPpm: number): Chance {
  if (certifiers === 0) return NEVER;
  const blocked = atLeastBought(certifiers, blockingMembers(certifiers), boughtPpm);
  return everyTime(blocked, MAX_COMMITTEES - 1);
}

/**
 * That a result which nobody holds is certified: of one of the committees, each of `certifiers` seats, more than two thirds are bought with the chance `q`,
 * so `1 - (1 - q)^3`. Where there are no committees it is not asked for.
 *
 * @param boughtPpm Share of challenger stake that can be bought. Committees are drawn by different beacons; that a member who is fined is drawn no
 * more is left out, as those who certify are not.
 */
export function falselyHeld(certifiers: number, boughtPpm: number): Chance {
  if (certifiers === 0) return ALWAYS;
  const quorum = atLeastBought(certifiers, Math.floor(2 * certifiers / 3) + 1, boughtPpm);
  return not(everyTime(not(quorum), MAX_COMMITTEES));
}
