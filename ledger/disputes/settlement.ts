/**
 * What the end of a dispute means for money and for the task.
 *
 * The loser's collateral or bond pays the arbiters first, then the other side, and the rest is burned; both payments together are at
 * most half of it (`shareOut`). So whoever challenges itself from a second account loses more than half of what it stakes on
 * the game. The requester never gets any of it, so that posting tasks to make providers fail does not pay.
 *
 * @module
 */
import type { Address } from "../primitives/mod.ts";
import {
  type BlockContext,
  burn,
  credit,
  paramsOfTask,
  shareOut,
  slash,
  type StateWriter,
  taskOf,
} from "../state/mod.ts";
import { voidAuditedResult } from "../audits/mod.ts";
import type { Appeal, Dispute, Outcome, Reason } from "./records.ts";

/** Who is wrong, by the reason a dispute closes. */
export const GUILTY_BY_REASON: Readonly<Record<Reason, Outcome["guilty"]>> = {
  provider_silent: "provider",
  challenger_silent: "challenger",
  wrong_wiring: "provider",
  wrong_output: "provider",
  // The provider must serve what its result was computed from until the result is final: else withholding would beat every challenge.
  inputs_unavailable: "provider",
  output_confirmed: "challenger",
  assembly_confirmed: "challenger",
  no_quorum: null,
  malformed_program: null,
  no_difference: "challenger",
  both_wrong: "provider",
  result_void: null,
  engine_incident: null,
};

/** What a dispute holds in bonds: the challenger's, and that of an appeal. */
export function bondsHeldBy({ bond, stage }: Dispute): bigint {
  if (stage.kind === "closed") return 0n;
  return bond + ("appeal" in stage ? stage.appeal.bond : 0n);
}

/** The money of an {@link Outcome}. */
export type Settlement = Pick<Outcome, "forfeited" | "awarded" | "arbiterFees" | "burned">;

/**
 * The provider is guilty: the bond goes back, the task is rolled back, and the collateral that secured it is slashed.
 *
 * @param prover Who showed the fault, and gets a share; null if nobody did, as what the challenger has itself is wrong too.
 * @param judges Whom to pay: those who revealed, whatever they said, else voting with the expected majority would pay.
 */
export function settleAgainstProvider(
  state: StateWriter,
  context: BlockContext,
  { task: id, provider, challenger, bond }: Dispute,
  judges: readonly Address[],
  prover: Address | null,
): Settlement {
  const { arbiterFee, proverSharePpm } = paramsOfTask(state, context, id);
  credit(state, challenger, bond, "bonds");
  const { collateral } = taskOf(state, id);
  voidAuditedResult(state, context, id, provider);
  const { taken, awarded, fees, burned } = slash(state, context, {
    role: "provider",
    address: provider,
    amount: collateral,
    prover,
    proverSharePpm,
    fees: { to: judges, each: arbiterFee },
  });
  return { forfeited: taken, awarded, arbiterFees: fees, burned };
}

/** The challenger is wrong: its bond is shared. */
export function settleAgainstChallenger(
  state: StateWriter,
  context: BlockContext,
  { task, provider, bond }: Dispute,
  judges: readonly Address[],
): Settlement {
  const { arbiterFee: fee, proverSharePpm } = paramsOfTask(state, context, task);
  const { awarded, feeEach, fees, burned } = shareOut(bond, judges.length, { fee, proverSharePpm });
  for (const judge of judges) credit(state, judge, feeEach, "bonds");
  credit(state, provider, awarded, "bonds");
  burn(state, burned, "bonds");
  return { forfeited: bond, awarded, arbiterFees: fees, burned };
}

/**
 * Returns the bond of an appeal, or shares it out among those it gave work for nothing: half of it at most, the rest is burned.
 *
 * @param forfeitTo The validators who revealed; null if the bond returns.
 */
export function settleAppeal(
  state: StateWriter,
  context: BlockContext,
  dispute: Dispute,
  { by, bond }: Appeal,
  forfeitTo: readonly Address[] | null,
): void {
  if (forfeitTo === null) return credit(state, dispute[by], bond, "bonds");
  const { arbiterFee: fee } = paramsOfTask(state, context, dispute.task);
  const { feeEach, burned } = shareOut(bond, forfeitTo.length, { fee, proverSharePpm: 0 });
  for (const validator of forfeitTo) credit(state, validator, feeEach, "bonds");
  burn(state, burned, "bonds");
}

/**
 * Nobody was found wrong: nobody is slashed, the bond goes back, and the task is matched to another provider, or refunded if no attempts
 * are left. Nobody pays the arbiters who did reveal: there is no loser to pay them.
 */
export function settleWithoutVerdict(
  state: StateWriter,
  context: BlockContext,
  { task, challenger, bond }: Dispute,
): Settlement {
  credit(state, challenger, bond, "bonds");
  voidAuditedResult(state, context, task, null);
  return { forfeited: 0n, awarded: 0n, arbiterFees: 0n, burned: 0n };
}
