/**
 * The provider actor: computes tasks for pay. Read `policy.ts`, then `provider.ts`.
 *
 * @module
 */
export { declineReason, isOfferCurrent, type ProviderPolicy } from "./policy.ts";
export { makeProvider } from "./provider.ts";
