/**
 * Evidence: two votes of one validator that no honest validator signs both. Its stake pays for it.
 *
 * @module
 */
import { type Address, type Hash, type Infer, record } from "../primitives/mod.ts";
import type { ValidatorSet } from "../state/mod.ts";
import { prepareValidators } from "./validators.ts";
import { epochOf, sameVote, SignedVote, verifyVote, viewOf, type Vote } from "./votes.ts";

/** Two conflicting votes, as the `report_equivocation` operation carries them. */
export const Evidence = record("Evidence", { first: SignedVote, second: SignedVote });
/** See {@link Evidence}. */
export type Evidence = Infer<typeof Evidence>;

/** What the signer did. */
export type Fault = "notarized_twice" | "finalized_twice" | "nullified_and_finalized";

/** A proven fault. */
export interface Equivocation {
  readonly offender: Address;
  readonly fault: Fault;
  readonly epoch: bigint;
  readonly view: bigint;
}

/**
 * Which rule two votes of one validator break together, or `undefined` if both may be signed. Notarize then nullify is legal:
 * a validator may give up on a view whose block it accepted.
 */
export function conflictOf(first: Vote, second: Vote): Fault | undefined {
  if (epochOf(first) !== epochOf(second) || viewOf(first) !== viewOf(second)) return undefined;
  if (first.kind === "notarize" && second.kind === "notarize") {
    return sameVote(first, second) ? undefined : "notarized_twice";
  }
  if (first.kind === "finalize" && second.kind === "finalize") {
    return sameVote(first, second) ? undefined : "finalized_twice";
  }
  const kinds = new Set([first.kind, second.kind]);
  return kinds.has("nullify") && kinds.has("finalize") ? "nullified_and_finalized" : undefined;
}

/**
 * Decides whether two signed votes prove a fault against the validator set of their own epoch.
 *
 * @param set The validator set of the votes' epoch, from the state.
 * @returns The fault, or `undefined` if the votes prove nothing (other epoch, different signers, no conflict, a signature that
 * does not verify). Never throws on decoded votes.
 */
export function verifyEquivocation(
  chainId: Hash,
  first: SignedVote,
  second: SignedVote,
  set: ValidatorSet,
): Equivocation | undefined {
  const fault = conflictOf(first.vote, second.vote);
  if (fault === undefined || first.signer !== second.signer || epochOf(first.vote) !== set.epoch) {
    return undefined;
  }
  const offender = set.validators[first.signer]?.address;
  if (offender === undefined) return undefined;
  const validators = prepareValidators(set);
  const proven = [first, second].every((signed) => verifyVote(chainId, validators, signed));
  return proven ? { offender, fault, epoch: set.epoch, view: viewOf(first.vote) } : undefined;
}
