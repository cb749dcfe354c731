/**
 * What is awaited of an account: what actors and people read.
 *
 * @module
 */
import { type Address, equalBytes, type Program } from "../primitives/mod.ts";
import { holderOf, isOutput } from "./places.ts";
import type { Availability, Demand } from "./records.ts";

/** Whether an account must fetch and certify a result now. */
export function isCertifying({ stage, seats }: Availability, account: Address): boolean {
  return stage === "certify" &&
    seats.some(({ member, certified }) => !certified && equalBytes(member, account));
}

/** Whether a demand is for what an account must serve. */
export function mustAnswer(
  { provider, requester }: Availability,
  { what }: Demand,
  account: Address,
): boolean {
  return equalBytes(holderOf(what) === "provider" ? provider : requester, account);
}

/**
 * Whether an account holds what is demanded and loses by its absence: the provider its task's files, and members what they have certified.
 */
export function mayAnswer(
  { provider, certified }: Availability,
  { what }: Demand,
  program: Program,
  account: Address,
): boolean {
  if (holderOf(what) === "requester") return equalBytes(provider, account);
  return isOutput(program, what) && certified.some((member) => equalBytes(member, account));
}
