/**
 * A process with four validators, each with a SQLite store of its own, that make a chain under load as fast as they can; to be
 * killed. Nothing survives but the stores: what they do not hold is lost for the whole network.
 *
 * It says on its standard output, one line each, what left a validator after it was written down: `vote HEX` with the encoding of
 * the signed vote, and `final HEIGHT HASH`.
 *
 * Arguments: the folder of the stores.
 *
 * @module
 */
import { bytesToHex, encode } from "../../../ledger/primitives/mod.ts";
import { SignedVote } from "../../../ledger/consensus/mod.ts";
import {
  answerRequest,
  createReplica,
  NodeMessage,
  type Replica,
  type ReplicaEffect,
  type ReplicaInput,
  replicaOptions,
  stepReplica,
} from "../../../ledger/node/mod.ts";
import { decode, formatAddress } from "../../../ledger/primitives/mod.ts";
import { accountOf } from "../../../ledger/state/mod.ts";
import type { Store } from "../../../ledger/store/mod.ts";
import { openSqliteStore } from "../../../ledger/store/store_sqlite.ts";
import { chainIdOf } from "../../../ledger/chain/mod.ts";
import { testTransfer } from "../../simulation/chain_fixture.ts";
import { FAST, KILL_GENESIS, KILL_SIGNERS } from "./kill_chain.ts";

interface Host {
  readonly name: string;
  readonly replica: Replica;
  readonly store: Store;
}

const [folder = ""] = Deno.args;
const encoder = new TextEncoder();

/** Synchronous, so that what was said was said before the next instruction, whenever the process dies. */
function say(line: string): void {
  let bytes = encoder.encode(`${line}\n`);
  while (bytes.length > 0) bytes = bytes.subarray(Deno.stdout.writeSync(bytes));
}

const hosts = KILL_SIGNERS.map((signer, i): Host => {
  const store = openSqliteStore({ path: `${folder}/${i}.db`, chainId: chainIdOf(KILL_GENESIS) });
  const options = replicaOptions({ genesis: KILL_GENESIS, signer, timing: FAST, snapshotEvery: 7n });
  return { name: formatAddress(signer.address), replica: createReplica(options, store), store };
});

const queue: { readonly to: Host; readonly input: ReplicaInput }[] = [];

function reportVotes(bytes: Uint8Array): void {
  const message = decode(NodeMessage, bytes);
  if (message.kind === "vote" || message.kind === "proposal") {
    say(`vote ${bytesToHex(encode(SignedVote, message.vote))}`);
  }
}

function perform(host: Host, effect: ReplicaEffect): void {
  switch (effect.kind) {
    case "persist":
      return host.store.persist(effect.records);
    case "send": {
      reportVotes(effect.bytes);
      const names = new Set(effect.to.map(formatAddress));
      for (const to of hosts.filter(({ name }) => names.has(name))) {
        queue.push({ to, input: { kind: "message", from: host.name, bytes: effect.bytes } });
      }
      return;
    }
    case "publish":
      for (const to of hosts.filter((other) => other !== host)) {
        queue.push({ to, input: { kind: "message", from: host.name, bytes: effect.bytes } });
      }
      return;
    case "request": {
      const from = hosts.find((other) => other !== host);
      if (from === undefined) return;
      const bytes = answerRequest(from.replica, from.store, effect.bytes);
      queue.push({ to: host, input: { kind: "response", request: effect.request, from: from.name, bytes } });
      return;
    }
    case "set_timer":
      setTimeout(() => run(host, { kind: "timer", timer: effect.timer }), effect.afterMs);
      return;
    case "finalized":
      say(`final ${effect.notice.height} ${bytesToHex(effect.notice.hash)}`);
      return load(host);
    case "halt":
    case "penalize":
      throw effect.error;
    default:
      return;
  }
}

/** One transfer of each validator for each block that it sees final. */
function load({ replica, name }: Host): void {
  const signer = KILL_SIGNERS.find(({ address }) => formatAddress(address) === name);
  if (signer === undefined) return;
  const { nonce } = accountOf(replica.head.state, signer.address);
  const transaction = testTransfer(KILL_GENESIS, signer, nonce);
  const host = hosts.find((each) => each.name === name);
  if (host !== undefined) queue.push({ to: host, input: { kind: "submit", id: 0, transaction } });
}

function run(first: Host, input: ReplicaInput): void {
  queue.push({ to: first, input });
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    for (const effect of stepReplica(next.to.replica, next.input)) perform(next.to, effect);
  }
}

for (const host of hosts) {
  // What is final on disk was final before the process died: it is said again, to be compared.
  const { finalizedHeight } = host.store;
  const last = host.store.finalizedAt(finalizedHeight);
  if (last !== undefined) say(`final ${finalizedHeight} ${bytesToHex(last.hash)}`);
}
say("ready");
for (const host of hosts) run(host, { kind: "start" });
