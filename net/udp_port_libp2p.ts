/**
 * A free UDP port, found by binding one. The native WebRTC library neither picks a port itself nor survives a taken one well
 * (a failed listener leaves traces that block the next attempt), so the question is settled before it is asked. A port that a closed
 * node of this process had is as good as free.
 *
 * @module
 */
import { createSocket } from "node:dgram";
import { NetError } from "./errors.ts";
import { isIdlePort } from "./lasting_ports_libp2p.ts";
import { pause } from "./timers.ts";
import { systemTimers } from "./timers_system.ts";

/** A process that was just killed, or a node that is being closed, gives its port back within this time. */
const RELEASE_MS = 3_000;

/** Pause between two looks at a port that is taken. */
const LOOK_AGAIN_MS = 50;

function tryBind(host: string, port: number): Promise<number> {
  const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
  return new Promise((resolve, reject) => {
    socket.once("error", (error: Error & { code?: string }) => {
      socket.close();
      const taken = error.code === "EADDRINUSE";
      const sentence = taken
        ? `UDP port ${port} on ${host} is in use: choose another port, or 0 for any.`
        : `This machine cannot listen on ${host}: ${error.message}`;
      reject(new NetError(taken ? "address_in_use" : "bad_options", sentence, { host, port }, error));
    });
    socket.bind(port, host, () => {
      const bound = socket.address().port;
      socket.close(() => resolve(bound));
    });
  });
}

/**
 * `port` if it is free on `host`, or becomes so within three seconds; a free one for 0.
 *
 * @throws {NetError} `address_in_use`, or `bad_options` if `host` is not an address of this machine.
 */
export async function findUdpPort(host: string, port: number): Promise<number> {
  const lastLook = performance.now() + RELEASE_MS;
  while (true) {
    if (isIdlePort(host, port)) return port;
    try {
      return await tryBind(host, port);
    } catch (thrown) {
      const taken = thrown instanceof NetError && thrown.code === "address_in_use";
      if (!taken || performance.now() > lastLook) throw thrown;
      await pause(systemTimers, LOOK_AGAIN_MS);
    }
  }
}
