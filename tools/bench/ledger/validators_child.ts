/**
 * Four whole validator nodes in a process of their own, actors and transport included, measured on the clock. Stores are in memory: the
 * wires are what differs. Argument: `memory` or `webrtc`.
 *
 * @module
 */
import { LedgerAnswer, LedgerQuestion, type Node, ROLE, startNode } from "../../../actors/mod.ts";
import { chainIdOf, createTransactionReader } from "../../../ledger/chain/mod.ts";
import { DEFAULT_TIMING } from "../../../ledger/node/mod.ts";
import {
  decode,
  encode,
  formatAddress,
  sha256,
  type Signer,
  signerFromSeed,
  utf8,
} from "../../../ledger/primitives/mod.ts";
import { createMemoryStore } from "../../../ledger/store/mod.ts";
import { makeMemoryBlobStore } from "../../../net/mod.ts";
import { systemTimers } from "../../../net/timers_system.ts";
import { ToolError } from "../../errors.ts";
import type { Contender } from "../bench.ts";
import { nodeAt, openMesh } from "../net/meshes.ts";
import { serveContender } from "../serve_contender.ts";
import { benchGenesis, signerOf } from "./chain.ts";
import { transfer } from "./replicas.ts";

const NODES = 4;

/** Transfers of one sample, and the accounts that send them in turn. */
const TRANSFERS = 2_000, SENDERS = 50;

/** Waits for the first blocks, and for a sample: many times what either takes. */
const LIMIT_MS = 50_000;

/** How often it is looked whether all is final. */
const LOOK_MS = 5;

/** For the first connections and subscriptions to settle. */
const SETTLE_MS = 3_000;

function seedOf(i: number): Uint8Array {
  return sha256(utf8(`assay/bench/node ${i}`));
}

async function until(isDone: () => Promise<boolean>, what: string): Promise<void> {
  const end = performance.now() + LIMIT_MS;
  while (!await isDone()) {
    if (performance.now() > end) throw new ToolError("failed", `Not within ${LIMIT_MS} ms: ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

async function submit({ actors, address }: Node, transaction: Uint8Array): Promise<void> {
  const self = { peer: formatAddress(address), role: ROLE.validator };
  const question = encode(LedgerQuestion, { kind: "submit", transaction });
  const answer = decode(LedgerAnswer, await actors.ask(self, question, LIMIT_MS));
  if (answer.kind === "refused") throw new ToolError("failed", `A transfer was refused: ${answer.message}`);
}

async function open([kind = ""]: readonly string[]): Promise<Contender> {
  const mesh = await openMesh(kind, NODES);
  const known = Array.from({ length: NODES }, (_, i) => signerFromSeed(seedOf(i)));
  const signerFor = (i: number): Signer => {
    const self = nodeAt(mesh, i).self;
    const signer = [...known, ...mesh.signers ?? []].find(({ address }) => formatAddress(address) === self);
    if (signer === undefined) throw new ToolError("failed", `Nobody knows the key of node ${i}.`);
    return signer;
  };
  const signers = Array.from({ length: NODES }, (_, i) => signerFor(i));
  const senders = Array.from({ length: SENDERS }, (_, i) => signerOf(`sender ${i}`));
  const genesis = benchGenesis(senders.map(({ address }) => address), signers), chainId = chainIdOf(genesis);
  const reader = createTransactionReader();
  const nodes = signers.map((signer, i) =>
    startNode({
      transport: nodeAt(mesh, i),
      timers: systemTimers,
      random: (length) => crypto.getRandomValues(new Uint8Array(length)),
      signer,
      store: createMemoryStore(),
      blobStore: makeMemoryBlobStore(),
      ledger: { genesis, reader, timing: { ...DEFAULT_TIMING, blockIntervalMs: 200 } },
    })
  );
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  let nonce = 0n;
  const isFinal = async (sender: Signer) => {
    for (const { ledger } of nodes) {
      const account = await ledger.query("account", sender.address, {
        signal: AbortSignal.timeout(LIMIT_MS),
      });
      if (account.nonce < nonce) return false;
    }
    return true;
  };
  const last = senders.at(-1) ?? signerOf("nobody");
  return {
    async sample() {
      const batches = Array.from({ length: TRANSFERS / SENDERS }, () => {
        const at = nonce++;
        return senders.map((sender, i) =>
          transfer(chainId, sender, at, senders[(i + 1) % SENDERS]?.address ?? sender.address)
        );
      });
      const start = performance.now();
      for (const [i, transaction] of batches.flat().entries()) {
        const node = nodes[i % NODES];
        if (node !== undefined) await submit(node, transaction);
      }
      await until(async () => {
        for (const sender of [last, ...senders]) if (!await isFinal(sender)) return false;
        return true;
      }, "the transfers are final at every node");
      return TRANSFERS / ((performance.now() - start) / 1000);
    },
    async close() {
      for (const node of nodes) await node.stop();
      await mesh.close();
    },
  };
}

if (import.meta.main) await serveContender(open);
