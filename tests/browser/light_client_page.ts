/**
 * A tab that follows the chain by certificates, and asks what stands on the ledger: the light client, driven by what peers sent.
 *
 * @module
 */
import { BlockHeader } from "../../ledger/chain/mod.ts";
import { Certificate } from "../../ledger/consensus/mod.ts";
import {
  Checkpoint,
  follow,
  learnValidators,
  type LightClient,
  LightError,
  proven,
  startLightClient,
} from "../../ledger/light/mod.ts";
import { bytesToHex, decode, hexToBytes, type Schema } from "../../ledger/primitives/mod.ts";
import { StateProof, ValidatorSet } from "../../ledger/state/mod.ts";
import { servePage } from "./in_page.ts";

/** What a peer sends, every part as it travels: canonical bytes, in hexadecimal. */
export type LightMessage =
  | { readonly kind: "update"; readonly header: string; readonly certificate: string }
  | { readonly kind: "validators"; readonly set: string; readonly proof: string }
  | { readonly kind: "value"; readonly key: string; readonly value: string | null; readonly proof: string };

/** A checkpoint, and what peers send after it, one message each millisecond. */
export interface LightInput {
  readonly checkpoint: string;
  readonly periodMs: number;
  readonly messages: readonly LightMessage[];
}

/** Where the client got to, and for each message what it said: `ok`, or the code of its refusal. */
export interface LightOutcome {
  readonly height: number;
  readonly epoch: number;
  readonly block: string;
  readonly answers: readonly string[];
}

function read<T>(schema: Schema<T>, hex: string): T {
  return decode(schema, hexToBytes(hex));
}

function take(client: LightClient, message: LightMessage, nowMs: bigint): LightClient {
  switch (message.kind) {
    case "update": {
      const header = read(BlockHeader, message.header), certificate = read(Certificate, message.certificate);
      return follow(client, { header, certificate }, nowMs);
    }
    case "validators":
      return learnValidators(client, read(ValidatorSet, message.set), read(StateProof, message.proof));
    case "value": {
      const value = message.value === null ? undefined : hexToBytes(message.value);
      proven(client, hexToBytes(message.key), value, read(StateProof, message.proof));
      return client;
    }
  }
}

await servePage(({ checkpoint, periodMs, messages }: LightInput): LightOutcome => {
  let client = startLightClient(read(Checkpoint, checkpoint), BigInt(periodMs), 0n);
  const answers = messages.map((message, i) => {
    try {
      client = take(client, message, BigInt(i));
      return "ok";
    } catch (thrown) {
      if (!(thrown instanceof LightError)) throw thrown;
      return thrown.code;
    }
  });
  const { height, block, present } = client;
  return {
    height: Number(height),
    epoch: Number(present.validators.epoch),
    block: bytesToHex(block),
    answers,
  };
});
