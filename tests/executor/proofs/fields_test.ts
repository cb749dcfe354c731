/**
 * The fields of the proofs, against unbounded integers.
 *
 * @module
 */
import { assertEquals } from "@std/assert/equals.js";
import { assertNotEquals } from "@std/assert/not_equals.js";
import fc from "fast-check";
import { type Element, multiply, ONE, ZERO } from "../../../executor/proofs/extension.ts";
import { minus, P, plus, reduce } from "../../../executor/proofs/mersenne.ts";

const p = BigInt(P);
const modulo = (x: bigint) => Number(((x % p) + p) % p);
const limb = fc.oneof(
  fc.integer({ min: 0, max: P - 1 }),
  fc.constantFrom(0, 1, P - 1, 2 ** 30, 65535, 65536),
);

Deno.test("sums, differences and remainders are those of the integers modulo 2^31 - 1", () => {
  fc.assert(
    fc.property(limb, limb, fc.maxSafeInteger(), (a, b, x) => {
      assertEquals(plus(a, b), modulo(BigInt(a) + BigInt(b)));
      assertEquals(minus(a, b), modulo(BigInt(a) - BigInt(b)));
      assertEquals(reduce(x), modulo(BigInt(x)));
    }),
    { numRuns: 3000, seed: 1 },
  );
});

/** A product by the definition: polynomials in i and u, i^2 = -1, u^2 = 2 + i. */
function slowProduct(x: Element, y: Element): Element {
  const sums = [0n, 0n, 0n, 0n];
  const addTo = (at: number, value: bigint) => sums[at] = (sums[at] ?? 0n) + value;
  x.forEach((xs, m) =>
    y.forEach((ys, n) => {
      const product = BigInt(xs) * BigInt(ys);
      const [imaginary, deep] = [(m & 1) + (n & 1), (m >> 1) + (n >> 1)];
      // i^imaginary u^deep, as terms 1, i, u, iu.
      const sign = imaginary === 2 ? -1n : 1n;
      const odd = imaginary === 1;
      if (deep < 2) return addTo(2 * deep + (odd ? 1 : 0), sign * product);
      addTo(odd ? 1 : 0, 2n * sign * product);
      return addTo(odd ? 0 : 1, (odd ? -1n : 1n) * sign * product);
    })
  );
  const [a = 0n, b = 0n, c = 0n, d = 0n] = sums;
  return [modulo(a), modulo(b), modulo(c), modulo(d)];
}

Deno.test("products of the extension are those of polynomials in i and u", () => {
  const element = fc.tuple(limb, limb, limb, limb);
  fc.assert(
    fc.property(element, element, (x, y) => assertEquals(multiply(x, y), slowProduct(x, y))),
    { numRuns: 2000, seed: 1 },
  );
});

Deno.test("the extension is a field of p^4 elements: u generates it, as its order does not divide p^2 - 1", () => {
  const power = (x: Element, exponent: bigint): Element => {
    let [result, base] = [ONE, x];
    for (let e = exponent; e > 0n; e >>= 1n) {
      if (e & 1n) result = multiply(result, base);
      base = multiply(base, base);
    }
    return result;
  };
  const u: Element = [0, 0, 1, 0];
  // By Fermat in GF(p^4); and were 2 + i a square in GF(p^2), u would lie there.
  assertEquals(power(u, p ** 4n - 1n), ONE);
  assertNotEquals(power(u, p ** 2n - 1n), ONE);
  assertEquals(power([2, 1, 0, 0], (p ** 2n - 1n) / 2n), [P - 1, 0, 0, 0]);
  assertEquals(multiply(u, ZERO), ZERO);
});
