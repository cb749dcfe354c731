/**
 * Four whole validator nodes in one process, measured on the clock: each validator is an actor in a worker of its own, as in a node, and
 * verifies every signature for itself; the transports are in the main thread. Stores are in memory: the wires are what differs.
 * Argument: `memory` or `webrtc`.
 *
 * @module
 */
import { LedgerAnswer, LedgerQuestion, ROLE, startActorNode, validatorTopics } from "../../../actors/mod.ts";
import { inWorker } from "../../../actors/runtime/worker_host_worker.ts";
import { chainIdOf } from "../../../ledger/chain/mod.ts";
import { decode, encode, sha256, signerFromSeed, utf8 } from "../../../ledger/primitives/mod.ts";
import { systemTimers } from "../../../net/timers_system.ts";
import { ToolError } from "../../errors.ts";
import type { Contender } from "../bench.ts";
import { nodeAt, openMesh } from "../net/meshes.ts";
import { serveContender } from "../serve_contender.ts";
import type { BenchValidatorSettings } from "./bench_validator_worker.ts";
import { benchGenesis, signerOf } from "./chain.ts";
import { transfer } from "./replicas.ts";

const NODES = 4;

/** Transfers of one sample, and the accounts that send them in turn. */
const TRANSFERS = 4_000, SENDERS = 50;

/** Transfers that each node has been handed and not answered for yet: what so many people send at once. */
const IN_HAND = 32;

/** Waits for a sample: many times what it takes. */
const LIMIT_MS = 50_000;

/** For the first connections and subscriptions to settle. */
const SETTLE_MS = 3_000;

/** The seeds of a mesh's nodes, in their order: the mesh in memory has keys of its own. */
function seedsOf(kind: string): readonly Uint8Array[] {
  const text = kind === "memory" ? "assay/test identity" : "assay/bench/node";
  return Array.from({ length: NODES }, (_, i) => sha256(utf8(`${text} ${i}`)));
}

/** Does something for every entry, so many at a time. */
async function inHand<T>(
  entries: readonly T[],
  most: number,
  work: (entry: T) => Promise<void>,
): Promise<void> {
  const waiting = entries.values();
  const worker = async () => {
    for (const entry of waiting) await work(entry);
  };
  await Promise.all(Array.from({ length: most }, worker));
}

async function open([kind = ""]: readonly string[]): Promise<Contender> {
  const mesh = await openMesh(kind, NODES);
  const seeds = seedsOf(kind), signers = seeds.map(signerFromSeed);
  const senders = Array.from({ length: SENDERS }, (_, i) => signerOf(`sender ${i}`));
  const genesis = benchGenesis(senders.map(({ address }) => address), signers), chainId = chainIdOf(genesis);
  const finalized = signers.map(() => 0);
  let wake = () => {};
  const nodes = seeds.map((seed, i) => {
    const transport = nodeAt(mesh, i), settings: BenchValidatorSettings = { seed, genesis };
    return startActorNode({
      transport,
      timers: systemTimers,
      random: (length) => crypto.getRandomValues(new Uint8Array(length)),
      actors: [inWorker({
        role: ROLE.validator,
        topics: validatorTopics(genesis),
        module: new URL("./bench_validator_worker.ts", import.meta.url),
        permissions: "inherit",
        settings,
        services: {
          network: { peers: () => Promise.resolve(transport.peers()), penalize: () => Promise.resolve() },
        },
      })],
      onEvent(_, event) {
        if (event.kind !== "block_finalized") return;
        finalized[i] = (finalized[i] ?? 0) + event.transactions;
        wake();
      },
    });
  });
  const submit = async (i: number, transaction: Uint8Array) => {
    const node = nodes[i];
    if (node === undefined) return;
    const question = encode(LedgerQuestion, { kind: "submit", transaction });
    const answer = decode(
      LedgerAnswer,
      await node.ask({ peer: node.self, role: ROLE.validator }, question, LIMIT_MS),
    );
    if (answer.kind === "refused") throw new ToolError("failed", `A transfer was refused: ${answer.message}`);
  };
  const allFinal = async (count: number) => {
    const late = setTimeout(() => wake(), LIMIT_MS), end = performance.now() + LIMIT_MS;
    while (Math.min(...finalized) < count) {
      if (performance.now() >= end) {
        throw new ToolError("failed", `Not within ${LIMIT_MS} ms: ${count} are final.`);
      }
      await new Promise<void>((resolve) => wake = resolve);
    }
    clearTimeout(late);
  };
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  let nonce = 0n, submitted = 0;
  return {
    async sample() {
      const batches = Array.from({ length: TRANSFERS / SENDERS }, () => {
        const at = nonce++;
        return senders.map((sender, i) =>
          transfer(chainId, sender, at, senders[(i + 1) % SENDERS]?.address ?? sender.address)
        );
      });
      const all = batches.flat();
      submitted += all.length;
      const start = performance.now();
      await Promise.all(
        nodes.map((_, node) =>
          inHand(all.filter((_, i) => i % NODES === node), IN_HAND, (each) => submit(node, each))
        ),
      );
      await allFinal(submitted);
      return TRANSFERS / ((performance.now() - start) / 1000);
    },
    async close() {
      for (const node of nodes) await node.stop();
      await mesh.close();
    },
  };
}

if (import.meta.main) await serveContender(open);
