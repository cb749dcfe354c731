/**
 * Connected nodes of both kinds of network, all in one process.
 *
 * @module
 */
import { sha256, type Signer, utf8 } from "../../../ledger/primitives/mod.ts";
import { makeMemoryMesh, type Transport } from "../../../net/mod.ts";
import { startWebRtcTransport } from "../../../net/webrtc_libp2p.ts";
import { ToolError } from "../../errors.ts";

/** Nodes, each connected to every other. */
export interface Mesh {
  readonly transports: readonly Transport[];
  /** Their keys, where the mesh chose them. */
  readonly signers?: readonly Signer[];
  close(): Promise<void>;
}

async function webRtcMesh(count: number): Promise<Mesh> {
  const transports: Transport[] = [];
  for (let i = 0; i < count; i++) {
    const transport = await startWebRtcTransport({
      seed: sha256(utf8(`assay/bench/node ${i}`)),
      report: () => {},
    });
    for (const address of transports.flatMap((other) => other.addresses())) await transport.dial(address);
    transports.push(transport);
  }
  return { transports, close: async () => void await Promise.all(transports.map((each) => each.close())) };
}

/** @throws {ToolError} `failed` for another kind. */
export async function openMesh(kind: string, count: number): Promise<Mesh> {
  switch (kind) {
    case "memory":
      return await makeMemoryMesh(count);
    case "webrtc":
      return await webRtcMesh(count);
    default:
      throw new ToolError("failed", `There is no network "${kind}".`);
  }
}

/** Node `i` of a mesh. */
export function nodeAt({ transports }: Mesh, i: number): Transport {
  const transport = transports[i];
  if (transport === undefined) throw new ToolError("failed", `The mesh has no node ${i}.`);
  return transport;
}
