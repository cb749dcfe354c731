/**
 * The names under which actors are found on a node.
 *
 * @module
 */

/** Every role that a node of this network can play. Each node runs a validator actor, voting or following. */
export const ROLE = {
  validator: "validator",
  provider: "provider",
  challenger: "challenger",
  arbiter: "arbiter",
  market: "market",
  requester: "requester",
} as const;

/** See {@link ROLE}. */
export type ActorRole = typeof ROLE[keyof typeof ROLE];
