/**
 * Takes the sender's offer off the market. Tasks it already has are not touched, its reputation is kept.
 *
 * @module
 */
import { type Infer, record } from "../primitives/mod.ts";

/** See the module. */
export const WithdrawOffer = record("WithdrawOffer", {});
/** See {@link WithdrawOffer}. */
export type WithdrawOffer = Infer<typeof WithdrawOffer>;
