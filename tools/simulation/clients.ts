/**
 * People at the edge of the network: clients who want their transactions final and say them again until they are, validators who
 * report what they hold evidence of, and a spammer.
 *
 * @module
 */
import {
  chainIdOf,
  encodeTransaction,
  type Genesis,
  type Operation,
  signTransaction,
} from "../../ledger/chain/mod.ts";
import type { Evidence } from "../../ledger/consensus/mod.ts";
import { encodeMessage, nextNonce } from "../../ledger/node/mod.ts";
import { type Hash, sha256, type Signer } from "../../ledger/primitives/mod.ts";
import { accountOf, type State } from "../../ledger/state/mod.ts";
import type { SimulatedNetwork } from "./network.ts";
import type { Dice } from "./random.ts";
import type { Watcher } from "./watcher.ts";

/** Beyond every run. */
const EXPIRY = 5_000n;

/** A client says again this often what is not final. */
const REPEAT_MS = 5_000;

/** Transactions that a client says again at a time. */
const REPEATED = 16;

function sign(signer: Signer, chainId: Hash, nonce: bigint, operation: Operation): Uint8Array {
  return encodeTransaction(signTransaction(signer, { chainId, nonce, expiry: EXPIRY, operation }));
}

/** An account whose transactions must all become final. */
export interface Client {
  readonly name: string;
  /** Signs the next transaction and hands it to a node. */
  send(operation: Operation): void;
  /** Hands over again what is not final in this state. */
  repeat(state: State): void;
  /** Whether everything sent so far is final in this state. */
  isServed(state: State): boolean;
}

/** A client. `submit` hands bytes to some running honest node. */
export function makeClient(
  name: string,
  signer: Signer,
  genesis: Genesis,
  submit: (transaction: Uint8Array) => void,
): Client {
  const chainId = chainIdOf(genesis);
  const sent: Uint8Array[] = [];
  const done = (state: State) => Number(accountOf(state, signer.address).nonce);
  return {
    name,
    send(operation) {
      const transaction = sign(signer, chainId, BigInt(sent.length), operation);
      sent.push(transaction);
      submit(transaction);
    },
    repeat(state) {
      const from = done(state);
      for (const transaction of sent.slice(from, from + REPEATED)) submit(transaction);
    },
    isServed: (state) => done(state) === sent.length,
  };
}

/** Validators report offenders, each from its own account, until they are punished. */
export function makeReporters(
  network: () => SimulatedNetwork,
  isReporter: (name: string) => boolean,
  isPunished: (evidence: Evidence) => boolean,
): Watcher {
  const report = (name: string, life: number, evidence: Evidence) => {
    const node = network().nodes.get(name);
    if (
      node?.replica === undefined || node.life !== life || node.signer === undefined || isPunished(evidence)
    ) return;
    const { pool, head, chainId } = node.replica;
    const nonce = nextNonce(pool, head.state, node.signer.address);
    network().submit(name, sign(node.signer, chainId, nonce, { kind: "report_equivocation", ...evidence }));
    network().after(REPEAT_MS, () => report(name, life, evidence));
  };
  return {
    accused({ name, life }, evidence) {
      // After the step that found it: a node takes one input at a time.
      if (isReporter(name)) network().after(0, () => report(name, life, evidence));
    },
  };
}

/** Has a client's transactions said again as long as the run lasts. */
export function keepRepeating(
  network: SimulatedNetwork,
  client: Client,
  newest: () => State | undefined,
): void {
  network.after(REPEAT_MS, () => {
    const state = newest();
    if (state !== undefined) client.repeat(state);
    keepRepeating(network, client, newest);
  });
}

/** One piece of spam: bytes that no block may contain, in an envelope that is well formed. */
export function spam(dice: Dice, genesis: Genesis, signer: Signer): Uint8Array {
  const chainId = chainIdOf(genesis);
  const to = sha256(Uint8Array.of(dice.whole(0, 255)));
  const operation: Operation = { kind: "transfer", to, amount: BigInt(dice.whole(0, 9)) };
  const valid = sign(signer, chainId, BigInt(dice.whole(0, 40)), operation);
  const kinds: readonly [() => Uint8Array, ...(() => Uint8Array)[]] = [
    () => valid, // of an account without money
    () => valid.with(valid.length - 1, (valid.at(-1) ?? 0) ^ 1),
    () => sign(signer, sha256(chainId), 0n, operation),
    () => valid.slice(0, dice.whole(0, valid.length - 1)),
    () => Uint8Array.from({ length: dice.whole(1, 2_000) }, () => dice.whole(0, 255)),
  ];
  if (dice.chance(0.2)) {
    const hashes = Array.from({ length: dice.whole(1, 1_024) }, (_, i) => sha256(Uint8Array.of(i, i >>> 8)));
    return encodeMessage({ kind: "announcement", hashes }); // of transactions that nobody has
  }
  return encodeMessage({ kind: "transactions", transactions: [dice.pick(kinds)()] });
}
