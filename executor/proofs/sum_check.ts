/**
 * The sum-check protocol for the sum over x of f(x) g(x), f and g multilinear in the bits of x (Lund, Fortnow, Karloff, Nisan 1992).
 *
 * In each round the prover sends the polynomial, of degree 2, that the sum is as a function of the highest bit left; the verifier checks that
 * its values at 0 and 1 add up to the claim, and goes on with its value at a random point. Sent are the values at 0 and 2: that at 1 is the
 * claim less that at 0, so the check is built in, and the end decides.
 *
 * @module
 */
import {
  add,
  type Element,
  element,
  equals,
  multiply,
  readElement,
  subtract,
  writeElement,
  ZERO,
} from "./extension.ts";
import { ELEMENT_BYTES } from "./extension.ts";
import { entry, type Limbs, variablesOf } from "./multilinear.ts";
import type { Transcript } from "./transcript.ts";

/** Bytes that a round sends: two elements. */
export const ROUND_BYTES = 2 * ELEMENT_BYTES;

/** The prover's side: what it sends in each round. */
export function proveSum(f: Limbs, g: Limbs, transcript: Transcript): readonly Uint8Array[] {
  let [left, right] = [padded(f), padded(g)];
  const rounds: Uint8Array[] = [];
  while (left.length > 1) {
    const half = left.length / 2;
    let [atZero, atTwo] = [ZERO, ZERO];
    for (let i = 0; i < half; i++) {
      const [f0, f1] = [left[i] ?? ZERO, left[i + half] ?? ZERO];
      const [g0, g1] = [right[i] ?? ZERO, right[i + half] ?? ZERO];
      atZero = add(atZero, multiply(f0, g0));
      atTwo = add(atTwo, multiply(atPointTwo(f0, f1), atPointTwo(g0, g1)));
    }
    const round = new Uint8Array(ROUND_BYTES);
    round.set(writeElement(atZero));
    round.set(writeElement(atTwo), ELEMENT_BYTES);
    rounds.push(round);
    transcript.absorb(round);
    const [r = ZERO] = transcript.challenges(1);
    [left, right] = [bound(left, r), bound(right, r)];
  }
  return rounds;
}

/** What is left of a claim after all rounds: the point that was drawn, and what f g must be there. */
export interface Reduced {
  readonly point: readonly Element[];
  readonly value: Element;
}

/** The verifier's side. `undefined` if a round is malformed. */
export function reduceClaim(
  claim: Element,
  rounds: readonly Uint8Array[],
  transcript: Transcript,
): Reduced | undefined {
  let value = claim;
  const point: Element[] = [];
  for (const round of rounds) {
    const atZero = round.length === ROUND_BYTES ? readElement(round, 0) : undefined;
    const atTwo = atZero && readElement(round, ELEMENT_BYTES);
    if (!atZero || !atTwo) return undefined;
    transcript.absorb(round);
    const [r = ZERO] = transcript.challenges(1);
    value = quadraticAt(atZero, subtract(value, atZero), atTwo, r);
    point.push(r);
  }
  return { point, value };
}

/** Whether what was reduced is f's value times g's. */
export function holds({ value }: Reduced, f: Element, g: Element): boolean {
  return equals(value, multiply(f, g));
}

function padded(limbs: Limbs): readonly Element[] {
  return Array.from({ length: 2 ** variablesOf(limbs[0].length) }, (_, i) => entry(limbs, i));
}

/** The line through two values, at 2. */
function atPointTwo(atZero: Element, atOne: Element): Element {
  return subtract(add(atOne, atOne), atZero);
}

/** The highest variable set to r. */
function bound(values: readonly Element[], r: Element): readonly Element[] {
  const half = values.length / 2;
  return Array.from({ length: half }, (_, i) => {
    const [low, high] = [values[i] ?? ZERO, values[i + half] ?? ZERO];
    return add(low, multiply(r, subtract(high, low)));
  });
}

/** 1/2 modulo 2^31 - 1. */
const HALF = element(2 ** 30);

/** The quadratic through values at 0, 1 and 2, at r: Newton's form. */
function quadraticAt(atZero: Element, atOne: Element, atTwo: Element, r: Element): Element {
  const slope = subtract(atOne, atZero);
  const bend = multiply(HALF, subtract(subtract(atTwo, atOne), slope));
  return add(atZero, multiply(r, add(slope, multiply(bend, subtract(r, element(1))))));
}
