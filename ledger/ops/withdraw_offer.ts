/**
 * Takes the sender's offer off the market. Tasks it already has are not touched, its reputation is kept.
 *
 * @module
 */
import { type Infer, record } from "../primitives/mod.ts";
import { isListed, unlistOffer } from "../state/mod.ts";
import { type OperationRule, reject } from "./operation.ts";

/** See the module. */
export const WithdrawOffer = record("WithdrawOffer", {});
/** See {@link WithdrawOffer}. */
export type WithdrawOffer = Infer<typeof WithdrawOffer>;

/** The rule of {@link WithdrawOffer}. */
export const withdrawOfferRule: OperationRule<WithdrawOffer> = {
  weight: 2n,
  rejects: ["no_offer"],
  check(state, { sender }) {
    return isListed(state, sender) ? null : reject("no_offer", "The sender has no offer on the market.");
  },
  apply(state, context) {
    unlistOffer(state, context.sender);
    context.emit({ kind: "offer_withdrawn", account: context.sender });
  },
};
