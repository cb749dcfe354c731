/**
 * The worker module of a validator of the bench: as that of a node, but for its store, which is in memory.
 *
 * @module
 */
import { makeValidator } from "../../../actors/mod.ts";
import { serveActor } from "../../../actors/runtime/worker_entry_worker.ts";
import type { Genesis } from "../../../ledger/chain/mod.ts";
import { DEFAULT_TIMING, replicaOptions } from "../../../ledger/node/mod.ts";
import { signerFromSeed } from "../../../ledger/primitives/mod.ts";
import { createMemoryStore } from "../../../ledger/store/mod.ts";
import type { NetworkService } from "../../node/workers/worker_settings.ts";

/** What the worker is told. */
export interface BenchValidatorSettings {
  readonly seed: Uint8Array;
  readonly genesis: Genesis;
}

/** Blocks as soon as there are transactions; idle ones seldom, since only work counts. */
const TIMING = { ...DEFAULT_TIMING, blockIntervalMs: 200 };

serveActor(self, ({ settings, service }) => {
  const { seed, genesis } = settings as BenchValidatorSettings;
  const network = service<NetworkService>("network");
  return makeValidator(
    { store: createMemoryStore(), peers: () => network.peers(), penalize: () => {} },
    replicaOptions({ genesis, signer: signerFromSeed(seed), timing: TIMING }),
  );
});
