/**
 * A local network in one process that stays up until Ctrl-C: what a person tries things out on. It is a test network whose keys,
 * and with them its ledger, last: started again in the same home, it goes on where it was.
 *
 * @module
 */
import { bytesToHex, formatAddress, hash, hexToBytes, utf8 } from "../../ledger/primitives/mod.ts";
import { nodeBackend } from "../api/node_backend.ts";
import { serveApi } from "../api/serve_deno.ts";
import { makeProgressBook } from "../api/task_progress.ts";
import { DEFAULT_HOME } from "../cli/connect.ts";
import type { Narrator } from "../terminal/narrator.ts";
import { startTestnet, type Testnet } from "../testnet/testnet.ts";
import type { TestnetSpec } from "../testnet/testnet_spec.ts";
import { aborted } from "./aborted.ts";
import { homeAt, openOrCreateKey, passphraseFromEnvironment } from "./home_file.ts";
import { settleGenesis } from "./home_genesis.ts";
import { lockHome } from "./home_lock.ts";
import { makeNews } from "./news.ts";
import { DEFAULT_ENGINE } from "./node_plan.ts";

/** Who is on it: what one task needs, with a second provider so that matching has a choice, and arbiters enough for a majority. */
const CAST: TestnetSpec = {
  validators: 4,
  markets: 1,
  providers: [{}, {}],
  challengers: 1,
  arbiters: 3,
  requesters: 1,
};

/** The member whose key the home has and whose API is served. */
const OWN = "requester-1";

/** The member whose view of the ledger is told: all have the same. */
const WITNESS = "validator-1";

/** Name of the network: part of its genesis, so that homes of other networks are told apart. */
const NETWORK_NAME = "assay-local";

/** What a command line says. */
export interface LocalOrder {
  readonly home: string;
  readonly apiPort?: number;
  readonly engine?: string | undefined;
  readonly narrator: Narrator;
  readonly signal: AbortSignal;
}

/** Keys of all members from the home's one: whoever has it, has the network. */
function seedsFrom(own: Uint8Array): (name: string) => Uint8Array {
  return (name) => name === OWN ? own : hash("assay/local-network", utf8(`${bytesToHex(own)}/${name}`));
}

function welcome(net: Testnet, home: string, url: string, narrator: Narrator): void {
  const elsewhere = home === DEFAULT_HOME ? "" : ` --home ${home}`;
  narrator.show("");
  narrator.show(
    `A network of ${net.nodes.length} nodes is up: ${net.nodes.map(({ name }) => name).join(", ")}.`,
  );
  narrator.show(`You are ${OWN}, account ${formatAddress(net.node(OWN).address)}; API ${url}.`);
  narrator.show("");
  narrator.show("In another terminal:");
  for (
    const [command, meaning] of [
      ["example digits", "writes a model, data and job files to ./digits"],
      [`task post digits/train.yaml --watch${elsewhere}`, "has the model trained, and follows it"],
      [`task list${elsewhere}`, "what there is"],
      [`status${elsewhere}`, "how the network stands"],
    ]
  ) narrator.show(`  deno task assay ${command?.padEnd(36)} # ${meaning}`);
  narrator.show("");
  narrator.show("Ctrl-C stops the network; started again, it goes on where it was.");
  narrator.show("");
}

/**
 * Runs the network until the signal fires.
 *
 * @throws {ToolError} `bad_home` for a home in use or of another network; what starting throws. Whatever was started is stopped.
 */
export async function runLocalNetwork(order: LocalOrder): Promise<number> {
  const { narrator, signal, engine = DEFAULT_ENGINE } = order;
  await using cleanup = new AsyncDisposableStack();
  const home = homeAt(order.home);
  const seed = await openOrCreateKey(home, passphraseFromEnvironment(), true);
  const lock = await lockHome(home);
  cleanup.defer(() => lock.release());

  const net = await startTestnet({ ...CAST, engine }, {
    folder: `${home.root}/nodes`,
    name: NETWORK_NAME,
    seedOf: seedsFrom(seed),
    signal,
    checkGenesis: (genesis) => settleGenesis(home, genesis),
    onStarted: (started, total) =>
      narrator.progress("Starting", started / total, `${started} of ${total} nodes`),
  });
  cleanup.defer(() => net.stop());
  narrator.rest();

  const progress = makeProgressBook();
  const nameOf = (account: string) => net.nameOf(hexToBytes(account));
  const tell = makeNews({ narrator, nameOf });
  cleanup.defer(net.listen((member, role, event) => {
    progress.note(role, event);
    if (event.kind === "ledger_event" && member !== WITNESS) return;
    // Passing troubles of the members are theirs; what comes of them shows on the ledger.
    if (event.kind !== "warning") tell(member, event);
  }));
  const api = await serveApi(nodeBackend(net.node(OWN), progress), home.root, order.apiPort);
  cleanup.defer(() => api.close());

  welcome(net, home.root, api.url, narrator);
  await aborted(signal);
  narrator.rest();
  narrator.say("Stopping.");
  return 0;
}
