/**
 * A whole network on this machine: each member a node with its own key, home, workers, executor and WebRTC connections on
 * loopback, all in one process.
 *
 * @module
 */
import type { ActorEvent, LedgerClient } from "../../actors/mod.ts";
import type { Genesis } from "../../ledger/mod.ts";
import { bytesToHex } from "../../ledger/primitives/mod.ts";
import { DEFAULT_ENGINE, type NodePlan } from "../node/node_plan.ts";
import { type RunningNode, startNode } from "../node/start_node.ts";
import { ToolError } from "../errors.ts";
import { keyed, type KeyedMember, testnetGenesis } from "./testnet_genesis.ts";
import { membersOf, type TestnetSpec } from "./testnet_spec.ts";

/** A member of a running network. */
export interface TestnetNode extends RunningNode {
  readonly name: string;
  readonly role: KeyedMember["role"];
}

/** News of a network: which member's actor tells what. */
export type TestnetListener = (member: string, role: string, event: ActorEvent) => void;

/** A running network. */
export interface Testnet {
  readonly genesis: Genesis;
  readonly nodes: readonly TestnetNode[];
  /** @throws {ToolError} `not_found` */
  node(name: string): TestnetNode;
  /** Name of the member with this account; the account's first digits for anybody else. */
  nameOf(address: Uint8Array): string;
  /** Reads the ledger as the first node sees it. */
  readonly query: LedgerClient["query"];
  listen(listener: TestnetListener): () => void;
  /** Stops every node. Their homes stay: whoever made the folder removes it. */
  stop(): Promise<void>;
}

/** Settings of {@link startTestnet}. */
export interface TestnetOptions {
  /** Folder for the members' homes, below which each has one of its name. Made if it is not there. */
  readonly folder: string;
  readonly name?: string;
  readonly signal?: AbortSignal;
  /** The 32-byte key of a member, by its name; a fresh random one by default. The same keys make the same network again. */
  readonly seedOf?: (name: string) => Uint8Array;
  /** Looks at the genesis before anything starts; what it throws, {@link startTestnet} throws. */
  readonly checkGenesis?: (genesis: Genesis) => Promise<unknown>;
  /** Told as members come up. */
  readonly onStarted?: (started: number, total: number) => void;
}

/** Members that start at once: more only wait for each other's compiling on the machine's cores. */
const STARTS_AT_ONCE = Math.max(2, navigator.hardwareConcurrency);

/** Nodes that a member is told to stay connected to; gossip does the rest. */
const JOINS = 3;

/**
 * Starts a network. Its first validator starts alone, so that the others have somebody to join.
 *
 * @throws what {@link startNode} throws, and the signal's reason; whatever was started by then is stopped.
 */
export async function startTestnet(spec: TestnetSpec, options: TestnetOptions): Promise<Testnet> {
  const { folder, name = "assay-testnet", signal } = options;
  const { seedOf = () => crypto.getRandomValues(new Uint8Array(32)) } = options;
  const members = membersOf(spec).map((member) => keyed(member, seedOf(member.name)));
  const genesis = testnetGenesis(name, members, spec.params);
  await options.checkGenesis?.(genesis);
  const listeners = new Set<TestnetListener>();
  const nodes: TestnetNode[] = [];

  const planOf = async (member: KeyedMember, join: readonly string[]): Promise<NodePlan> => {
    const home = `${folder}/${member.name}`;
    await Deno.mkdir(home, { recursive: true });
    return {
      seed: member.seed,
      genesis,
      home,
      roles: [member.role],
      stableAddress: false,
      join,
      engine: spec.engine ?? DEFAULT_ENGINE,
      ...(spec.timing === undefined ? {} : { timing: spec.timing }),
      ...(member.provider?.policy === undefined ? {} : { provider: member.provider.policy }),
      ...(member.provider?.fault === undefined ? {} : { fault: member.provider.fault }),
    };
  };
  const startMember = async (member: KeyedMember, join: readonly string[]): Promise<TestnetNode> => {
    signal?.throwIfAborted();
    const node = await startNode(await planOf(member, join), {
      onEvent: (role, event) => {
        for (const listener of listeners) listener(member.name, role, event);
      },
    });
    const named = { ...node, name: member.name, role: member.role };
    nodes.push(named);
    options.onStarted?.(nodes.length, members.length);
    return named;
  };
  const stop = async () => {
    await Promise.all(nodes.map((node) => node.stop()));
  };

  try {
    const [first, ...others] = members;
    if (first === undefined) throw new ToolError("usage", "A network needs a validator.");
    await startMember(first, []);
    const waiting = [...others];
    const startSome = async () => {
      for (let member = waiting.shift(); member !== undefined; member = waiting.shift()) {
        const known = nodes.filter(({ role }) => role === "validator").slice(0, JOINS);
        await startMember(member, known.flatMap(({ transport }) => transport.addresses().slice(0, 1)));
      }
    };
    const started = await Promise.allSettled(Array.from({ length: STARTS_AT_ONCE }, startSome));
    for (const outcome of started) if (outcome.status === "rejected") throw outcome.reason;
    return network(genesis, members, nodes, listeners, stop);
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

function network(
  genesis: Genesis,
  members: readonly KeyedMember[],
  nodes: readonly TestnetNode[],
  listeners: Set<TestnetListener>,
  stop: () => Promise<void>,
): Testnet {
  const names = new Map(members.map((member) => [bytesToHex(member.address), member.name]));
  const order = new Map(members.map((member, i) => [member.name, i]));
  const sorted = nodes.toSorted((a, b) => (order.get(a.name) ?? 0) - (order.get(b.name) ?? 0));
  const node = (name: string): TestnetNode => {
    const found = sorted.find((candidate) => candidate.name === name);
    if (found === undefined) {
      throw new ToolError(
        "not_found",
        `The network has no ${name}: it has ${sorted.map((n) => n.name).join(", ")}.`,
      );
    }
    return found;
  };
  return {
    genesis,
    nodes: sorted,
    node,
    nameOf: (address) => names.get(bytesToHex(address)) ?? bytesToHex(address).slice(0, 8),
    query: (name, argument, call) => node("validator-1").ledger.query(name, argument, call),
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stop,
  };
}
