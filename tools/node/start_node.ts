/**
 * Starts a node on this machine: every actor in a Deno worker with its own permissions, the executor in a child process, the
 * ledger in SQLite, the network over WebRTC. `actors/start_node.ts` composes the same actors in one thread.
 *
 * @module
 */
import {
  ActorError,
  type ActorEvent,
  type ActorNode,
  type ActorSetup,
  type BlobAccess,
  type LedgerClient,
  makeBlobAccess,
  makeLedgerClient,
  ROLE,
  startActorNode,
  type SupervisionReport,
  validatorTopics,
} from "../../actors/mod.ts";
import { inWorker } from "../../actors/runtime/worker_host_worker.ts";
import type { Executor } from "../../executor/mod.ts";
import { createChildExecutor } from "../../executor/child/child_executor_deno.ts";
import { signerFromSeed } from "../../ledger/primitives/mod.ts";
import { openFileBlobStore } from "../../net/blob_store_file.ts";
import { type BlobStore, makeBlobExchange, type Transport } from "../../net/mod.ts";
import { systemTimers } from "../../net/timers_system.ts";
import { startWebRtcTransport } from "../../net/webrtc_libp2p.ts";
import { executorCommand } from "./executor_command.ts";
import { homeAt } from "./home_file.ts";
import { openFileJournal } from "./journal_file.ts";
import { DEFAULT_PROVIDER, type NodePlan, type NodeRole } from "./node_plan.ts";
import type {
  LedgerService,
  NetworkService,
  ValidatorSettings,
  WorkSettings,
} from "./workers/worker_settings.ts";
import { SERVICE } from "./workers/worker_settings.ts";

/** What a node tells the program around it. */
export interface NodeListeners {
  readonly onEvent?: (role: string, event: ActorEvent) => void;
  readonly onReport?: (report: SupervisionReport) => void;
}

/** A running node. */
export interface RunningNode {
  readonly plan: NodePlan;
  readonly address: Uint8Array;
  readonly transport: Transport;
  readonly actors: ActorNode;
  readonly ledger: LedgerClient;
  readonly blobs: BlobAccess;
  readonly blobStore: BlobStore;
  readonly executor: Executor;
  /** Stops actors, executor and network, in that order. Never rejects for something that is stopped already. */
  stop(): Promise<void>;
}

/** Worker modules, as URLs that `deno compile` can see. */
const WORKERS: Readonly<Record<NodeRole, URL>> = {
  validator: new URL("./workers/validator_worker.ts", import.meta.url),
  provider: new URL("./workers/provider_worker.ts", import.meta.url),
  challenger: new URL("./workers/challenger_worker.ts", import.meta.url),
  arbiter: new URL("./workers/arbiter_worker.ts", import.meta.url),
  market: new URL("./workers/market_worker.ts", import.meta.url),
  requester: new URL("./workers/requester_worker.ts", import.meta.url),
};

/** What a worker that only talks to its host may do: nothing. */
const NO_PERMISSIONS: Deno.PermissionOptionsObject = {
  env: false,
  ffi: false,
  import: false,
  net: false,
  read: false,
  run: false,
  sys: false,
  write: false,
};

async function storePermissions(chain: string): Promise<Deno.PermissionOptionsObject> {
  const folder = await Deno.realPath(chain.slice(0, chain.lastIndexOf("/")));
  return { ...NO_PERMISSIONS, read: [folder], write: [folder] };
}

function networkService(transport: Transport, blame: (peer: string) => void): NetworkService {
  return {
    peers: () => Promise.resolve(transport.peers()),
    penalize(peer) {
      blame(peer);
      return Promise.resolve();
    },
  };
}

/**
 * Starts a node. Its home must exist; nothing outside it is written.
 *
 * @throws what its parts throw: `NetError` for an address in use, `StoreError` through the supervisor's reports, ...
 */
export async function startNode(plan: NodePlan, listeners: NodeListeners = {}): Promise<RunningNode> {
  const home = homeAt(plan.home);
  const signer = signerFromSeed(plan.seed);
  const transport = await startWebRtcTransport({
    seed: plan.seed,
    ...(plan.stableAddress === false ? {} : { directory: home.identity }),
    bootstrap: plan.join,
    ...plan.listen,
    report: (problem, error) => {
      const message = `${problem} ${error instanceof Error ? error.message : error}`;
      listeners.onEvent?.("network", { kind: "warning", code: "network", message });
    },
  });
  const blobStore = await openFileBlobStore(home.blobs);
  const exchange = makeBlobExchange(transport, blobStore, {
    timers: systemTimers,
    blame: (peer, fault) => transport.blame(peer, fault),
  });
  const blobs = makeBlobAccess(blobStore, exchange);
  const journal = await openFileJournal(home.journal);
  const { engine, roles, threads, fault } = plan;
  // Who provides computes on the GPU if there is one; a verdict comes from WebAssembly, which every arbiter has.
  const mayUseGpu = roles.includes("provider") && !roles.includes("arbiter");
  const executor = createChildExecutor(executorCommand({
    engine,
    mayUseGpu,
    ...(threads === undefined ? {} : { threads }),
    ...(fault === undefined ? {} : { fault }),
  }));

  // The actors ask the ledger through the node that they are part of: it runs by the time they do.
  const running: { node?: ActorNode } = {};
  const ledger = makeLedgerClient({
    signer,
    timers: systemTimers,
    ask: (question, timeoutMs) =>
      running.node?.ask({ peer: transport.self, role: ROLE.validator }, question, timeoutMs) ??
        Promise.reject(new ActorError("stopped", "The node is not running yet.")),
  });
  const ledgerService: LedgerService = {
    query: ledger.query,
    submit: ledger.submit,
    prove: ledger.prove,
    operations: ledger.operations,
  };

  const validatorSettings: ValidatorSettings = {
    kind: "validator",
    seed: plan.seed,
    votes: plan.roles.includes("validator"),
    genesis: plan.genesis,
    store: home.chain,
    timing: plan.timing ?? {},
    history: plan.history ?? {},
  };
  const validator = inWorker({
    role: ROLE.validator,
    topics: validatorTopics(plan.genesis),
    module: WORKERS.validator,
    permissions: await storePermissions(home.chain),
    settings: validatorSettings,
    services: {
      [SERVICE.ledger]: ledgerService,
      [SERVICE.network]: networkService(transport, (peer) => transport.blame(peer, "lie")),
    },
  });
  const workSettings: WorkSettings = {
    kind: "work",
    address: signer.address,
    provider: { ...DEFAULT_PROVIDER, ...plan.provider },
  };
  const worker = (role: NodeRole): ActorSetup =>
    inWorker({
      role,
      topics: [],
      module: WORKERS[role],
      permissions: NO_PERMISSIONS,
      settings: workSettings,
      services: {
        [SERVICE.ledger]: ledgerService,
        [SERVICE.blobs]: blobs,
        [SERVICE.executor]: executor,
        [SERVICE.journal]: journal,
      },
    });
  const node = startActorNode({
    transport,
    timers: systemTimers,
    random: (length) => crypto.getRandomValues(new Uint8Array(length)),
    actors: [validator, ...plan.roles.filter((role) => role !== "validator").map(worker)],
    ...listeners,
  });
  running.node = node;
  return {
    plan,
    address: signer.address,
    transport,
    actors: node,
    ledger,
    blobs,
    blobStore,
    executor,
    async stop() {
      await node.stop();
      exchange.close();
      await executor.close();
      await transport.close();
    },
  };
}
