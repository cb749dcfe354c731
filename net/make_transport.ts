/**
 * A {@link Transport} over any {@link Link}: protocols, deadlines, per-peer limits, scores, the address book, dialling on demand
 * and redialling. The same code runs over WebRTC and in the simulator.
 *
 * @module
 */
import { CodedError, formatAddress, messageOf, type Signer, utf8 } from "../ledger/primitives/mod.ts";
import { makeAddressBook, signAddresses } from "./address_book.ts";
import { makeAddressExchange } from "./address_exchange.ts";
import { keepConnected } from "./bootstrap.ts";
import { NetError } from "./errors.ts";
import { type AnswerFrame, decodeAnswer, decodeRequest, encodeAnswer, encodeRequest } from "./frames.ts";
import { DEFAULT_LIMITS, type Limits, makeIntake } from "./limits.ts";
import type { Link } from "./link.ts";
import { type Fault, makePeerScores } from "./peer_scores.ts";
import { makeSemaphore, type Semaphore } from "./semaphore.ts";
import { pause, type Timers, withDeadline } from "./timers.ts";
import {
  type Handler,
  MAX_GOSSIP_BYTES,
  MAX_PROTOCOL_BYTES,
  MAX_TRANSPORT_BYTES,
  type PeerId,
  type Transport,
} from "./transport.ts";

/**
 * How long each attempt to dial an address may take. A WebRTC dial takes 0.1 s on an idle machine, and one in forty hangs for
 * good (measured), so the first attempts are short; the last has time for a machine under load.
 */
const DIAL_ATTEMPTS_MS: readonly number[] = [1_000, 1_000, 2_000, 4_000];

/** Pause between attempts: lets a peer that is just starting open its port. */
const DIAL_PAUSE_MS = 100;

/** How long a one-way message may take to be taken, dialling included. */
const SEND_TIMEOUT_MS = 10_000;

/** Settings of {@link makeTransport}. */
export interface TransportOptions {
  /** Signs this node's address record; its address is the link's identity. */
  readonly signer: Signer;
  readonly timers: Timers;
  /** Addresses to stay connected to. */
  readonly bootstrap?: readonly string[];
  readonly limits?: Partial<Limits>;
  /** Told of what nobody else can be told of: a one-way message whose handler failed, a bootstrap peer that is away. */
  readonly report?: (problem: string, error: unknown) => void;
}

/** A transport whose memory of bad behaviour can be read and added to. */
export interface ScoredTransport extends Transport {
  /** Blames a peer for something that only a layer above can see, such as a blob that is not what it says. */
  blame(peer: PeerId, fault: Fault): void;
  /** Points of a peer: 0 is a clean sheet. */
  points(peer: PeerId): number;
}

const short = (peer: PeerId) => `${peer.slice(0, 8)}…`;

function warn(problem: string, error: unknown): void {
  console.warn(`${problem} ${messageOf(error)}`);
}

function checkName(kind: string, name: string): void {
  const length = utf8(name).length;
  if (length > 0 && length <= MAX_PROTOCOL_BYTES) return;
  throw new NetError(
    "bad_options",
    `A ${kind} has 1 to ${MAX_PROTOCOL_BYTES} bytes: "${name.slice(0, 40)}" has ${length}.`,
  );
}

function checkSize(what: string, message: Uint8Array, limit: number): void {
  if (message.length <= limit) return;
  const sentence =
    `${what} has ${message.length} bytes; at most ${limit} are allowed. Put it into a blob and send its id.`;
  throw new NetError("too_large", sentence, { length: message.length, limit });
}

/**
 * Makes a link into a transport. It starts serving, and dialling the bootstrap peers, at once.
 *
 * @throws {NetError} `bad_options` if the signer is not the link's identity.
 */
export function makeTransport(link: Link, options: TransportOptions): ScoredTransport {
  const { signer, timers } = options;
  const self = link.self;
  if (formatAddress(signer.address) !== self) {
    throw new NetError(
      "bad_options",
      `The signer is ${formatAddress(signer.address)} but the link proves ${self}.`,
    );
  }
  const report = options.report ?? warn;
  const limits: Limits = { ...DEFAULT_LIMITS, ...options.limits };
  const handlers = new Map<string, Handler>();
  const intake = makeIntake(limits, timers.now);
  const scores = makePeerScores(timers.now);
  const outgoing = new Map<PeerId, Semaphore>();
  const connecting = new Map<PeerId, Promise<void>>();
  const closing = new AbortController();
  const book = makeAddressBook();

  const blame = (peer: PeerId, fault: Fault) => {
    if (scores.blame(peer, fault)) {
      link.drop(peer).catch((error) =>
        report(`The misbehaving peer ${short(peer)} could not be dropped.`, error)
      );
    }
  };

  // --- serving ---

  const run = async (from: PeerId, handler: Handler, body: Uint8Array): Promise<AnswerFrame> => {
    try {
      const reply = await handler(from, body) ?? new Uint8Array(0);
      checkSize("A reply", reply, MAX_TRANSPORT_BYTES);
      return { kind: "reply", body: reply };
    } catch (thrown) {
      const code = thrown instanceof CodedError ? thrown.code : "failed";
      return { kind: "failed", code, message: messageOf(thrown) };
    } finally {
      intake.done(from);
    }
  };

  const answer = async (from: PeerId, frame: Uint8Array): Promise<AnswerFrame> => {
    let request;
    try {
      request = decodeRequest(frame);
    } catch {
      blame(from, "broken_frame"); // the peer is told; nobody here has a use for the error
      return { kind: "broken" };
    }
    const handler = handlers.get(request.protocol);
    if (handler === undefined) return { kind: "unknown" };
    const admission = intake.admit(from);
    if (admission === "flood") blame(from, "flood");
    if (admission !== "admitted") return { kind: "busy" };
    const running = run(from, handler, request.body);
    if (request.wantsReply) return await running;
    running.then((outcome) => {
      if (outcome.kind === "failed") {
        report(`A one-way ${request.protocol} message from ${short(from)} failed.`, outcome.message);
      }
    });
    return { kind: "taken" };
  };

  link.serve({
    answer: async (from, frame) => encodeAnswer(await answer(from, frame)),
    fault: (from, fault) => blame(from, fault),
    admits: (peer) => !scores.isShutOut(peer),
  });

  // --- connecting ---

  const requireOpen = () => {
    if (closing.signal.aborted) {
      throw new NetError("closed", "This transport has been closed: make a new one.");
    }
  };

  const dialAddress = async (
    address: string,
    expected: PeerId | undefined,
    signal: AbortSignal,
  ): Promise<PeerId> => {
    let failure: unknown;
    for (const timeoutMs of DIAL_ATTEMPTS_MS) {
      if (failure !== undefined) await pause(timers, DIAL_PAUSE_MS, signal);
      try {
        return await withDeadline(
          { timers, timeoutMs, signal, what: `Dialling ${address}` },
          (attemptSignal) =>
            link.dial(
              address,
              expected === undefined ? { signal: attemptSignal } : { expected, signal: attemptSignal },
            ),
        );
      } catch (thrown) {
        const worthwhile = thrown instanceof NetError &&
          (thrown.code === "timed_out" || thrown.code === "unreachable" || thrown.code === "closed");
        if (!worthwhile || signal.aborted) throw thrown;
        failure = thrown;
      }
    }
    throw failure;
  };

  const connect = async (peer: PeerId): Promise<void> => {
    const failures: unknown[] = [];
    const tried = new Set<string>();
    const dialAny = async (addresses: readonly string[]): Promise<boolean> => {
      for (const address of addresses.filter((candidate) => !tried.has(candidate))) {
        tried.add(address);
        try {
          await dialAddress(address, peer, closing.signal);
          return true;
        } catch (thrown) {
          failures.push(thrown);
        }
      }
      return false;
    };
    if (await dialAny(book.get(peer)?.claim.addresses ?? [])) return;
    // Unknown, or moved: others may have heard from it since.
    if (await dialAny(await exchange.find(peer, closing.signal))) return;
    const why = failures.length === 0 ? "No address of it is known" : messageOf(failures[0]);
    throw new NetError("unreachable", `Peer ${short(peer)} is not connected and cannot be dialled: ${why}`, {
      peer,
    }, failures[0]);
  };

  const ensureConnected = async (peer: PeerId): Promise<void> => {
    if (!/^[0-9a-f]{64}$/.test(peer)) {
      throw new NetError(
        "bad_address",
        `A peer is 64 lower-case hexadecimal digits: got "${peer.slice(0, 80)}".`,
      );
    }
    if (peer === self) {
      throw new NetError("bad_address", "A node does not send to itself: call the code directly.");
    }
    if (scores.isShutOut(peer)) {
      throw new NetError(
        "refused",
        `Peer ${short(peer)} is shut out for misbehaving: try again in a minute.`,
        { peer },
      );
    }
    if (link.peers().includes(peer)) return;
    let attempt = connecting.get(peer);
    if (attempt === undefined) {
      attempt = connect(peer).finally(() => connecting.delete(peer));
      connecting.set(peer, attempt);
    }
    await attempt;
  };

  // --- asking ---

  const slots = (peer: PeerId): Semaphore => {
    let semaphore = outgoing.get(peer);
    if (semaphore === undefined) {
      semaphore = makeSemaphore(limits.outFlight);
      outgoing.set(peer, semaphore);
    }
    return semaphore;
  };

  const swapFrames = async (peer: PeerId, frame: Uint8Array, signal: AbortSignal): Promise<AnswerFrame> => {
    await ensureConnected(peer);
    const slot = slots(peer);
    await slot.acquire(signal);
    try {
      return decodeAnswer(await link.exchange(peer, frame, signal));
    } catch (thrown) {
      if (thrown instanceof NetError && thrown.code === "protocol_error") blame(peer, "broken_frame");
      if (thrown instanceof NetError && thrown.code === "too_large") blame(peer, "oversized");
      throw thrown;
    } finally {
      slot.release();
      if (slot.free === limits.outFlight) outgoing.delete(peer);
    }
  };

  const call = async (
    peer: PeerId,
    request: { readonly protocol: string; readonly wantsReply: boolean; readonly body: Uint8Array },
    timing: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
  ): Promise<Uint8Array> => {
    requireOpen();
    checkName("protocol", request.protocol);
    checkSize(`The ${request.protocol} message`, request.body, MAX_TRANSPORT_BYTES);
    const what = `${request.protocol} to ${short(peer)}`;
    const frame = encodeRequest(request);
    const signal = timing.signal === undefined
      ? closing.signal
      : AbortSignal.any([closing.signal, timing.signal]);
    const deadline = { timers, timeoutMs: timing.timeoutMs, signal, what };
    const outcome = await withDeadline(deadline, (inner) => swapFrames(peer, frame, inner));
    switch (outcome.kind) {
      case "reply":
        return outcome.body;
      case "taken":
        return new Uint8Array(0);
      case "unknown":
        throw new NetError("unknown_protocol", `Peer ${short(peer)} does not serve ${request.protocol}.`, {
          peer,
        });
      case "busy":
        throw new NetError("busy", `Peer ${short(peer)} has too much in hand: try again later.`, { peer });
      case "broken":
        throw new NetError("protocol_error", `Peer ${short(peer)} could not read the frame of ${what}.`, {
          peer,
        });
      case "failed": {
        const fields = { peer, remoteCode: outcome.code, protocol: request.protocol };
        throw new NetError("remote_error", `${what} failed there: ${outcome.message}`, fields);
      }
    }
  };

  const transport: ScoredTransport = {
    self,
    addresses: () => link.addresses(),
    async dial(address, dialOptions = {}) {
      requireOpen();
      const signal = dialOptions.signal === undefined
        ? closing.signal
        : AbortSignal.any([closing.signal, dialOptions.signal]);
      return await dialAddress(address, undefined, signal);
    },
    peers: () => link.peers(),
    onPeer: (listener) => link.onPeer(listener),
    async send(peer, protocol, body) {
      await call(peer, { protocol, wantsReply: false, body }, { timeoutMs: SEND_TIMEOUT_MS });
    },
    request: (peer, protocol, body, timing) => call(peer, { protocol, wantsReply: true, body }, timing),
    handle(protocol, handler) {
      checkName("protocol", protocol);
      if (handlers.has(protocol)) {
        throw new NetError("bad_options", `${protocol} has a handler already: a protocol has one.`);
      }
      handlers.set(protocol, handler);
      return () => {
        if (handlers.get(protocol) === handler) handlers.delete(protocol);
      };
    },
    async publish(topic, message) {
      requireOpen();
      checkName("topic", topic);
      checkSize(`The message for ${topic}`, message, MAX_GOSSIP_BYTES);
      await link.publish(topic, message);
    },
    subscribe(topic, listener) {
      checkName("topic", topic);
      return link.subscribe(topic, (from, message) => {
        try {
          listener(from, message);
        } catch (thrown) {
          report(`A listener of ${topic} failed.`, thrown);
        }
      });
    },
    async close() {
      if (!closing.signal.aborted) closing.abort(new NetError("closed", "This transport has been closed."));
      await link.close();
    },
    blame,
    points: (peer) => scores.points(peer),
  };

  const exchange = makeAddressExchange({
    transport,
    book,
    timers,
    own: () => signAddresses(signer, link.addresses(), timers.now()),
  });

  link.onPeer((event) => {
    // One of the two sides asks, the other answers: both end up with both records.
    if (event.kind !== "connected" || event.peer < self) return;
    exchange.swap(event.peer).catch((error) => {
      if (link.peers().includes(event.peer) && !closing.signal.aborted) {
        report(`Peer ${short(event.peer)} did not swap addresses.`, error);
      }
    });
  });

  for (const address of options.bootstrap ?? []) {
    keepConnected({ transport, address, timers, signal: closing.signal, report });
  }
  return transport;
}
