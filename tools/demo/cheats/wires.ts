/**
 * Real connections that outlive a play: who takes part in the next one too is still connected.
 *
 * @module
 */
import { hash, utf8 } from "../../../ledger/primitives/mod.ts";
import type { Transport } from "../../../net/mod.ts";
import { startWebRtcTransport } from "../../../net/webrtc_libp2p.ts";
import { PromiseBroken } from "../../simulation/watcher.ts";
import { sleep } from "./sleep.ts";

/** See the module. */
export interface Wires {
  /**
   * One transport for each name, all part of one network, and nobody else in it. To close one is to leave the play.
   *
   * @throws {PromiseBroken} `liveness` if they do not find together.
   */
  connect(names: readonly string[]): Promise<readonly Transport[]>;
  /** Cuts them all. */
  close(): Promise<void>;
}

/** Key of a name in a demonstration: anybody can know it. */
export function seedOf(name: string): Uint8Array {
  return hash("assay/simulation/signer", utf8(name));
}

/** How often it is looked whether everybody is connected, and how long that may take. */
const LOOK_MS = 100, CONNECT_MS = 120_000;

/** Nodes that each stays connected to; gossip and dialling on demand do the rest. */
const JOINS = 3;

/** Wires that nobody holds yet. `signal` ends every wait. */
export function makeWires(signal: AbortSignal): Wires {
  const known = new Map<string, Transport>();

  const leave = async (names: readonly string[]) => {
    const left = [...known].filter(([name]) => !names.includes(name));
    for (const [name] of left) known.delete(name);
    await Promise.all(left.map(([, transport]) => transport.close()));
  };

  const join = async (name: string) => {
    const bootstrap = [...known.values()].slice(0, JOINS).flatMap((other) => other.addresses().slice(0, 1));
    // A peer that is not up yet is tried again: on a busy machine nothing to tell anybody.
    const transport = await startWebRtcTransport({ seed: seedOf(name), bootstrap, report: () => {} });
    known.set(name, transport);
  };

  return {
    async connect(names) {
      await leave(names);
      for (const name of names) if (!known.has(name)) await join(name);
      const wanted = Math.min(JOINS, names.length - 1);
      const end = Date.now() + CONNECT_MS;
      while ([...known.values()].some((transport) => transport.peers().length < wanted)) {
        if (Date.now() > end) {
          throw new PromiseBroken("liveness", `not connected within ${CONNECT_MS / 1000} s`);
        }
        await sleep(LOOK_MS, signal);
      }
      return names.flatMap((name) => {
        const transport = known.get(name);
        return transport === undefined ? [] : [{ ...transport, close: () => Promise.resolve() }];
      });
    },
    close: () => leave([]),
  };
}
