/**
 * `assay genesis new`: the file that every node of a new network starts from.
 *
 * @module
 */
import { chainIdOf, devParams, formatGenesis, type Genesis, type Role } from "../../ledger/mod.ts";
import { hexToBytes } from "../../ledger/primitives/mod.ts";
import { bytesToHex, formatAddress, parseAddress } from "../../ledger/primitives/mod.ts";
import { ToolError } from "../errors.ts";
import { homeAt, passphraseFromEnvironment, publicSide } from "../node/home_file.ts";
import { openKeyFile } from "../node/keystore_file.ts";
import { formatAmount, ONE_TOKEN, parseAmount } from "../terminal/amounts.ts";
import type { Arguments, Command, OptionSpec } from "./command.ts";

/** What each named node starts with besides its stake: enough for fees and rewards while people try things out. */
const STARTING_BALANCE = 1_000n * ONE_TOKEN;

/** Stakes of named nodes, well above the least of `devParams`. */
const STARTING_STAKE: Readonly<Record<Role, bigint>> = {
  validator: 10_000n * ONE_TOKEN,
  provider: 1_000n * ONE_TOKEN,
  challenger: 1_000n * ONE_TOKEN,
  arbiter: 1_000n * ONE_TOKEN,
};

/** Leaders whose blocks a deadline waits for, so that none can leave an honest answer out of all of them. */
const LEAST_LEADERS = 3;

interface Member {
  readonly address: string;
  readonly beaconKey: string;
}

/** A member named by its home on this machine, or by `ADDRESS:BEACONKEY` as `assay key show` prints them. */
async function memberOf(name: string): Promise<Member> {
  const named = /^([0-9a-f]{64}):([0-9a-f]{96})$/i.exec(name);
  if (named !== null) return { address: named[1] ?? "", beaconKey: named[2] ?? "" };
  return publicSide(await openKeyFile(homeAt(name).key, passphraseFromEnvironment()));
}

function fundOf(text: string): { readonly address: Uint8Array; readonly balance: bigint } {
  const [address = "", amount] = text.split("=");
  if (amount === undefined) throw new ToolError("usage", `--fund takes ADDRESS=AMOUNT: got "${text}".`);
  try {
    return { address: parseAddress(address), balance: parseAmount(amount) };
  } catch (thrown) {
    throw new ToolError("usage", `--fund ${text}: ${thrown instanceof Error ? thrown.message : thrown}`);
  }
}

function sameFirst<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [keyOf(item), item])).values()];
}

async function genesisOf(args: Arguments): Promise<Genesis> {
  const roles: readonly Role[] = ["validator", "provider", "challenger", "arbiter"];
  const members = await Promise.all(roles.map(async (role) => {
    const names = [...new Set(args.list(role))];
    return { role, members: await Promise.all(names.map(memberOf)) };
  }));
  const validators = members.find(({ role }) => role === "validator")?.members ?? [];
  if (validators.length === 0) {
    throw new ToolError("usage", "A network needs a validator: --validator HOME, once for each.");
  }
  const addresses = sameFirst(members.flatMap((entry) => entry.members), ({ address }) => address);
  return {
    network: args.text("network") ?? "assay-dev",
    symbol: "AIGENSYN",
    decimals: 9,
    params: devParams({ leastLeaders: LEAST_LEADERS }),
    accounts: sameFirst([
      ...addresses.map(({ address }) => ({ address: hexToBytes(address), balance: STARTING_BALANCE })),
      ...args.list("fund").map(fundOf),
    ], ({ address }) => bytesToHex(address)),
    stakes: members.flatMap(({ role, members }) =>
      members.map(({ address }) => ({ address: hexToBytes(address), role, amount: STARTING_STAKE[role] }))
    ),
    validators: validators.map(({ address, beaconKey }) => ({
      address: hexToBytes(address),
      beaconKey: hexToBytes(beaconKey),
    })),
  };
}

function memberOption(role: Role): OptionSpec {
  const stake = formatAmount(STARTING_STAKE[role]);
  return { kind: "list", value: "HOME", description: `a ${role} with ${stake} staked; may be given again` };
}

/** See the module. */
export const genesisNewCommand: Command = {
  name: "genesis new",
  summary: "Writes the genesis of a new network. Members are homes with keys, or ADDRESS:BEACONKEY.",
  positional: [],
  options: {
    network: { kind: "text", value: "NAME", description: "name of the network (default assay-dev)" },
    validator: memberOption("validator"),
    provider: memberOption("provider"),
    challenger: memberOption("challenger"),
    arbiter: memberOption("arbiter"),
    fund: {
      kind: "list",
      value: "ADDRESS=AMOUNT",
      description: "an account with a balance; may be given again",
    },
    out: {
      kind: "text",
      value: "FILE",
      description: "file to write (default genesis.json); never overwritten",
    },
  },
  async run(args) {
    const genesis = await genesisOf(args);
    const path = args.text("out") ?? "genesis.json";
    try {
      await Deno.writeTextFile(path, formatGenesis(genesis), { createNew: true });
    } catch (thrown) {
      if (!(thrown instanceof Deno.errors.AlreadyExists)) throw thrown;
      throw new ToolError("usage", `${path} exists already. Name another file with --out.`);
    }
    console.log(`${path}: network ${genesis.network}, chain ${bytesToHex(chainIdOf(genesis))}`);
    for (const { address } of genesis.validators) console.log(`  validator ${formatAddress(address)}`);
    return 0;
  },
};
