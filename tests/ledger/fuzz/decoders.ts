/**
 * Everything that reads bytes of others: how, from what valid examples, and with which errors it may refuse.
 *
 * @module
 */
import {
  Block,
  decodeTransaction,
  encodeTransaction,
  Genesis,
  genesisState,
  signTransaction,
} from "../../../ledger/chain/mod.ts";
import { Certificate, Evidence, SignedVote, signVote } from "../../../ledger/consensus/mod.ts";
import { NodeAnswer, NodeError, NodeMessage, NodeRequest, readBlock } from "../../../ledger/node/mod.ts";
import { CodecError, decode, encode, type Schema } from "../../../ledger/primitives/mod.ts";
import { ValidatorSet, validatorSetKey } from "../../../ledger/state/mod.ts";
import { TransactionError } from "../../../ledger/chain/mod.ts";
import { signerOf, testChain, testGenesis } from "../chain/test_chain.ts";
import { mark } from "../chain/test_task.ts";
import type { Scene } from "./scenes.ts";

/** See the module. */
export interface Decoder {
  readonly name: string;
  readonly examples: readonly Uint8Array[];
  /** Reads bytes and writes what it read again: accepted bytes must come out as they went in. */
  again(bytes: Uint8Array): Uint8Array;
  /** Whether an error is one that it may refuse with. */
  refuses(error: unknown): boolean;
}

function plain<T>(schema: Schema<T>, ...values: readonly T[]): Decoder {
  return {
    name: schema.name,
    examples: values.map((value) => encode(schema, value)),
    again: (bytes) => encode(schema, decode(schema, bytes)),
    refuses: (error) => error instanceof CodecError,
  };
}

/** All decoders, with transactions made of the operations of scenes. */
export function allDecoders(scenes: readonly Scene[]): readonly Decoder[] {
  const signer = signerOf("alice");
  const chainId = mark("chain");
  const transactions = scenes.flatMap(({ intents }) => intents)
    .map(([, operation]) =>
      encodeTransaction(signTransaction(signer, { chainId, nonce: 3n, expiry: 90n, operation }))
    );
  const block: Block = { header: testChain().header(), transactions: transactions.slice(0, 5) };
  const proposal = { epoch: 1n, view: 3n, parentView: 2n, height: 9n, block: mark("block") };
  const votes = [
    signVote(signer, chainId, 2, { kind: "notarize", proposal }),
    signVote(signer, chainId, 0, { kind: "finalize", proposal }),
    signVote(signer, chainId, 1, { kind: "nullify", epoch: 1n, view: 3n }),
  ];
  const certificates = votes.map(({ vote, signature }): Certificate => ({
    vote,
    signers: new Uint8Array([7]),
    signatures: [signature, signature, signature],
  }));
  const [vote, other] = votes, [certificate] = certificates;
  if (vote === undefined || other === undefined || certificate === undefined) {
    throw new Error("votes were signed");
  }
  const encodedBlock = encode(Block, block);
  const update = { header: block.header, certificate };
  const genesis = genesisState(testGenesis()), key = validatorSetKey(1n);
  const next = decode(ValidatorSet, genesis.get(key) ?? new Uint8Array()), proof = genesis.prove(key);
  return [
    {
      name: "transactions",
      examples: transactions,
      again(bytes) {
        const { transaction, signature } = decodeTransaction(bytes);
        return encodeTransaction({ transaction, signature });
      },
      refuses: (error) => error instanceof TransactionError,
    },
    {
      name: "blocks",
      examples: [encodedBlock],
      again: (bytes) => encode(Block, readBlock(bytes)),
      refuses: (error) => error instanceof NodeError && error.code === "malformed_message",
    },
    plain(SignedVote, ...votes),
    plain(Certificate, ...certificates),
    plain(Evidence, { first: vote, second: other }),
    plain(Genesis, testGenesis()),
    plain(
      NodeMessage,
      { kind: "proposal", vote, block: encodedBlock },
      { kind: "vote", vote },
      { kind: "certificate", certificate },
      { kind: "finalized", block: encodedBlock, certificate },
      { kind: "transactions", transactions: transactions.slice(0, 3) },
      { kind: "announcement", hashes: [mark("one"), mark("two")] },
    ),
    plain(
      NodeRequest,
      { kind: "block", hash: mark("block") },
      { kind: "certificates", epoch: 1n, from: 2n, to: 5n },
      { kind: "range", from: 7n },
      { kind: "snapshot" },
      { kind: "chunk", height: 9n, index: 3 },
      { kind: "transactions", hashes: [mark("one"), mark("two")] },
      { kind: "light_links", from: 2n },
      { kind: "light_state", keys: [mark("key")] },
    ),
    plain(
      NodeAnswer,
      { kind: "block", block: null },
      { kind: "block", block: encodedBlock },
      { kind: "certificates", certificates },
      { kind: "range", blocks: [encodedBlock], link: [block.header], certificate },
      {
        kind: "snapshot",
        offer: { block: encodedBlock, certificate, subtrees: [{ top: mark("top"), count: 5 }] },
      },
      { kind: "chunk", entries: [{ key: mark("key"), value: mark("value") }] },
      { kind: "pruned", firstHeight: 8n },
      { kind: "transactions", transactions: transactions.slice(0, 3) },
      { kind: "light_links", links: { links: [{ update, next, proof }] } },
      { kind: "light_state", state: { update, entries: [{ value: mark("value"), proof }] } },
    ),
  ];
}
