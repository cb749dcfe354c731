/**
 * Questions to other nodes: each to one holder at a time, the next when it does not answer.
 *
 * @module
 */
import { type Address, encode } from "../primitives/mod.ts";
import type { RequestTarget } from "./effects.ts";
import { NodeRequest } from "./messages.ts";
import type { Replica } from "./replica_state.ts";

/** Questions under way at a time: more are dropped, and asked again by the rule that needs the answer. */
const MAX_PENDING = 64;

/** Holders that are asked one after the other before a question is given up until the next retry. */
const MAX_TRIES = 4;

function send(
  replica: Replica,
  question: NodeRequest,
  to: RequestTarget,
  holders: readonly Address[],
): boolean {
  if (replica.requests.size >= MAX_PENDING) return false;
  const request = replica.nextRequest++;
  replica.requests.set(request, { question, to, holders });
  replica.effects.push({ kind: "request", request, to, bytes: encode(NodeRequest, question) });
  return true;
}

/** Asks validators that should have the answer, beginning with a different one each time. */
export function ask(replica: Replica, question: NodeRequest, holders: readonly Address[]): void {
  const turn = holders.length === 0 ? 0 : replica.nextRequest % holders.length;
  askNext(replica, question, [...holders.slice(turn), ...holders.slice(0, turn)].slice(0, MAX_TRIES));
}

/** Asks the first of the remaining holders, if any. */
export function askNext(replica: Replica, question: NodeRequest, holders: readonly Address[]): void {
  const [address, ...rest] = holders;
  if (address !== undefined) send(replica, question, { kind: "validator", address }, rest);
}

/** Asks a peer, or any. Returns whether there was room for the question. */
export function askPeer(replica: Replica, question: NodeRequest, to: RequestTarget): boolean {
  return send(replica, question, to, []);
}
