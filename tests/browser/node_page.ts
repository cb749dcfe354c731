/**
 * A tab that is a node: it dials one over WebRTC, follows the chain with a ledger of its own in memory, and pays somebody.
 *
 * @module
 */
import { startNode } from "../../actors/mod.ts";
import { parseGenesis } from "../../ledger/mod.ts";
import { formatAddress, hexToBytes, parseAddress, signerFromSeed } from "../../ledger/primitives/mod.ts";
import { createMemoryStore } from "../../ledger/store/mod.ts";
import { makeMemoryBlobStore } from "../../net/mod.ts";
import { systemTimers } from "../../net/timers_system.ts";
import { startBrowserTransport } from "../../net/webrtc_browser.ts";
import { servePage } from "./in_page.ts";

/** Whom to dial, the chain to follow, the tab's key, and whom to pay how much. */
export interface NodeInput {
  readonly address: string;
  readonly genesis: string;
  readonly seed: string;
  readonly payee: string;
  readonly amount: string;
}

/** What the tab's own ledger says before and after. Amounts in the smallest unit. */
export interface NodeOutcome {
  readonly account: string;
  readonly peers: readonly string[];
  readonly before: string;
  readonly fee: string;
  readonly after: string;
  readonly payee: string;
}

/** Finding the node, catching up and two blocks take seconds; a loaded machine is let take longer. */
const CALL_MS = 60_000;

await servePage(async ({ address, genesis, seed, payee, amount }: NodeInput): Promise<NodeOutcome> => {
  const signer = signerFromSeed(hexToBytes(seed));
  const transport = await startBrowserTransport({ seed: hexToBytes(seed), bootstrap: [address] });
  const call = { signal: AbortSignal.timeout(CALL_MS) };
  const node = startNode({
    transport,
    timers: systemTimers,
    signer,
    random: (length) => crypto.getRandomValues(new Uint8Array(length)),
    store: createMemoryStore(),
    blobStore: makeMemoryBlobStore(),
    ledger: { genesis: parseGenesis(genesis) },
  });
  const balanceOf = async (owner: Uint8Array) => (await node.ledger.query("account", owner, call)).balance;
  try {
    while (await balanceOf(signer.address) === 0n) {
      call.signal.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    const before = await balanceOf(signer.address);
    const to = parseAddress(payee);
    const { fee } = await node.ledger.submit({ kind: "transfer", to, amount: BigInt(amount) }, call);
    return {
      account: formatAddress(signer.address),
      peers: transport.peers(),
      before: before.toString(),
      fee: fee.toString(),
      after: (await balanceOf(signer.address)).toString(),
      payee: (await balanceOf(to)).toString(),
    };
  } finally {
    await node.stop();
    await transport.close();
  }
});
