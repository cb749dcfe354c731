/**
 * The worker module of the validator: the one actor with a file of its own, the store.
 *
 * @module
 */
import { makeValidator } from "../../../actors/validator/mod.ts";
import { serveActor } from "../../../actors/runtime/worker_entry_worker.ts";
import { chainIdOf } from "../../../ledger/chain/mod.ts";
import { DEFAULT_TIMING, replicaOptions } from "../../../ledger/node/mod.ts";
import { Checkpoint } from "../../../ledger/light/mod.ts";
import { beaconSignerFromSeed, decode, signerFromSeed } from "../../../ledger/primitives/mod.ts";
import { openSqliteStore } from "../../../ledger/store/store_sqlite.ts";
import { type NetworkService, SERVICE, submitter, validatorSettings } from "./worker_settings.ts";

serveActor(self, (start) => {
  const { seed, votes, genesis, store, timing, history } = validatorSettings(start);
  const network = start.service<NetworkService>(SERVICE.network);
  return makeValidator(
    {
      store: openSqliteStore({ path: store, chainId: chainIdOf(genesis) }),
      peers: () => network.peers(),
      penalize: (peer, reason) => {
        network.penalize(peer, reason).catch(() => {}); // a host that is closing blames nobody any more
      },
      report: submitter(start),
    },
    replicaOptions({
      genesis,
      timing: { ...DEFAULT_TIMING, ...timing },
      ...votes ? { signer: signerFromSeed(seed), beacon: beaconSignerFromSeed(seed) } : {},
      keepBlocks: history.keepBlocks ?? null,
      ...history.snapshotEvery === undefined ? {} : { snapshotEvery: history.snapshotEvery },
      ...history.checkpoint === undefined ? {} : { checkpoint: decode(Checkpoint, history.checkpoint) },
    }),
  );
});
