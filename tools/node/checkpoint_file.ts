/**
 * The file that `assay checkpoint` writes, read by a node that starts from it.
 *
 * @module
 */
import { chainIdOf, type Genesis } from "../../ledger/mod.ts";
import { Checkpoint } from "../../ledger/light/mod.ts";
import { CodecError, decode, equalBytes, hexToBytes } from "../../ledger/primitives/mod.ts";
import { ToolError } from "../errors.ts";

function checkpointIn(text: string): Uint8Array | undefined {
  try {
    const { checkpoint } = JSON.parse(text);
    return typeof checkpoint === "string" && /^([0-9a-f]{2})+$/.test(checkpoint)
      ? hexToBytes(checkpoint)
      : undefined;
  } catch (thrown) {
    if (thrown instanceof SyntaxError || thrown instanceof TypeError) return undefined;
    throw thrown;
  }
}

/**
 * Reads a checkpoint of the network of a genesis.
 *
 * @returns Its encoding.
 * @throws {ToolError} `bad_file` if the file is not there, no checkpoint, or of another network.
 */
export async function readCheckpointFile(path: string, genesis: Genesis): Promise<Uint8Array> {
  const refuse = (why: string): never => {
    throw new ToolError(
      "bad_file",
      `${path} ${why}. Write one with \`assay checkpoint\` on a node you trust.`,
    );
  };
  let text = "";
  try {
    text = await Deno.readTextFile(path);
  } catch (thrown) {
    if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
    refuse("does not exist");
  }
  const encoded = checkpointIn(text) ?? refuse("is no checkpoint");
  try {
    const { chainId } = decode(Checkpoint, encoded);
    if (!equalBytes(chainId, chainIdOf(genesis))) refuse(`is of another network than ${genesis.network}`);
  } catch (thrown) {
    if (!(thrown instanceof CodecError)) throw thrown;
    refuse("is no checkpoint");
  }
  return encoded;
}
