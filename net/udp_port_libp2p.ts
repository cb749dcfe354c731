/**
 * A free UDP port, found by binding one. The native WebRTC library neither picks a port itself nor survives a taken one well
 * (a failed listener leaves traces that block the next attempt), so the question is settled before it is asked.
 *
 * @module
 */
import { createSocket } from "node:dgram";
import { NetError } from "./errors.ts";

/**
 * `port` if it is free on `host`, or a free one for 0.
 *
 * @throws {NetError} `address_in_use`, or `bad_options` if `host` is not an address of this machine.
 */
export function findUdpPort(host: string, port: number): Promise<number> {
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
