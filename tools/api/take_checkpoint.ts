/**
 * What a node trusts at this moment, for a node that is far behind to start from.
 *
 * @module
 */
import { blockHash } from "../../ledger/chain/mod.ts";
import { Checkpoint, trustPeriodMs } from "../../ledger/light/mod.ts";
import { bytesToHex, encode } from "../../ledger/primitives/mod.ts";
import { ToolError } from "../errors.ts";
import type { RunningNode } from "../node/start_node.ts";
import { finalBlock } from "./final_block.ts";

/** The node answers from memory; one that takes longer is overloaded or stopping. */
const ANSWER_MS = 20_000;

/** A lower bound of the pace of blocks over a whole unbonding time: idle ones come every half second. */
const LEAST_BLOCK_MS = 250;

/** A checkpoint as it is handed around. */
export interface TakenCheckpoint {
  readonly network: string;
  readonly height: bigint;
  /** Encoding of the {@link Checkpoint}, hexadecimal. */
  readonly checkpoint: string;
  /** How long a light client may go by it, in seconds: less than stake takes to unbond. */
  readonly trustSeconds: number;
}

/**
 * Takes a checkpoint of a node's last final block.
 *
 * @throws {ToolError} `failed` while the chain has no block.
 */
export async function takeCheckpoint(node: RunningNode): Promise<TakenCheckpoint> {
  const { ledger, plan } = node;
  const call = { signal: AbortSignal.timeout(ANSWER_MS) };
  const { height } = await ledger.query("head", null, call);
  const header = (await finalBlock(node, height))?.header;
  const validators = await ledger.query("validatorSet", header?.epoch ?? null, call);
  if (header === undefined || validators === undefined) {
    throw new ToolError("failed", "The chain has no final block yet. Ask again in a moment.");
  }
  const { unbondingBlocks } = await ledger.query("params", null, call);
  const checkpoint: Checkpoint = {
    chainId: header.chainId,
    height: header.height,
    block: blockHash(header),
    stateRoot: header.stateRoot,
    validators,
    takenAtMs: BigInt(Date.now()),
  };
  return {
    network: plan.genesis.network,
    height: header.height,
    checkpoint: bytesToHex(encode(Checkpoint, checkpoint)),
    trustSeconds: Number(trustPeriodMs(unbondingBlocks, LEAST_BLOCK_MS) / 1000n),
  };
}
