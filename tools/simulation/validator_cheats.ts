/**
 * Cheats of validators, for the same report as the catalogue of those in the market: each a seed of the scenario `consensus` in which one of
 * four equal validators cheats, under whatever else the seed does to the network. What can be proved is slashed, by the share that the
 * parameters say; what cannot, as nobody signs that he was silent, must do no harm.
 *
 * @module
 */
import { devParams, PPM } from "../../ledger/mod.ts";
import type { Misdeed } from "./byzantine/mod.ts";
import { type ConsensusRun, runWish } from "./consensus_scenario.ts";

/** A strategy of a validator. */
export interface ValidatorCheat {
  readonly name: string;
  readonly role: "validator";
  /** What it tries, and how that must end, as sentences. */
  readonly tries: string;
  readonly ends: string;
  readonly misdeed: Misdeed;
}

/** Every strategy of a validator. */
export const validatorCheats: readonly ValidatorCheat[] = [
  {
    name: "equivocator",
    role: "validator",
    tries: "It tells half of its peers one thing and the other half another: two blocks, two votes.",
    ends:
      "Its two signatures are the proof: a share of its stake is slashed and it is jailed; nobody was misled.",
    misdeed: "equivocator",
  },
  {
    name: "conflicting-votes",
    role: "validator",
    tries: "It votes for everything that anybody votes for, to make two blocks final.",
    ends: "Fewer than a third cannot; its signatures are the proof, and a share of its stake is slashed.",
    misdeed: "conflicter",
  },
  {
    name: "withholding-validator",
    role: "validator",
    tries: "It sends its blocks and votes to some and not to others, to split the network or hold it up.",
    ends:
      "The others repair what they miss from one another and go on; it has signed nothing wrong, and loses nothing but its turns.",
    misdeed: "withholder",
  },
  {
    name: "invalid-blocks",
    role: "validator",
    tries: "It proposes blocks that do not follow from the state.",
    ends:
      "Everybody executes a block before voting for it: its views are nullified, and nothing of it becomes final. Where it votes for two it is slashed for that.",
    misdeed: "invalid_blocks",
  },
];

/** One of four may cheat; epochs are long, so that it is punished once. */
const wish = (misdeed: Misdeed) =>
  ({ validators: 4, equalStakes: true, misdeeds: [misdeed], epochBlocks: 2_000 }) as const;

/** Plays a strategy under a seed. */
export function playValidatorCheat({ misdeed, name }: ValidatorCheat, seed: number): ConsensusRun {
  const run = runWish(seed, wish(misdeed));
  const { minValidatorStake, equivocationSlashPpm } = devParams({});
  const due = BigInt(run.punished) * minValidatorStake * BigInt(equivocationSlashPpm) / PPM;
  if (run.failure !== undefined || run.slashed === due) return run;
  const message = `${name} has lost ${run.slashed}, not ${due}`;
  return { ...run, failure: { invariant: "money", message, trace: [] } };
}
