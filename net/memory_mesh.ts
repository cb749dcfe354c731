/**
 * A ready-made network of connected in-memory nodes, for tests and examples.
 *
 * @module
 */
import { sha256, type Signer, signerFromSeed, utf8 } from "../ledger/primitives/mod.ts";
import type { ScoredTransport } from "./make_transport.ts";
import {
  makeMemoryNetwork,
  makeMemoryTransport,
  type MemoryNetwork,
  type MemoryNetworkOptions,
} from "./memory_transport.ts";

/** A network and its nodes. `signers[i]` is the identity of `transports[i]`. */
export interface MemoryMesh {
  readonly network: MemoryNetwork;
  readonly transports: readonly ScoredTransport[];
  readonly signers: readonly Signer[];
  close(): Promise<void>;
}

/**
 * The identity of test node `index`. Everybody can know its secret: never use it outside tests and simulations.
 */
export function testSigner(index: number): Signer {
  return signerFromSeed(sha256(utf8(`assay/test identity ${index}`)));
}

/**
 * `count` in-memory nodes, each connected to every other.
 *
 * @example
 * ```ts
 * import { makeMemoryMesh } from "./memory_mesh.ts";
 * const mesh = await makeMemoryMesh(3);
 * console.assert(mesh.transports.every((transport) => transport.peers().length === 2));
 * await mesh.close();
 * ```
 */
export async function makeMemoryMesh(count: number, options: MemoryNetworkOptions = {}): Promise<MemoryMesh> {
  const network = makeMemoryNetwork(options);
  const signers = Array.from({ length: count }, (_, index) => testSigner(index));
  const transports = signers.map((signer) => makeMemoryTransport(network, { signer }));
  for (const [index, transport] of transports.entries()) {
    const earlier = transports.slice(0, index).flatMap((other) => other.addresses());
    await Promise.all(earlier.map((address) => transport.dial(address)));
  }
  return {
    network,
    transports,
    signers,
    close: async () => {
      await Promise.all(transports.map((transport) => transport.close()));
    },
  };
}
