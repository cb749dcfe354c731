/**
 * Rules broken on purpose in every honest node, to show that the simulator finds bugs: each mutation must be caught within a stated
 * number of seeds.
 *
 * They are put on from outside (inputs, effects, the disk, the state of a running core), so that production code has no switch for
 * them. What cannot be reached so is left out, and said here: rules inside one pure function whose intermediate values nobody sees,
 * such as the order of draws in `leaderOf`, the arithmetic of fees and slashes, or a quorum counted over heads in place of stake
 * in one of several places. Those are the unit tests' to hold. "Nullify after finalize" cannot come up from outside either: a
 * validator finalizes only in views that it leaves in the same step, and gives up only on the view that it is in.
 *
 * @module
 */
import { diskMutations } from "./disks.ts";
import { ledgerMutations } from "./ledger.ts";
import type { Mutation } from "./mutation.ts";
import { spreadMutations } from "./spread.ts";
import { voteMutations } from "./votes.ts";

export type { Mutation } from "./mutation.ts";

/** All mutations. */
export const mutations: readonly Mutation[] = [
  ...voteMutations,
  ...spreadMutations,
  ...diskMutations,
  ...ledgerMutations,
];

/** The mutation of a name. */
export function findMutation(name: string): Mutation | undefined {
  return mutations.find((mutation) => mutation.name === name);
}
