/**
 * A whole node in the present thread, from a transport, stores and a key: for embedding in somebody's program, for a browser tab, and
 * for simulations. Where there are workers and child processes, `tools/` composes the same actors with them.
 *
 * @module
 */
import { type Address, formatAddress, type Signer } from "../ledger/primitives/mod.ts";
import type { Operation } from "../ledger/mod.ts";
import { type ReplicaOptions, replicaOptions } from "../ledger/node/mod.ts";
import type { Store } from "../ledger/store/mod.ts";
import type { Executor } from "../executor/mod.ts";
import { type BlobStore, makeBlobExchange, type Timers, type Transport } from "../net/mod.ts";
import { type ArbiterPolicy, DEFAULT_ARBITER_POLICY, makeArbiter } from "./arbiter/mod.ts";
import { type ChallengerPolicy, makeChallenger } from "./challenger/mod.ts";
import type { DutyTimes } from "./duties/mod.ts";
import { type LedgerClient, makeLedgerClient } from "./ledger_client/mod.ts";
import { makeMarket } from "./market/mod.ts";
import { makeProvider, type ProviderPolicy } from "./provider/mod.ts";
import { makeRequester, type RequesterPolicy } from "./requester/mod.ts";
import { ROLE } from "./roles.ts";
import {
  type Activity,
  ActorError,
  type ActorEvent,
  type ActorNode,
  type ActorSetup,
  inThread,
  startActorNode,
  type SupervisionPolicy,
  type SupervisionReport,
} from "./runtime/mod.ts";
import { makeValidator } from "./validator/mod.ts";
import {
  type BlobAccess,
  type Journal,
  makeBlobAccess,
  makeMemoryJournal,
  type WorkPowers,
} from "./work/mod.ts";

/** What a node does besides following the chain. An absent role is not played. */
export interface NodeRoles {
  readonly provider?: ProviderPolicy;
  readonly challenger?: ChallengerPolicy;
  /** `{}` for the default policy. */
  readonly arbiter?: Partial<ArbiterPolicy>;
  readonly market?: Readonly<Record<string, never>>;
  readonly requester?: RequesterPolicy;
}

/** What a node is made from. Whoever passes something that can be closed closes it, after {@link Node.stop}. */
export interface NodeOptions {
  readonly transport: Transport;
  readonly timers: Timers;
  random(length: number): Uint8Array;
  /** The node's key: its account, and its vote if it is a validator. The transport must prove the same key. */
  readonly signer: Signer;
  readonly store: Store;
  readonly blobStore: BlobStore;
  /** Genesis and, where they differ from the defaults, the replica's options. */
  readonly ledger: Pick<ReplicaOptions, "genesis"> & Partial<Omit<ReplicaOptions, "signer">>;
  readonly roles?: NodeRoles;
  /** Needed by every role but the requester. */
  readonly executor?: Executor;
  /** What the actors are handed in place of their powers: for tests and demonstrations of cheats only. Default: their own. */
  readonly twist?: (own: WorkPowers) => WorkPowers;
  /** Durable notes of the actors. Default: in memory. */
  readonly journal?: Journal;
  /** Blames a peer for breaking the ledger's protocol, for example `transport.blame(peer, "lie")`. Default: nobody is blamed. */
  readonly penalize?: (peer: string, reason: string) => void;
  readonly times?: DutyTimes;
  readonly policy?: Partial<SupervisionPolicy>;
  readonly onEvent?: (role: string, event: ActorEvent) => void;
  readonly onReport?: (report: SupervisionReport) => void;
}

/** A running node. */
export interface Node {
  readonly address: Address;
  readonly actors: ActorNode;
  readonly ledger: LedgerClient;
  readonly blobs: BlobAccess;
  stop(): Promise<void>;
}

function needExecutor({ executor }: NodeOptions): Executor {
  if (executor !== undefined) return executor;
  throw new ActorError(
    "bad_options",
    "A provider, challenger, arbiter or market needs an executor: pass one.",
  );
}

function workActors(options: NodeOptions, powers: () => WorkPowers): readonly ActorSetup[] {
  const { provider, challenger, arbiter, market } = options.roles ?? {};
  const { times } = options;
  const setups: ActorSetup[] = [];
  if (provider !== undefined) {
    setups.push(inThread(ROLE.provider, () => makeProvider(powers(), provider, times)));
  }
  if (challenger !== undefined) {
    setups.push(inThread(ROLE.challenger, () => makeChallenger(powers(), challenger, times)));
  }
  if (arbiter !== undefined) {
    const policy = { ...DEFAULT_ARBITER_POLICY, ...arbiter };
    setups.push(inThread(ROLE.arbiter, () => makeArbiter(powers(), policy, times)));
  }
  if (market !== undefined) setups.push(inThread(ROLE.market, () => makeMarket(powers(), times)));
  return setups;
}

/**
 * Starts a node.
 *
 * @throws {ActorError} `bad_options` if the transport proves another key than the signer's, or an executor is missing.
 */
export function startNode(options: NodeOptions): Node {
  const { transport, timers, signer, store, blobStore } = options;
  if (transport.self !== formatAddress(signer.address)) {
    throw new ActorError(
      "bad_options",
      "The transport proves another key than the signer's: make both from one key.",
    );
  }
  const exchange = makeBlobExchange(transport, blobStore, { timers });
  const blobs = makeBlobAccess(blobStore, exchange);
  const journal = options.journal ?? makeMemoryJournal();
  // The actors ask the ledger through the node that they are part of: it exists by the time they do.
  const running: { node?: ActorNode } = {};
  const ledger = makeLedgerClient({
    signer,
    timers,
    ask: (question, timeoutMs) => {
      const { node } = running;
      if (node === undefined) {
        return Promise.reject(new ActorError("stopped", "The node is not running yet."));
      }
      return node.ask({ peer: transport.self, role: ROLE.validator }, question, timeoutMs);
    },
  });
  const validatorPowers = {
    store,
    peers: () => Promise.resolve(transport.peers()),
    penalize: options.penalize ?? (() => {}),
    report: async (operation: Operation, activity: Activity) => void await ledger.submit(operation, activity),
  };
  const replica = replicaOptions({ ...options.ledger, signer });
  const requester = options.roles?.requester;
  const powers = (): WorkPowers => {
    const own = { ledger, blobs, journal, executor: needExecutor(options) };
    return options.twist?.(own) ?? own;
  };
  const node = startActorNode({
    transport,
    timers,
    random: options.random,
    actors: [
      inThread(ROLE.validator, () => makeValidator(validatorPowers, replica)),
      ...workActors(options, powers),
      ...requester === undefined ? [] : [
        inThread(ROLE.requester, () => makeRequester({ ledger, blobs, journal }, requester, options.times)),
      ],
    ],
    ...(options.policy === undefined ? {} : { policy: options.policy }),
    ...(options.onEvent === undefined ? {} : { onEvent: options.onEvent }),
    ...(options.onReport === undefined ? {} : { onReport: options.onReport }),
  });
  running.node = node;
  return {
    address: signer.address,
    actors: node,
    ledger,
    blobs,
    async stop() {
      await node.stop();
      exchange.close();
    },
  };
}
