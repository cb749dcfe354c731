/**
 * `assay node`: a local network in one process, or one node of a network of several processes.
 *
 * @module
 */
import type { Arguments, Command } from "../cli/command.ts";
import { DEFAULT_HOME, homeOf } from "../cli/connect.ts";
import { threadsOf } from "../cli/threads_option.ts";
import { ToolError } from "../errors.ts";
import { terminalNarrator } from "../terminal/terminal_narrator.ts";
import { NODE_ROLES, type NodeHistory, type NodeRole } from "./node_plan.ts";

/** Options that make it one node of a larger network. */
const ONE_NODE_OPTIONS = [
  "home",
  "genesis",
  "listen",
  "keep-blocks",
  "snapshot-every",
  "checkpoint",
  "threads",
] as const;
const ONE_NODE_LISTS = ["role", "join"] as const;

function rolesOf(args: Arguments): readonly NodeRole[] {
  const roles = args.list("role").map((name) => {
    const role = NODE_ROLES.find((known) => known === name);
    if (role === undefined) {
      throw new ToolError("usage", `There is no role "${name}": a node can be ${NODE_ROLES.join(", ")}.`);
    }
    return role;
  });
  // The requester is always there, so that the node's own key can post tasks.
  return [...new Set<NodeRole>([...roles, "requester"])];
}

function portOf(text: string, what: string, least = 1): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port >= least && port < 2 ** 16) return port;
  throw new ToolError("usage", `${what} takes a port from ${least} to 65535: got "${text}".`);
}

function listenOf(text: string): { readonly host: string; readonly port: number } {
  const match = /^(\[[0-9a-f:]+\]|[0-9.]+):(\d+)$/i.exec(text);
  if (match === null) {
    throw new ToolError("usage", `--listen takes HOST:PORT, such as 0.0.0.0:4001: got "${text}".`);
  }
  return { host: (match[1] ?? "").replace(/[[\]]/g, ""), port: portOf(match[2] ?? "", "--listen", 0) };
}

function blocksOf(text: string, option: string, least: bigint): bigint {
  const blocks = /^\d{1,15}$/.test(text) ? BigInt(text) : -1n;
  if (blocks >= least) return blocks;
  throw new ToolError(
    "usage",
    `--${option} takes a whole number of blocks, ${least} or more: got "${text}".`,
  );
}

function historyOf(args: Arguments): Omit<NodeHistory, "checkpoint"> {
  const keep = args.text("keep-blocks"), every = args.text("snapshot-every");
  if (keep !== undefined && args.flag("archive")) {
    throw new ToolError("usage", "An archive keeps every block: give --archive or --keep-blocks, not both.");
  }
  return {
    ...keep === undefined ? {} : { keepBlocks: blocksOf(keep, "keep-blocks", 0n) },
    ...every === undefined ? {} : { snapshotEvery: blocksOf(every, "snapshot-every", 1n) },
  };
}

/** See the module. */
export const nodeCommand: Command = {
  name: "node",
  summary:
    "Runs a local network until Ctrl-C; with --home, --role, --genesis, --join one node of a larger one.",
  positional: [],
  options: {
    home: {
      kind: "text",
      value: "DIR",
      description: `where everything is kept (local network: ${DEFAULT_HOME})`,
    },
    role: { kind: "list", value: "ROLE", description: `${NODE_ROLES.join(", ")}; several with commas` },
    genesis: {
      kind: "text",
      value: "FILE",
      description: "the network's genesis; kept in the home from then on",
    },
    join: {
      kind: "list",
      value: "ADDRESS",
      description: "a node to connect to, as it printed; may be given again",
    },
    listen: {
      kind: "text",
      value: "HOST:PORT",
      description: "UDP address (default 127.0.0.1, a free port kept over restarts)",
    },
    "api-port": {
      kind: "text",
      value: "PORT",
      description: "TCP port of the HTTP API on 127.0.0.1 (default 7420, or a free one)",
    },
    engine: { kind: "text", value: "NAME", description: "what computes: repops (default), ort-strict, ort" },
    archive: { kind: "flag", description: "keep every block (what is done unless --keep-blocks is given)" },
    "keep-blocks": {
      kind: "text",
      value: "N",
      description: "forget final blocks more than N below the latest snapshot of the state",
    },
    "snapshot-every": {
      kind: "text",
      value: "N",
      description: "blocks between snapshots: what a restart executes again at most (default 500)",
    },
    checkpoint: {
      kind: "text",
      value: "FILE",
      description:
        "start from the state of others, as of a trusted `assay checkpoint`; no older than unbonding",
    },
    threads: {
      kind: "text",
      value: "N",
      description: "of repops: threads that share what is large (default 1)",
    },
    local: { kind: "flag", description: "a local network also where --home is given" },
  },
  async run(args, signal) {
    const apiPort = args.text("api-port");
    const common = {
      narrator: terminalNarrator(),
      signal,
      ...(apiPort === undefined ? {} : { apiPort: portOf(apiPort, "--api-port") }),
      ...(args.text("engine") === undefined ? {} : { engine: args.text("engine") }),
    };
    const one = [...ONE_NODE_OPTIONS].some((name) => args.text(name) !== undefined) ||
      ONE_NODE_LISTS.some((name) => args.list(name).length > 0);
    if (args.flag("local") || !one) {
      // Loaded here, because everything below it takes long to load and help should not.
      const { runLocalNetwork } = await import("./run_local_network.ts");
      return await runLocalNetwork({ ...common, home: homeOf(args) });
    }
    const listen = args.text("listen"), threads = args.text("threads");
    const { runNode } = await import("./run_node.ts");
    return await runNode({
      ...common,
      home: homeOf(args),
      roles: rolesOf(args),
      ...(threads === undefined ? {} : { threads: threadsOf(threads) }),
      join: args.list("join"),
      history: historyOf(args),
      checkpointFile: args.text("checkpoint"),
      ...(args.text("genesis") === undefined ? {} : { genesisFile: args.text("genesis") }),
      ...(listen === undefined ? {} : { listen: listenOf(listen) }),
    });
  },
};
