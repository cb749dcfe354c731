/**
 * Transfers that become final, and how long each takes.
 *
 * @module
 */
import { chainIdOf, createTransactionReader } from "../../../ledger/chain/mod.ts";
import { DEFAULT_TIMING, type Timing } from "../../../ledger/node/mod.ts";
import type { OpenContender } from "../bench.ts";
import { processorSeconds } from "../repeat.ts";
import { benchGenesis, signerOf, VALIDATORS } from "./chain.ts";
import { median } from "../statistics.ts";
import { startReplicas, transfer } from "./replicas.ts";

/** Transfers of one sample, and the accounts that send them in turn: a second or so of work. */
const TRANSFERS = 1_000, SENDERS = 50;

/** Blocks as soon as there are transactions; idle ones seldom, since only work counts. */
const BUSY: Timing = { ...DEFAULT_TIMING, gatherMs: 1, blockIntervalMs: 1_000 };

/**
 * Transfers a second of processor time, from their submission on one of four validators to their being final on all.
 *
 * @param sharing Whether signatures are checked once for all four, which no four machines can do.
 */
export const transferThroughput = (sharing: boolean): OpenContender => () => {
  const senders = Array.from({ length: SENDERS }, (_, i) => signerOf(`sender ${i}`));
  const genesis = benchGenesis(senders.map(({ address }) => address)), chainId = chainIdOf(genesis);
  const shared = sharing ? { reader: createTransactionReader() } : {};
  const network = startReplicas({ genesis, signers: VALIDATORS, delayMs: 1, timing: BUSY, ...shared });
  let rounds = 0n, submitted = 0;
  const batch = () =>
    Array.from({ length: TRANSFERS / SENDERS }, () => {
      const nonce = rounds++;
      return senders.map((sender, i) =>
        transfer(chainId, sender, nonce, senders[(i + 1) % SENDERS]?.address ?? sender.address)
      );
    }).flat();
  return Promise.resolve({
    sample: () => {
      const transactions = batch(), start = processorSeconds();
      for (const [i, transaction] of transactions.entries()) {
        network.submit(i % VALIDATORS.length, transaction);
      }
      submitted += transactions.length;
      network.runUntil(() => network.finalized() === submitted);
      return Promise.resolve(TRANSFERS / (processorSeconds() - start));
    },
    close: () => Promise.resolve(),
  });
};

/** Delay of finality's bench, and how many transfers are timed. */
const DELAY_MS = 50, TIMED = 101;

/**
 * Median of the virtual milliseconds from the submission of a transfer to its being final everywhere, at 50 ms one way.
 *
 * @param to Who gets it: whoever leads, or the validators in turn, which then tell the leader.
 */
export function finalityMs(to: "leader" | "anybody"): number {
  const sender = signerOf("sender 0"), genesis = benchGenesis([sender.address]);
  const network = startReplicas({ genesis, signers: VALIDATORS, delayMs: DELAY_MS });
  const times: number[] = [];
  for (let nonce = 0; nonce < TIMED; nonce++) {
    // Moments that have nothing to do with the rhythm of blocks.
    const moment = network.now + 997 + nonce * 13;
    network.runUntil(() => network.now >= moment && (to === "anybody" || network.leader() !== undefined));
    const start = network.now, validator = to === "leader" ? network.leader() : nonce % VALIDATORS.length;
    network.submit(validator ?? 0, transfer(chainIdOf(genesis), sender, BigInt(nonce), sender.address));
    network.runUntil(() => network.finalized() === nonce + 1);
    times.push(network.now - start);
  }
  return median(times);
}
