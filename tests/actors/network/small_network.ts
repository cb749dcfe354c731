/**
 * A whole network in one thread: real consensus, real ledger, a real engine on a tiny program; only the wires are in memory.
 *
 * @module
 */
import {
  type ActorEvent,
  makeMemoryJournal,
  type Node,
  type NodeRoles,
  startNode,
} from "../../../actors/mod.ts";
import { createOrtStrict } from "../../../executor/engines/ort_strict_ort.ts";
import type { Engine } from "../../../executor/engine.ts";
import type { Executor } from "../../../executor/executor.ts";
import { createLocalExecutor } from "../../../executor/local_executor.ts";
import type { Claim } from "../../../executor/run/mod.ts";
import { devParams, type Genesis, type Params, type Role, UNITS_PER_TOKEN } from "../../../ledger/mod.ts";
import { DEFAULT_TIMEOUTS } from "../../../ledger/consensus/mod.ts";
import { createMemoryStore } from "../../../ledger/store/mod.ts";
import { makeMemoryBlobStore, makeMemoryMesh, type MemoryMesh } from "../../../net/mod.ts";

/** One node to be. Its key is that of its place in the mesh. */
export interface Member {
  readonly name: string;
  /** What it has at stake from genesis on. */
  readonly stakes: readonly Role[];
  readonly roles: NodeRoles;
  /** What its executor claims instead of what it computes. */
  readonly claim?: Claim;
  /** The device that its engine computes on. Default: the network's engine as it is. */
  readonly device?: (engine: Engine) => Engine;
}

/** What a node told, with its name and role. */
export interface Told {
  readonly name: string;
  readonly role: string;
  readonly event: ActorEvent;
}

/** A running network. */
export interface SmallNetwork {
  readonly engine: Engine;
  readonly told: readonly Told[];
  node(name: string): Node;
  /** Stops a node. What it holds on disk stays. */
  stop(name: string): Promise<void>;
  /** Starts a stopped node again, with what it held on disk and nothing else. */
  start(name: string): void;
  /** Resolves with the first event, past or future, that fits. Rejects after `timeoutMs`. */
  heard(fits: (told: Told) => boolean, timeoutMs?: number): Promise<Told>;
  close(): Promise<void>;
}

/** Balance and stake of every member at genesis. */
export const START = 10_000n * UNITS_PER_TOKEN;
export const STAKE = 1_000n * UNITS_PER_TOKEN;

/** Looks often, so that a test takes seconds. */
const TIMES = {
  lookEveryMs: 500,
  lookDeadlineMs: 15_000,
  firstPauseMs: 100,
  greatestPauseMs: 1000,
  answers: 32,
  answerDeadlineMs: 30_000,
};

function genesisOf(mesh: MemoryMesh, members: readonly Member[], params: Partial<Params>): Genesis {
  const addressed = members.flatMap((member, i) => {
    const address = mesh.signers[i]?.address;
    return address === undefined ? [] : [{ ...member, address }];
  });
  return {
    network: "small",
    symbol: "AIGENSYN",
    decimals: 9,
    params: devParams(params),
    accounts: addressed.map(({ address }) => ({ address, balance: START })),
    stakes: addressed.flatMap(({ address, stakes }) =>
      stakes.map((role) => ({ address, role, amount: STAKE }))
    ),
    validators: addressed
      .filter(({ stakes }) => stakes.includes("validator"))
      .map(({ address }) => ({ address, beaconKey: new Uint8Array() })),
  };
}

/** What a node finds again after a restart. */
function makeDisk() {
  return { store: createMemoryStore(), blobStore: makeMemoryBlobStore(), journal: makeMemoryJournal() };
}

/** Starts a network of these members, all connected to one another. */
export async function startSmallNetwork(
  members: readonly Member[],
  params: Partial<Params> = {},
  makeEngine: () => Promise<Engine> = createOrtStrict,
): Promise<SmallNetwork> {
  const mesh = await makeMemoryMesh(members.length);
  const engine = await makeEngine();
  const shared: Engine = { ...engine, load: (graph) => engine.load(graph), close: () => Promise.resolve() };
  const genesis = genesisOf(mesh, members, params);
  const told: Told[] = [];
  const listeners = new Set<(told: Told) => void>();
  const nodes = new Map<string, Node>();
  const executors = new Set<Executor>();
  const disks = new Map(members.map(({ name }) => [name, makeDisk()]));

  const start = (name: string) => {
    const i = members.findIndex((member) => member.name === name);
    const member = members[i],
      transport = mesh.transports[i],
      signer = mesh.signers[i],
      disk = disks.get(name);
    if (member === undefined || transport === undefined || signer === undefined || disk === undefined) {
      throw new RangeError(`There is no member "${name}" in this network`);
    }
    const { claim, roles, device } = member;
    const executor = createLocalExecutor(device?.(shared) ?? shared, claim === undefined ? {} : { claim });
    executors.add(executor);
    const node = startNode({
      transport,
      signer,
      executor,
      ...disk,
      timers: mesh.network.timers,
      random: (length) => crypto.getRandomValues(new Uint8Array(length)),
      ledger: {
        genesis,
        timing: { blockIntervalMs: 60, gatherMs: 5, pollMs: 1000, timeouts: DEFAULT_TIMEOUTS },
      },
      roles,
      times: TIMES,
      onEvent(role, event) {
        const news = { name, role, event };
        told.push(news);
        for (const listener of [...listeners]) listener(news);
      },
    });
    nodes.set(name, node);
  };
  for (const { name } of members) start(name);

  return {
    engine,
    told,
    node(name) {
      const node = nodes.get(name);
      if (node === undefined) throw new RangeError(`There is no node "${name}" in this network`);
      return node;
    },
    start,
    async stop(name) {
      await nodes.get(name)?.stop();
      nodes.delete(name);
    },
    heard(fits, timeoutMs = 60_000) {
      const known = told.find(fits);
      if (known !== undefined) return Promise.resolve(known);
      return new Promise((resolve, reject) => {
        const give = (done: () => void) => {
          clearTimeout(timer);
          listeners.delete(listen);
          done();
        };
        const listen = (news: Told) => fits(news) && give(() => resolve(news));
        const timer = setTimeout(
          () => give(() => reject(new Error(`Not heard in ${timeoutMs} ms. Last: ${describe(told)}`))),
          timeoutMs,
        );
        listeners.add(listen);
      });
    },
    async close() {
      await Promise.all([...nodes.values()].map((node) => node.stop()));
      await Promise.all([...executors].map((executor) => executor.close()));
      await engine.close();
      await mesh.close();
    },
  };
}

/** The last warnings and ledger events, for a failing test. */
function describe(told: readonly Told[]): string {
  const shown = told.filter(({ event }) => event.kind === "warning" || event.kind === "ledger_event").slice(
    -30,
  );
  return shown.map(({ name, event }) =>
    event.kind === "warning"
      ? `${name}: ${event.code} ${event.message}`
      : event.kind === "ledger_event"
      ? `${name}: ${event.event} ${event.detail ?? ""}`
      : ""
  ).join("\n");
}
