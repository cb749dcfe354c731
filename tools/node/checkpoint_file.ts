/**
 * The file that `assay checkpoint` writes, read by who starts from it: a node that is far behind, or a light client.
 *
 * @module
 */
import { chainIdOf, type Genesis } from "../../ledger/mod.ts";
import { Checkpoint } from "../../ledger/light/mod.ts";
import { CodecError, decode, encode, equalBytes, hexToBytes } from "../../ledger/primitives/mod.ts";
import { ToolError } from "../errors.ts";

/** What the file holds. */
export interface CheckpointFile {
  readonly checkpoint: Checkpoint;
  /** How long a light client may go by it, in seconds; absent in files that do not say. */
  readonly trustSeconds: number | undefined;
}

function refuse(path: string, why: string): never {
  throw new ToolError("bad_file", `${path} ${why}. Write one with \`assay checkpoint\` on a node you trust.`);
}

async function textIn(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (thrown) {
    if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
    return refuse(path, "does not exist");
  }
}

/**
 * Reads a checkpoint.
 *
 * @throws {ToolError} `bad_file` if the file is not there or holds none.
 */
export async function readCheckpoint(path: string): Promise<CheckpointFile> {
  const text = await textIn(path);
  try {
    const { checkpoint, trustSeconds } = JSON.parse(text);
    if (typeof checkpoint !== "string" || !/^([0-9a-f]{2})+$/.test(checkpoint)) {
      refuse(path, "is no checkpoint");
    }
    return {
      checkpoint: decode(Checkpoint, hexToBytes(checkpoint)),
      trustSeconds: Number.isSafeInteger(trustSeconds) ? trustSeconds : undefined,
    };
  } catch (thrown) {
    const isMalformed = thrown instanceof SyntaxError || thrown instanceof TypeError ||
      thrown instanceof CodecError;
    if (!isMalformed) throw thrown;
    return refuse(path, "is no checkpoint");
  }
}

/**
 * Reads a checkpoint of the network of a genesis.
 *
 * @returns Its encoding.
 * @throws {ToolError} `bad_file` if the file is not there, no checkpoint, or of another network.
 */
export async function readCheckpointFile(path: string, genesis: Genesis): Promise<Uint8Array> {
  const { checkpoint } = await readCheckpoint(path);
  if (!equalBytes(checkpoint.chainId, chainIdOf(genesis))) {
    refuse(path, `is of another network than ${genesis.network}`);
  }
  return encode(Checkpoint, checkpoint);
}
