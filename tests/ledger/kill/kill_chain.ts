/**
 * The chain of the killed validators. Its keys are the same in every process.
 *
 * @module
 */
import type { Genesis } from "../../../ledger/chain/mod.ts";
import type { Timing } from "../../../ledger/node/mod.ts";
import { hash, type Signer, signerFromSeed, utf8 } from "../../../ledger/primitives/mod.ts";
import { testGenesis } from "../../simulation/chain_fixture.ts";

/** The four validators. */
export const KILL_SIGNERS: readonly Signer[] = ["a", "b", "c", "d"].map((name) =>
  signerFromSeed(hash("assay/test/kill", utf8(name)))
);

/** Epochs of 20 blocks: kills fall on epoch ends, too. */
export const KILL_GENESIS: Genesis = testGenesis(KILL_SIGNERS, undefined, {
  epochBlocks: 20,
  unbondingBlocks: 60,
});

/** Blocks as fast as the machine makes them; views time out soon, so that nullify votes are cast, too. */
export const FAST: Timing = {
  blockIntervalMs: 5,
  gatherMs: 0,
  pollMs: 200,
  timeouts: { leaderMs: 60, advanceMs: 100, retryMs: 100, maxMs: 2_000 },
};
