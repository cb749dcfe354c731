/**
 * The provider actor: computes tasks for pay. Read `policy.ts`, `rehearsal.ts` and `block_pace.ts` for what it takes, then `provider.ts`.
 *
 * @module
 */
export { declineReason, isOfferCurrent, type ProviderPolicy, type Timing, windowReason } from "./policy.ts";
export { makeProvider } from "./provider.ts";
