/**
 * Offers the sender's machine on the market, or changes the offer it has.
 *
 * @module
 */
import { type Infer, list, record, text, u32, u64 } from "../primitives/mod.ts";
import {
  canAct,
  isListed,
  listOffer,
  MAX_OFFERS,
  MAX_SLOTS,
  minimumStake,
  type Offer,
  offerLists,
  offers,
} from "../state/mod.ts";
import { type OperationRule, reject } from "./operation.ts";

/** See the module. */
export const PublishOffer = record("PublishOffer", {
  /** Engines it runs, for example `ort-strict`; at least one. */
  engines: list(text(64), 8),
  memoryMiB: u32,
  /** Least reward of a task it takes. */
  minReward: u64,
  /** Tasks at a time, in [1, MAX_SLOTS]. */
  slots: u32,
});
/** See {@link PublishOffer}. */
export type PublishOffer = Infer<typeof PublishOffer>;

/** The rule of {@link PublishOffer}. */
export const publishOfferRule: OperationRule<PublishOffer> = {
  weight: 4n,
  rejects: ["bad_offer", "not_a_provider", "market_full"],
  check(state, context, { engines, slots }) {
    if (engines.length === 0 || engines.some((engine) => engine === "")) {
      return reject("bad_offer", "An offer names at least one engine, and none with an empty name.");
    }
    if (slots < 1 || slots > MAX_SLOTS) {
      return reject("bad_offer", `An offer has 1 to ${MAX_SLOTS} slots: got ${slots}.`);
    }
    if (!canAct(state, context, "provider", context.sender)) {
      return reject(
        "not_a_provider",
        `Offers need a provider stake of at least ${minimumStake(context.params, "provider")}, not jailed. ` +
          "Stake for the role provider first.",
      );
    }
    if (!isListed(state, context.sender) && offerLists.get(state).length >= MAX_OFFERS) {
      return reject("market_full", `The market holds ${MAX_OFFERS} offers already. Try again later.`);
    }
    return null;
  },
  apply(state, context, { engines, memoryMiB, minReward, slots }) {
    const provider = context.sender;
    const before = offers.get(state, provider);
    const offer: Offer = {
      provider,
      engines,
      memoryMiB,
      minReward,
      slots,
      used: before?.used ?? 0,
      validUntil: context.head.height + BigInt(context.params.offerBlocks),
      completed: before?.completed ?? 0,
      failed: before?.failed ?? 0,
    };
    offers.put(state, provider, offer);
    if (!isListed(state, provider)) listOffer(state, offer);
    context.emit({ kind: "offer_published", account: provider });
  },
};
