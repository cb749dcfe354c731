/**
 * The market inside the state machine: which open task goes to which offer. Knows of the primitives and the state.
 *
 * @module
 */
export {
  bestMatch,
  explainMatch,
  MATCHES_PER_BLOCK,
  type MatchExplanation,
  type MatchRefusal,
  matchRefusal,
  matchTasks,
  REPUTATION_BAND_PPM,
} from "./matching.ts";
