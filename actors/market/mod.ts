/**
 * The market actor: the network's front desk. Read `protocol.ts`, `check_program.ts`, then `market.ts`.
 *
 * @module
 */
export { makeMarket } from "./market.ts";
export { Estimate, MarketAnswer, MarketQuestion } from "./protocol.ts";
