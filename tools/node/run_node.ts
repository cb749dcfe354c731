/**
 * One node of a network of several processes, from a command line to Ctrl-C.
 *
 * @module
 */
import type { Failure } from "../../actors/mod.ts";
import { formatAddress, messageOf } from "../../ledger/primitives/mod.ts";
import { nodeBackend } from "../api/node_backend.ts";
import { serveApi } from "../api/serve_deno.ts";
import { makeProgressBook } from "../api/task_progress.ts";
import type { Narrator } from "../terminal/narrator.ts";
import { ToolError } from "../errors.ts";
import { aborted } from "./aborted.ts";
import { type Home, homeAt, openOrCreateKey, passphraseFromEnvironment, publicSide } from "./home_file.ts";
import { readGenesisFile, settleGenesis } from "./home_genesis.ts";
import { lockHome } from "./home_lock.ts";
import { savedPort, savePort } from "./home_port.ts";
import { makeNews } from "./news.ts";
import { readCheckpointFile } from "./checkpoint_file.ts";
import { DEFAULT_ENGINE, type NodeHistory, type NodePlan, type NodeRole } from "./node_plan.ts";
import { type NodeListeners, type RunningNode, startNode } from "./start_node.ts";

/** What a command line says. */
export interface NodeOrder {
  readonly home: string;
  readonly roles: readonly NodeRole[];
  readonly join: readonly string[];
  readonly genesisFile?: string | undefined;
  readonly listen?: { readonly host: string; readonly port: number };
  readonly apiPort?: number;
  readonly engine?: string | undefined;
  readonly threads?: number;
  readonly history?: Omit<NodeHistory, "checkpoint">;
  readonly checkpointFile?: string | undefined;
  readonly narrator: Narrator;
  readonly signal: AbortSignal;
}

/** Failures of the ledger's store that no restart mends: the sentence says what a person must do. */
const FATAL_CODES: ReadonlySet<string> = new Set([
  "locked",
  "foreign_file",
  "newer_format",
  "other_chain",
  "corrupted",
  "conflicting_vote",
]);

/** How long the ledger is asked about the stakes before the hint about missing ones is left out. */
const STAKES_MS = 10_000;

async function planOf(order: NodeOrder, home: Home, seed: Uint8Array): Promise<NodePlan> {
  const { listen = { host: "127.0.0.1", port: 0 } } = order;
  const given = order.genesisFile === undefined ? undefined : await readGenesisFile(order.genesisFile);
  const genesis = await settleGenesis(home, given);
  return {
    seed,
    genesis,
    home: home.root,
    roles: order.roles,
    listen: { host: listen.host, port: listen.port || (await savedPort(home) ?? 0) },
    join: order.join,
    engine: order.engine ?? DEFAULT_ENGINE,
    ...(order.threads === undefined ? {} : { threads: order.threads }),
    history: {
      ...order.history,
      ...order.checkpointFile === undefined
        ? {}
        : { checkpoint: await readCheckpointFile(order.checkpointFile, genesis) },
    },
  };
}

function welcome(node: RunningNode, url: string, narrator: Narrator): void {
  const { plan, transport } = node;
  const addresses = transport.addresses();
  narrator.show(`Node ${formatAddress(node.address)} of the network ${plan.genesis.network}.`);
  narrator.show(`  roles   ${plan.roles.join(", ")}`);
  narrator.show(`  home    ${plan.home}`);
  narrator.show(`  API     ${url}  (deno task assay status --home ${plan.home})`);
  for (const address of addresses) narrator.show(`  listens ${address}`);
  narrator.show(
    "Others connect to it with --join and what it listens at. Ctrl-C stops it; started again, it goes on where it was.",
  );
}

/** A role without stake does nothing: says so, once. */
async function hintAtStakes(node: RunningNode, narrator: Narrator): Promise<void> {
  const call = { signal: AbortSignal.timeout(STAKES_MS) };
  const stakes = await node.ledger.query("stakes", node.address, call).catch((thrown) => {
    narrator.say(`The ledger does not answer yet: ${messageOf(thrown)}`);
    return [];
  });
  for (const { role, stake } of stakes) {
    if (!node.plan.roles.includes(role) || stake.amount > 0n) continue;
    narrator.say(
      `This account has nothing staked as ${role} yet: \`deno task assay stake ${role} AMOUNT --home ${node.plan.home}\`.`,
    );
  }
}

/** Tells the node's own affairs, and how the chain goes on after a start. */
function makeListener(
  narrator: Narrator,
  self: string,
  fail: (error: Failure) => void,
): Required<NodeListeners> {
  let began = false;
  const news = makeNews({
    narrator,
    nameOf: (account) => account === self ? "this node" : `node ${account.slice(0, 8)}`,
    concerns: (account) => account === self,
  });
  return {
    onEvent(role, event) {
      if (event.kind === "block_finalized" && !began) {
        began = true;
        narrator.say(`Follows the chain: block ${event.height} is final.`);
      }
      if (event.kind !== "warning" || role !== "network") news(role, event);
    },
    onReport(report) {
      if (report.kind !== "failed") return;
      if (FATAL_CODES.has(report.error.code)) return fail(report.error);
      const seconds = Math.ceil(report.pauseMs / 1000);
      narrator.say(`The ${report.role} failed and starts anew in ${seconds} s: ${report.error.message}`);
    },
  };
}

/**
 * Runs a node until the signal fires.
 *
 * @throws {ToolError} `bad_home`, `usage`, `bad_file`; {@link NetError} `address_in_use`, ... Whatever was started is stopped.
 */
export async function runNode(order: NodeOrder): Promise<number> {
  const { narrator, signal } = order;
  await using cleanup = new AsyncDisposableStack();
  const home = homeAt(order.home);
  const seed = await openOrCreateKey(home, passphraseFromEnvironment(), true);
  const lock = await lockHome(home);
  cleanup.defer(() => lock.release());
  const plan = await planOf(order, home, seed);

  const broken = Promise.withResolvers<never>();
  broken.promise.catch(() => {}); // it may fail before anybody waits for it
  const fail = ({ message }: Failure) => broken.reject(new ToolError("bad_home", message));
  const listener = makeListener(narrator, publicSide(seed).address, fail);
  const progress = makeProgressBook();
  signal.throwIfAborted();
  const node = await startNode(plan, {
    onReport: listener.onReport,
    onEvent(role, event) {
      progress.note(role, event);
      listener.onEvent(role, event);
    },
  });
  cleanup.defer(() => node.stop());
  await savePort(home, node.transport.addresses()[0]);
  const api = await serveApi(nodeBackend(node, progress), home.root, order.apiPort);
  cleanup.defer(() => api.close());

  welcome(node, api.url, narrator);
  const end = Promise.race([aborted(signal), broken.promise]);
  await Promise.race([hintAtStakes(node, narrator), end]);
  await end;
  narrator.rest();
  narrator.say("Stopping.");
  return 0;
}
