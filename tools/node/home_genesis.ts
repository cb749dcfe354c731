/**
 * The genesis that a home belongs to: copied in at the first start, compared at every later one.
 *
 * @module
 */
import { chainIdOf, formatGenesis, type Genesis, parseGenesis } from "../../ledger/mod.ts";
import { bytesToHex, equalBytes } from "../../ledger/primitives/mod.ts";
import { ToolError } from "../errors.ts";
import type { Home } from "./home_file.ts";

/**
 * Reads a genesis file.
 *
 * @throws {ToolError} `bad_file` if it cannot be read; {@link GenesisError} if it is none.
 */
export async function readGenesisFile(path: string): Promise<Genesis> {
  try {
    return parseGenesis(await Deno.readTextFile(path));
  } catch (thrown) {
    if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
    throw new ToolError("bad_file", `There is no genesis file ${path}. Make one with \`assay genesis new\`.`);
  }
}

async function savedGenesis(home: Home): Promise<Genesis | undefined> {
  try {
    return parseGenesis(await Deno.readTextFile(home.genesis));
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return undefined;
    throw thrown;
  }
}

/**
 * The genesis of a home: its own, or `given`, which it has from then on.
 *
 * @throws {ToolError} `bad_home` if they differ, `usage` if there is neither.
 */
export async function settleGenesis(home: Home, given: Genesis | undefined): Promise<Genesis> {
  const saved = await savedGenesis(home);
  if (saved === undefined) {
    if (given === undefined) {
      throw new ToolError(
        "usage",
        `The home ${home.root} has no genesis yet: name the network's with --genesis FILE.`,
      );
    }
    await Deno.writeTextFile(home.genesis, formatGenesis(given));
    return given;
  }
  if (given !== undefined && !equalBytes(chainIdOf(saved), chainIdOf(given))) {
    const [own, other] = [saved, given].map((genesis) =>
      `"${genesis.network}" (chain ${bytesToHex(chainIdOf(genesis)).slice(0, 12)})`
    );
    throw new ToolError(
      "bad_home",
      `The home ${home.root} belongs to the network ${own}, the genesis given is that of ${other}. ` +
        "Name another home with --home, or move this one away.",
    );
  }
  return saved;
}
