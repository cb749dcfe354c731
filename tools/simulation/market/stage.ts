/**
 * Whole nodes with their actors in one thread, on a memory network with virtual time.
 *
 * @module
 */
import { type ActorEvent, type Node, startNode } from "../../../actors/mod.ts";
import { createLocalExecutor, type Engine, type Executor } from "../../../executor/mod.ts";
import { createRepopsEngine } from "../../../executor/repops/mod.ts";
import { claimOfFault } from "../../../executor/run/mod.ts";
import { devParams, type Genesis, UNITS_PER_TOKEN } from "../../../ledger/mod.ts";
import { createMemoryStore, type Store } from "../../../ledger/store/mod.ts";
import {
  makeMemoryBlobStore,
  makeMemoryNetwork,
  makeMemoryTransport,
  type ScoredTransport,
} from "../../../net/mod.ts";
import type { Dice } from "../random.ts";
import type { SigningBook } from "../signing_book.ts";
import type { Cast, Player } from "./cast.ts";
import type { VirtualTimers } from "./virtual_timers.ts";

/** Balance and stake of everybody at genesis. */
const START = 10_000n * UNITS_PER_TOKEN, STAKE = 1_000n * UNITS_PER_TOKEN;

/** Blocks come often and windows are short: virtual time is cheap, blocks are not. */
const TIMING = {
  blockIntervalMs: 1_000,
  gatherMs: 20,
  pollMs: 3_000,
  timeouts: { leaderMs: 2_000, advanceMs: 3_000, retryMs: 2_000, maxMs: 10_000 },
};

const WINDOWS = {
  acceptBlocks: 30,
  challengeBlocks: 15,
  roundBlocks: 20,
  arbiterCommitBlocks: 20,
  arbiterRevealBlocks: 20,
};

/** One who has come on stage. */
export interface Actor {
  readonly player: Player;
  readonly node: Node;
  readonly store: Store;
}

/** See the module. */
export interface Stage {
  readonly genesis: Genesis;
  readonly engine: Engine;
  readonly actors: ReadonlyMap<string, Actor>;
  close(): Promise<void>;
}

/** What the stage tells: whose event it is. */
export type Listener = (name: string, event: ActorEvent) => void;

function genesisOf({ players }: Cast, book: SigningBook): Genesis {
  const addressed = players.map((player) => ({ ...player, address: book.signer(player.name).address }));
  return {
    network: "market",
    symbol: "AIGENSYN",
    decimals: 9,
    params: devParams(WINDOWS),
    accounts: addressed.map(({ address }) => ({ address, balance: START })),
    stakes: addressed.flatMap(({ address, stakes }) =>
      stakes.map((role) => ({ address, role, amount: STAKE }))
    ),
    validators: addressed.filter(({ stakes }) => stakes.includes("validator"))
      .map(({ address }) => ({ address, beaconKey: new Uint8Array() })),
  };
}

async function connect(transports: readonly ScoredTransport[], timers: VirtualTimers): Promise<void> {
  let connected = false;
  const all = transports.flatMap((transport, i) =>
    transports.slice(0, i).flatMap((other) => other.addresses()).map((address) => transport.dial(address))
  );
  const done = Promise.all(all).then(() => {
    connected = true;
  });
  await timers.run(() => connected, timers.now() + 10_000);
  await done;
}

/** Brings a cast on stage. */
export async function openStage(
  cast: Cast,
  book: SigningBook,
  timers: VirtualTimers,
  dice: Dice,
  listen: Listener,
): Promise<Stage> {
  const genesis = genesisOf(cast, book);
  const wire = dice.fork();
  const network = makeMemoryNetwork({ timers, latency: () => wire.between(0.5, cast.farthestMs) });
  const transports = cast.players.map(({ name }) =>
    makeMemoryTransport(network, { signer: book.signer(name) })
  );
  await connect(transports, timers);
  const engine = await createRepopsEngine();
  // Executors close the engine that they are given, and this one is everybody's.
  const shared: Engine = { ...engine, close: () => Promise.resolve() };
  const executors: Executor[] = [];
  const actors = new Map<string, Actor>();
  for (const [i, player] of cast.players.entries()) {
    const transport = transports[i];
    if (transport === undefined) continue;
    const { name, roles, liesAtStep } = player;
    const claim = liesAtStep === undefined
      ? {}
      : { claim: claimOfFault({ phase: 0, step: liesAtStep, tensor: 0 }) };
    const executor = createLocalExecutor(shared, claim);
    executors.push(executor);
    const store = createMemoryStore();
    const own = dice.fork();
    const node = startNode({
      transport,
      timers,
      random: (length) => Uint8Array.from({ length }, () => own.whole(0, 255)),
      signer: book.signer(name),
      store,
      blobStore: makeMemoryBlobStore(),
      executor,
      ledger: { genesis, timing: TIMING },
      roles,
      onEvent: (role, event) => listen(`${name} (${role})`, event),
    });
    actors.set(name, { player, node, store });
  }
  return {
    genesis,
    engine,
    actors,
    async close() {
      let closed = false;
      const ending = (async () => {
        await Promise.all([...actors.values()].map(({ node }) => node.stop()));
        await Promise.all(executors.map((executor) => executor.close()));
        await Promise.all(transports.map((transport) => transport.close()));
        await engine.close();
        closed = true;
      })();
      await timers.run(() => closed, timers.now() + 120_000);
      await ending;
    },
  };
}
