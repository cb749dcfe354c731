/**
 * The challenger actor: checks results, and disputes wrong ones. Read `challenger.ts`.
 *
 * @module
 */
export { type ChallengerPolicy, makeChallenger } from "./challenger.ts";
