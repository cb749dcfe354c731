/**
 * Reading and writing the ledger from an actor: the protocol that the validator actor serves, and the client for it.
 *
 * Read `protocol.ts`, `state_view.ts` (how queries run over a state that lies elsewhere), then `ledger_client.ts`; `light_source.ts` is
 * for those who trust no validator.
 *
 * @module
 */
export {
  DEFAULT_EXPIRY_BLOCKS,
  type Done,
  type LedgerCall,
  type LedgerClient,
  type LedgerClientOptions,
  makeLedgerClient,
} from "./ledger_client.ts";
export { makeLightSource } from "./light_source.ts";
export {
  FINALIZED,
  FinalizedNotice,
  FinalReceipt,
  LedgerAnswer,
  LedgerQuestion,
  MAX_KEYS,
} from "./protocol.ts";
export { type FetchRecords, type KnownRecords, type Query, type Ran, runOverRecords } from "./state_view.ts";
