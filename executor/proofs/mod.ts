/**
 * Proofs that an exact integer product is right, far cheaper to check than to compute. For `MatMulInteger` and `QLinearMatMul`.
 *
 * C = (A - a0)(B - b0) over the integers, A of m x k, B of k x n. Nothing here multiplies matrices: all is O(mk + kn + mn).
 *
 *  - **Sum-check** (`product_proof.ts`; Lund et al. 1992, made linear for matrices by Thaler, "Time-Optimal Interactive Proofs for Circuit
 *    Evaluation", 2013, section 5). C's multilinear extension at a random point (r, s) is the sum over x of A's at (r, x) times B's at (x, s);
 *    log k rounds reduce that sum to one point of A's and one of B's, which the verifier evaluates itself, in one pass over each and with no
 *    more memory than a row. Fiat-Shamir makes it non-interactive: challenges are hashes of the committed roots of A, B and C and of what was
 *    sent before, so the proof is a record of 32 bytes a round, and anybody can check it, at any time.
 *  - **Freivalds' screen** (`freivalds.ts`; Freivalds 1977). Who draws a random vector x in secret compares A(Bx) with Cx. It needs no proof and
 *    no commitment, but convinces only who drew it: for auditors.
 *
 * Soundness. The field is GF(p^4), p = 2^31 - 1 (`extension.ts`), where a wrong C passes with a chance below (2 log k + log m + log n) / p^4,
 * under 2^-116 for matrices of up to 2^20 rows; a cheat that tries t hashes gains a factor t. The screen errs with 1/p = 2^-31 a
 * round. Both hold for integers that the field keeps apart: k <= 16512 (`exact_product.ts`), and entries of C beyond what such a
 * product can reach are refused by themselves.
 *
 * What the proof is not: a substitute for holding C. The verifier reads A, B and C whole. Whoever holds all three could fold them at a
 * public random point without any proof (that is Freivalds' test made public); the rounds buy that A and B enter at one point each, so
 * that several may share the reading, chunk by chunk, and add up what they find.
 *
 * Where they serve. The screen is for whoever has a claim before it computes, and a secret: of programs judged within a bound that is the challenger that goes through
 * a provider's run node by node, and the arbiter of a node (`screen_node.ts`, by `run/judge_node.ts`). Auditors that are drawn cannot use it: they commit to what they
 * computed themselves before they see what was claimed, else nobody would compute. Nor is it for a chunk, which takes all of B to be read: the kernels
 * compute it in that time. The sum-check is for those who share no secret: whoever is handed an output with its proof.
 *
 * It knows the executor's contracts, how `repops` rounds a quantised sum, and `ledger/primitives`. Read `mersenne.ts`, `extension.ts`, `multilinear.ts`, `exact_product.ts`,
 * `transcript.ts`, `sum_check.ts`, `product_proof.ts`, `freivalds.ts`, then `product_node.ts` and `screen_node.ts` for graph nodes.
 *
 * @module
 */
export { type ExactProduct, LONGEST_EXACT_SUM, requireExact } from "./exact_product.ts";
export { ProductProof, type ProductRoots, proveProduct, verifyProduct } from "./product_proof.ts";
export { screenProduct } from "./freivalds.ts";
export { productOfNode, requantisedOutput } from "./product_node.ts";
export { screenNode } from "./screen_node.ts";
