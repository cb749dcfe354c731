/**
 * Economics by chance: each strategy of `ledger/economics` played many times by the rules of the draw, under a seed, to see whether the formulas
 * say what happens. Nothing here is computed with the formulas.
 *
 * @module
 */
export { type Frequency, type Played, playWager } from "./play_wager.ts";
