/**
 * Offers the sender's machine on the market, or changes the offer it has.
 *
 * @module
 */
import { type Infer, list, record, text, u32, u64 } from "../primitives/mod.ts";

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
