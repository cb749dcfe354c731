/**
 * Proves that a validator signed two votes that exclude each other; part of its stake is slashed and it is jailed. Counts once for
 * each validator and epoch, so that one mistake of an operator (the same key on two machines) is one fault.
 *
 * The votes and what makes them conflict are consensus' own; they are imported file by file because the rest of that folder stands
 * above the state machine.
 *
 * @module
 */
import { Evidence, verifyEquivocation } from "../consensus/evidence.ts";
import { epochOf } from "../consensus/votes.ts";
import { type Address, concatBytes, u64 } from "../primitives/mod.ts";
import {
  invariant,
  jail,
  PPM,
  slash,
  stakeOf,
  table,
  u64Key,
  unbondingOf,
  validatorSetOf,
} from "../state/mod.ts";
import { type OperationRule, reject } from "./operation.ts";

/** See the module. */
export const ReportEquivocation = Evidence;
/** See {@link ReportEquivocation}. */
export type ReportEquivocation = Evidence;

interface Punished {
  readonly epoch: bigint;
  readonly offender: Address;
}

/** Height at which a validator was punished for equivocation in an epoch. */
const punished = table<Punished, bigint>(
  19,
  "punished",
  ({ epoch, offender }) => concatBytes(u64Key(epoch), offender),
  u64,
);

/** The rule of {@link ReportEquivocation}. */
export const reportEquivocationRule: OperationRule<ReportEquivocation> = {
  weight: 10n,
  rejects: ["evidence_too_old", "no_equivocation", "already_punished"],
  reserved: true,
  check(state, { chainId }, { first, second }) {
    const set = validatorSetOf(state, epochOf(first.vote));
    if (set === undefined) {
      return reject(
        "evidence_too_old",
        `The validators of epoch ${
          epochOf(first.vote)
        } are not known: evidence counts until their stake is released.`,
      );
    }
    const proven = verifyEquivocation(chainId, first, second, set);
    if (proven === undefined) {
      return reject("no_equivocation", "The two votes do not prove a fault of one validator in one view.");
    }
    if (punished.get(state, proven) !== undefined) {
      return reject("already_punished", "This validator was punished for this epoch already.");
    }
    return null;
  },
  apply(state, context, { first, second }) {
    const { chainId, head, params, sender } = context;
    const set = validatorSetOf(state, epochOf(first.vote));
    const proven = set === undefined ? undefined : verifyEquivocation(chainId, first, second, set);
    invariant(proven !== undefined, "Evidence that was accepted does not verify.");
    const { offender } = proven;
    punished.put(state, proven, head.height);
    const stake = stakeOf(state, "validator", offender);
    const amount = (stake.amount + unbondingOf(stake)) * BigInt(params.equivocationSlashPpm) / PPM;
    slash(state, context, {
      role: "validator",
      address: offender,
      amount,
      prover: sender,
      proverSharePpm: params.proverSharePpm,
    });
    jail(state, "validator", offender, head.height + BigInt(params.unbondingBlocks));
    context.emit({ kind: "equivocation", account: offender, detail: proven.fault });
  },
};
