/**
 * Offers: what providers put on the market, with the record of what became of their tasks.
 *
 * A record stays when its offer is withdrawn or runs out, because reputation and present assignments are in it; the list of offers
 * holds those that may be matched.
 *
 * @module
 */
import { type Address, bytes32, equalBytes, list } from "../primitives/mod.ts";
import type { BlockContext } from "./context.ts";
import { schedule } from "./due.ts";
import { invariant } from "./errors.ts";
import { PPM } from "./params.ts";
import { Offer } from "./records.ts";
import { singleton } from "./singleton.ts";
import { type StateReader, type StateWriter, table } from "./table.ts";

/** Most offers on the market: matching walks them all for each open task. */
export const MAX_OFFERS = 512;

/** Most tasks that one provider does at a time: bounds the list of its assignments. */
export const MAX_SLOTS = 64;

/** Offers by provider. */
export const offers = table(12, "offers", (provider: Address) => provider, Offer);

/** Providers with an offer on the market. */
export const offerLists = singleton(13, "offer list", list(bytes32, MAX_OFFERS));

/** The offer of a provider that has tasks, or once published one. */
export function offerOf(state: StateReader, provider: Address): Offer {
  const offer = offers.get(state, provider);
  invariant(offer !== undefined, "A provider with an assignment has no offer.");
  return offer;
}

/** Writes some fields of an offer. */
export function changeOffer(
  state: StateWriter,
  provider: Address,
  change: (offer: Offer) => Partial<Offer>,
): void {
  const offer = offerOf(state, provider);
  offers.put(state, provider, { ...offer, ...change(offer) });
}

/** Whether a provider's offer is on the market. */
export function isListed(state: StateReader, provider: Address): boolean {
  return offerLists.get(state).some((other) => equalBytes(other, provider));
}

/** Puts an offer on the market and watches over its validity. Its record is written already. */
export function listOffer(state: StateWriter, offer: Offer): void {
  offerLists.put(state, [...offerLists.get(state), offer.provider]);
  schedule(state, offer.validUntil + 1n, "offer", offer.provider);
}

/** Takes an offer off the market. */
export function unlistOffer(state: StateWriter, provider: Address): void {
  offerLists.put(state, offerLists.get(state).filter((other) => !equalBytes(other, provider)));
}

/** Due handler `offer`: takes off the market what no heartbeat has kept valid; else looks again when it runs out. */
export function expireOffer(state: StateWriter, context: BlockContext, provider: Uint8Array): void {
  if (!isListed(state, provider)) return;
  const { validUntil } = offerOf(state, provider);
  if (validUntil >= context.head.height) {
    schedule(state, validUntil + 1n, "offer", provider);
    return;
  }
  unlistOffer(state, provider);
  context.emit({ kind: "offer_expired", account: provider });
}

/**
 * Reputation in parts per million: the chance that the next task is done and paid, after Laplace's rule of succession. A newcomer
 * has one half.
 */
export function reputationPpm({ completed, failed }: Pick<Offer, "completed" | "failed">): number {
  return Number(BigInt(completed + 1) * PPM / BigInt(completed + failed + 2));
}
