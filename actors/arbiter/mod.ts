/**
 * The arbiter actor: executes the disputed operator and says what comes out. Read `../work/judge.ts`, then `arbiter.ts`.
 *
 * @module
 */
export { type ArbiterPolicy, DEFAULT_ARBITER_POLICY, makeArbiter } from "./arbiter.ts";
