/**
 * An actor inside another program: a dozen lines that follow the ledger in the present thread, and ask it something.
 *
 * The program brings what the actors may use: a transport (here whatever it is given: in memory, or `net/webrtc_libp2p.ts`), a clock,
 * a key, stores. It could give a `provider` its executor in the same way: `roles: { provider: { ... } }, executor`.
 *
 * @module
 */
import { type Node, startNode } from "../../actors/mod.ts";
import type { Genesis } from "../../ledger/mod.ts";
import type { Signer } from "../../ledger/primitives/mod.ts";
import { createMemoryStore } from "../../ledger/store/mod.ts";
import { makeMemoryBlobStore, type Timers, type Transport } from "../../net/mod.ts";

/** Follows the chain of `genesis` over `transport`, and lets the caller post tasks with the key of `signer`. */
export function follow(transport: Transport, timers: Timers, signer: Signer, genesis: Genesis): Node {
  return startNode({
    transport,
    timers,
    signer,
    random: (length) => crypto.getRandomValues(new Uint8Array(length)),
    store: createMemoryStore(),
    blobStore: makeMemoryBlobStore(),
    ledger: { genesis },
    roles: { requester: {} },
    onEvent: (_role, event) => {
      if (event.kind === "ledger_event") console.log(`block ${event.height}: ${event.event}`);
    },
  });
}

/** What an account can spend, as the follower's own copy of the ledger says. */
export async function balanceOf(node: Node, address: Uint8Array): Promise<bigint> {
  const { balance } = await node.ledger.query("account", address, { signal: AbortSignal.timeout(10_000) });
  return balance;
}
