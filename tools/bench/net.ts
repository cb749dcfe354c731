/**
 * The network on loopback over real WebRTC, beside the same in memory: what the wire costs.
 *
 * @module
 */
import type { Area, Bench, OpenContender } from "./bench.ts";
import { childContender } from "./child_contender.ts";

const WEBRTC = "WebRTC on loopback", MEMORY = "in memory";

function mesh(kind: string, measurement: string): OpenContender {
  return childContender({
    module: new URL("net/mesh_child.ts", import.meta.url),
    args: [kind, measurement],
    permissions: [
      "--allow-read",
      "--allow-env",
      "--allow-sys",
      "--allow-ffi",
      "--allow-net=127.0.0.1,0.0.0.0",
    ],
  });
}

function netBench(
  name: string,
  unit: string,
  better: Bench["better"],
  measurement: string,
): Bench {
  return {
    name,
    unit,
    better,
    entrants: { [WEBRTC]: mesh("webrtc", measurement), [MEMORY]: mesh("memory", measurement) },
    rows: [
      { name: `${name}, WebRTC`, ours: WEBRTC },
      { name: `${name}, memory`, ours: MEMORY },
    ],
  };
}

/** See the module. */
export function netArea(): Area {
  return {
    name: "net",
    summary: "nodes of one process over WebRTC on loopback and in memory, on the clock",
    benches: [
      netBench("round trip of 64 bytes", "ms", "less", "roundTrip"),
      netBench("throughput in messages of 1 MiB", "MB/s", "more", "throughput"),
      netBench("1 KiB to all of 4 nodes", "ms", "less", "gossip"),
    ],
  };
}
