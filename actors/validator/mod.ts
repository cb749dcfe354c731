/**
 * The validator actor: consensus and the ledger on this node, for voters and followers alike. Read `validator.ts`; what others ask of it is
 * in `../ledger_client/protocol.ts`.
 *
 * @module
 */
export { makeValidator, type ValidatorPowers, validatorTopics } from "./validator.ts";
