/**
 * The requester actor: posts tasks and brings outputs home. Read `protocol.ts`, then `requester.ts`.
 *
 * @module
 */
export { RequesterAnswer, RequesterQuestion } from "./protocol.ts";
export { makeRequester, type RequesterPolicy, type RequesterPowers } from "./requester.ts";
