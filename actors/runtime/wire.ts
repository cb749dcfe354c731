/**
 * Mail between actors of different peers, over a transport.
 *
 * A frame is the canonical encoding of {@link Frame}; the answer to a question comes back as the transport's reply. The
 * transport proves the sender's peer; its role is what it claims, so behaviours must not take a role for a proof of anything.
 *
 * @module
 */
import type { Transport } from "../../net/mod.ts";
import { bytes, decode, encode, nullable, record, text, u32, union } from "../../ledger/primitives/mod.ts";
import type { ActorId } from "./envelope.ts";
import { failureOf } from "./errors.ts";
import { errorOf } from "./pending_requests.ts";

/** Name of the protocol that actors talk over. */
export const ACTOR_PROTOCOL = "/assay/actor/1";

/** A transport message has 4 MiB; the rest of the frame needs less than this. */
const MAX_BODY_BYTES = 4 * 1024 * 1024 - 1024;

/** Longest time a remote question may hold a slot here, whatever its asker says: as long as the longest honest dry run. */
const GREATEST_WAIT_MS = 120_000;

/** Extra time for the way there and back, so that the answering side's own deadline is the one that tells. */
const TRAVEL_MS = 2000;

const Frame = record("Frame", {
  from: text(32),
  to: text(32),
  /** How long the asker waits; null for a message that wants no answer. */
  waitMs: nullable(u32),
  body: bytes(MAX_BODY_BYTES),
});

const Answer = union("Answer", {
  reply: record("Reply", { body: bytes(MAX_BODY_BYTES) }),
  refusal: record("Refusal", { code: text(64), message: text(1024) }),
});

/** Mail in and out. */
export interface Wire {
  send(fromRole: string, to: ActorId, body: Uint8Array): Promise<void>;
  ask(fromRole: string, to: ActorId, body: Uint8Array, timeoutMs: number): Promise<Uint8Array>;
  /** Stops serving. */
  close(): void;
}

/** Serves a node's actors to other peers. What `asked` and `sent` throw goes back to the sender. */
export function connectWire(options: {
  readonly transport: Transport;
  asked(from: ActorId, role: string, body: Uint8Array, timeoutMs: number): Promise<Uint8Array>;
  sent(from: ActorId, role: string, body: Uint8Array): void;
}): Wire {
  const { transport } = options;
  const close = transport.handle(ACTOR_PROTOCOL, async (peer, message) => {
    const frame = decode(Frame, message);
    const from = { peer, role: frame.from };
    if (frame.waitMs === null) return options.sent(from, frame.to, frame.body);
    try {
      const wait = Math.min(frame.waitMs, GREATEST_WAIT_MS);
      return encode(Answer, { kind: "reply", body: await options.asked(from, frame.to, frame.body, wait) });
    } catch (thrown) {
      const { code, message } = failureOf(thrown);
      return encode(Answer, {
        kind: "refusal",
        code: code.slice(0, 64),
        message: message.slice(0, 300).toWellFormed(),
      });
    }
  });
  return {
    close,
    send: (from, to, body) =>
      transport.send(to.peer, ACTOR_PROTOCOL, encode(Frame, { from, to: to.role, waitMs: null, body })),
    async ask(from, to, body, timeoutMs) {
      const frame = encode(Frame, { from, to: to.role, waitMs: timeoutMs, body });
      const options = { timeoutMs: timeoutMs + TRAVEL_MS };
      const answer = decode(Answer, await transport.request(to.peer, ACTOR_PROTOCOL, frame, options));
      if (answer.kind === "refusal") throw errorOf(answer);
      return answer.body;
    },
  };
}
