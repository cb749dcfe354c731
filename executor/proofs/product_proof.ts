/**
 * Proving and verifying an exact product.
 *
 * @module
 */
import { encode, fixedBytes, type Hash, type Infer, list, record, u32 } from "../../ledger/primitives/mod.ts";
import { type ExactProduct, isWithinReach, requireExact, zeroAt } from "./exact_product.ts";
import { add, type Element, multiply, subtract, ZERO } from "./extension.ts";
import { reduce } from "./mersenne.ts";
import {
  dot,
  entry,
  foldColumns,
  foldRows,
  foldWideColumns,
  type Limbs,
  limbsOf,
  variablesOf,
  weightsAt,
} from "./multilinear.ts";
import { holds, proveSum, reduceClaim, ROUND_BYTES } from "./sum_check.ts";
import { createTranscript, type Transcript } from "./transcript.ts";

/** Most rounds: variables of the longest exact sum. */
const MAX_ROUNDS = 14;

/** The proof: what each round sends, the values at 0 and at 2 as 16 bytes each. */
export const ProductProof = record("ProductProof", { rounds: list(fixedBytes(ROUND_BYTES), MAX_ROUNDS) });
/** See {@link ProductProof}. */
export type ProductProof = Infer<typeof ProductProof>;

/**
 * Roots of the tensors of a statement, zero points included, as they are committed to. They stand for the tensors in the transcript: whoever
 * verifies has checked the tensors against them, else the proof proves nothing.
 */
export interface ProductRoots {
  readonly inputs: readonly Hash[];
  readonly c: Hash;
}

const Sizes = record("ProductSizes", { rows: u32, inner: u32, columns: u32 });

/** The transcript after the statement, and the random point of C. */
function begin({ a, b }: ExactProduct, { inputs, c }: ProductRoots) {
  const sizes = encode(Sizes, { rows: a.rows, inner: a.columns, columns: b.columns });
  const transcript: Transcript = createTranscript(sizes, ...inputs, c);
  const row = transcript.challenges(variablesOf(a.rows));
  const column = transcript.challenges(variablesOf(b.columns));
  return { transcript, rowWeights: weightsAt(row, a.rows), columnWeights: weightsAt(column, b.columns) };
}

/**
 * Proves a product.
 *
 * Cost: two passes, one over A and one over B, 4 multiplications with addition an entry. C is not read.
 *
 * @throws {ExecutorError} `bad_request` for what is no product to prove.
 */
export function proveProduct(product: ExactProduct, roots: ProductRoots): ProductProof {
  requireExact(product);
  const { transcript, rowWeights, columnWeights } = begin(product, roots);
  const left = foldedA(product, rowWeights);
  const right = foldedB(product, columnWeights);
  return { rounds: proveSum(left, right, transcript) };
}

/**
 * Verifies a proof that C is the product.
 *
 * Cost: a pass over each of A, B and C.
 *
 * @returns Whether it is. A false statement passes with a chance under 2^-116 for each hash that its author tries.
 * @throws {ExecutorError} `bad_request` for what is no product to prove.
 */
export function verifyProduct(product: ExactProduct, roots: ProductRoots, proof: ProductProof): boolean {
  requireExact(product);
  if (proof.rounds.length !== variablesOf(product.a.columns) || !isWithinReach(product)) return false;
  const { transcript, rowWeights, columnWeights } = begin(product, roots);
  const { a, b, c } = product;
  const claim = dot(rowWeights, foldWideColumns(c, a.rows, b.columns, columnWeights));
  const reduced = reduceClaim(claim, proof.rounds, transcript);
  if (!reduced) return false;
  const inner = weightsAt(reduced.point, a.columns);
  const left = dot(foldedA(product, rowWeights), inner);
  const right = dot(foldedB(product, columnWeights), inner);
  return holds(reduced, left, right);
}

/** For each k, the extension of column k of A - a0 over the rows. */
function foldedA({ a, zeroA }: ExactProduct, weights: Limbs): Limbs {
  const zeros = weightedZeros(zeroA, a.rows, weights);
  return less(foldRows(a, weights), zeros);
}

/** For each k, the extension of row k of B - b0 over the columns. */
function foldedB({ b, zeroB }: ExactProduct, weights: Limbs): Limbs {
  const zeros = weightedZeros(zeroB, b.columns, weights);
  return less(foldColumns(b, weights), zeros);
}

/** What zero points add to every folded entry. */
function weightedZeros(zeros: readonly number[], length: number, weights: Limbs): Element {
  if (zeros.every((zero) => zero === 0)) return ZERO;
  let sum = ZERO;
  for (let i = 0; i < length; i++) {
    sum = add(sum, multiply(entry(weights, i), [reduce(zeroAt(zeros, i)), 0, 0, 0]));
  }
  return sum;
}

function less(limbs: Limbs, zeros: Element): Limbs {
  if (zeros === ZERO) return limbs;
  return limbsOf(Array.from({ length: limbs[0].length }, (_, i) => subtract(entry(limbs, i), zeros)));
}
