/**
 * Keeps the first message of a WebRTC handshake from being lost.
 *
 * The dialling side of @libp2p/webrtc 6 listens to its handshake channel only some promise turns after the channel has opened.
 * Where the thread is busy, the native library delivers "open" and the listener's first message in one go, the message finds
 * nobody, and the dial hangs until its deadline: one in forty on an idle machine, one in six under load (measured). So a
 * channel keeps what comes before it has a listener, and hands it over when it gets one.
 *
 * @module
 */
import { RTCPeerConnection } from "node-datachannel/polyfill";

/** The part of a data channel that is changed. */
interface Channel {
  onmessage: ((event: MessageEvent) => void) | null;
}

/** Messages kept for a channel without listener: an honest peer sends one and then waits for its answer. */
const MAX_EARLY_MESSAGES = 8;

const changed = new WeakSet<object>();

function keepEarlyMessages(channel: Channel): void {
  let listener: Channel["onmessage"] = null;
  const early: MessageEvent[] = [];
  const keep = (event: MessageEvent) => {
    if (early.length < MAX_EARLY_MESSAGES) early.push(event);
  };
  Object.defineProperty(channel, "onmessage", {
    get: () => listener ?? keep,
    set(next: Channel["onmessage"]) {
      listener = next;
      if (next !== null) { for (const event of early.splice(0)) next(event); }
    },
  });
}

/** Changes the data channels made from now on. Does nothing the second time. */
export function guardHandshakes(): void {
  const prototype: { createDataChannel(label: string, options?: object): Channel } =
    RTCPeerConnection.prototype;
  if (changed.has(prototype)) return;
  changed.add(prototype);
  const create = prototype.createDataChannel;
  prototype.createDataChannel = function (label, options) {
    const channel = create.call(this, label, options);
    keepEarlyMessages(channel);
    return channel;
  };
}
