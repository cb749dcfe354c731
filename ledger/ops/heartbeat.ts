/**
 * Keeps the sender's offer valid for another `offerBlocks`.
 *
 * @module
 */
import { type Infer, record } from "../primitives/mod.ts";
import { changeOffer, isListed } from "../state/mod.ts";
import { type OperationRule, reject } from "./operation.ts";

/** See the module. */
export const Heartbeat = record("Heartbeat", {});
/** See {@link Heartbeat}. */
export type Heartbeat = Infer<typeof Heartbeat>;

/** The rule of {@link Heartbeat}. */
export const heartbeatRule: OperationRule<Heartbeat> = {
  weight: 1n,
  rejects: ["no_offer"],
  check(state, { sender }) {
    return isListed(state, sender)
      ? null
      : reject("no_offer", "The sender has no offer on the market, or it ran out. Publish it anew.");
  },
  apply(state, { sender, head, params }) {
    changeOffer(state, sender, () => ({ validUntil: head.height + BigInt(params.offerBlocks) }));
  },
};
