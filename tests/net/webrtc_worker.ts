/** Runs a node in a worker: dials the address it is sent, asks for an echo, reports, and closes. */
import { startWebRtcTransport } from "../../net/webrtc_libp2p.ts";

self.onmessage = async (event: MessageEvent<{ seed: Uint8Array; address: string }>) => {
  const node = await startWebRtcTransport({ seed: event.data.seed });
  const peer = await node.dial(event.data.address);
  const echoed = await node.request(peer, "/echo/1", Uint8Array.of(1, 2, 3), { timeoutMs: 5_000 });
  await node.close();
  self.postMessage({ self: node.self, echoed: [...echoed] });
};
