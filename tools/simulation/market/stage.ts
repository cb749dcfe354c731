/**
 * Whole nodes with their actors in one thread, on the ground that they are given.
 *
 * @module
 */
import { type ActorEvent, type Node, startNode } from "../../../actors/mod.ts";
import { createLocalExecutor, type Engine, type Executor } from "../../../executor/mod.ts";
import { createRepopsEngine } from "../../../executor/repops/mod.ts";
import { claimOfFault } from "../../../executor/run/mod.ts";
import { chainIdOf, createTransactionReader } from "../../../ledger/chain/mod.ts";
import { devParams, type Genesis, type Params, UNITS_PER_TOKEN } from "../../../ledger/mod.ts";
import type { Store } from "../../../ledger/store/mod.ts";
import type { Timers, Transport } from "../../../net/mod.ts";
import type { Player } from "./cast.ts";
import { executingOnce } from "./executing_once.ts";
import type { Ground } from "./ground.ts";
import type { TwistPowers } from "./twist.ts";

/** Balance and stake of everybody at genesis. */
export const START = 10_000n * UNITS_PER_TOKEN;
export const STAKE = 1_000n * UNITS_PER_TOKEN;

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

/** Time for everybody to leave. */
const LEAVE_MS = 120_000;

function genesisOf(players: readonly Player[], ground: Ground, rules: Partial<Params>): Genesis {
  const addressed = players.map((player) => ({ ...player, address: ground.signer(player.name).address }));
  return {
    network: "market",
    symbol: "AIGENSYN",
    decimals: 9,
    params: devParams({ ...ground.windows, ...rules }),
    accounts: addressed.map(({ address }) => ({ address, balance: START })),
    stakes: addressed.flatMap(({ address, stakes }) =>
      stakes.map((role) => ({ address, role, amount: STAKE }))
    ),
    validators: addressed.filter(({ stakes }) => stakes.includes("validator"))
      .map(({ address }) => ({ address, beaconKey: new Uint8Array() })),
  };
}

/** Resolves after a time, or when the signal fires. */
function pause(timers: Timers, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = () => {
      cancel();
      signal.removeEventListener("abort", end);
      resolve();
    };
    const cancel = timers.after(ms, end);
    signal.addEventListener("abort", end);
  });
}

/**
 * Brings players on stage.
 *
 * @param rules Parameters of the chain that are others than the ground's.
 * @param device Makes what everybody computes on of the ground's engine. By default it is that engine.
 */
export async function openStage(
  players: readonly Player[],
  ground: Ground,
  listen: Listener,
  rules: Partial<Params> = {},
  device: (own: Engine) => Engine = (own) => own,
): Promise<Stage> {
  const genesis = genesisOf(players, ground, rules);
  const chainId = chainIdOf(genesis);
  const transports = await ground.connect(players.map(({ name }) => name));
  const engine = device(ground.engine ?? await createRepopsEngine());
  // Executors close the engine that they are given, and this one is everybody's.
  const shared: Engine = { ...engine, close: () => Promise.resolve() };
  // Everybody receives the same transactions, so a signature is verified once for all.
  const reader = createTransactionReader();
  const execute = executingOnce();
  const curtain = new AbortController();
  const executors: Executor[] = [], acts: Promise<void>[] = [];
  const actors = new Map<string, Actor>();

  const enter = async (player: Player, transport: Transport) => {
    const { name, roles, twist, liesAtStep } = player;
    const disk = await ground.disk(name, chainId);
    const own = (options: Parameters<typeof createLocalExecutor>[1] = {}) => {
      const executor = createLocalExecutor(shared, options);
      executors.push(executor);
      return executor;
    };
    const claim = liesAtStep === undefined
      ? twist?.claim?.()
      : claimOfFault({ phase: 0, step: liesAtStep, tensor: 0 });
    const powers: TwistPowers = {
      store: disk.store,
      honest: () => own(),
      pause: (ms, signal) => pause(ground.timers, ms, signal),
    };
    const node = startNode({
      transport,
      ...disk,
      timers: ground.timers,
      random: (length) => ground.random(length),
      signer: ground.signer(name),
      executor: own(claim === undefined ? {} : { claim }),
      twist: (given) => ({
        ...given,
        executor: twist?.executor?.(given.executor, powers) ?? given.executor,
        ledger: twist?.ledger?.(given.ledger, powers) ?? given.ledger,
        blobs: twist?.blobs?.(given.blobs) ?? given.blobs,
      }),
      ledger: { genesis, timing: ground.timing, reader, execute },
      roles,
      ...(ground.times === undefined ? {} : { times: ground.times }),
      onEvent: (role, event) => listen(`${name} (${role})`, event),
    });
    actors.set(name, { player, node, store: disk.store });
    if (twist?.act !== undefined) acts.push(twist.act(node, powers, curtain.signal).catch(() => {}));
  };
  for (const [i, player] of players.entries()) {
    const transport = transports[i];
    if (transport !== undefined) await enter(player, transport);
  }
  const leave = async () => {
    curtain.abort();
    await Promise.all([...actors.values()].map(({ node }) => node.stop()));
    await Promise.all(acts);
    await Promise.all(executors.map((executor) => executor.close()));
    await Promise.all(transports.map((transport) => transport.close()));
    if (ground.engine === undefined) await engine.close();
  };
  return { genesis, engine, actors, close: () => ground.during("everybody leaves", LEAVE_MS, leave()) };
}

/** Who plays under a name. */
export function actorOf({ actors }: Stage, name: string): Actor {
  const actor = actors.get(name);
  if (actor === undefined) throw new RangeError(`Nobody plays "${name}"`);
  return actor;
}
