/**
 * The JSON form of a genesis, for people to write and read: amounts as decimal text in the smallest unit (JSON numbers are
 * inexact beyond 2^53), keys in hexadecimal, everything else as in the record.
 *
 * @module
 */
import {
  bytesToHex,
  CodecError,
  decode,
  encode,
  formatAddress,
  hexToBytes,
  KeyError,
  parseAddress,
} from "../primitives/mod.ts";
import { Params, type Role, ROLES } from "../state/mod.ts";
import { devParams } from "./dev_params.ts";
import { Genesis } from "./genesis.ts";
import { GenesisError, genesisState } from "./genesis_state.ts";

function refuse(field: string, expected: string, seen: unknown): never {
  const shown = typeof seen === "string" ? `"${seen.slice(0, 80)}"` : JSON.stringify(seen)?.slice(0, 80);
  throw new GenesisError("bad_genesis", `Genesis field ${field} must be ${expected}: got ${shown}.`, {
    field,
  });
}

type Json = Readonly<Record<string, unknown>>;

function objectAt(value: unknown, field: string, known: readonly string[]): Json {
  if (typeof value !== "object" || value === null || Array.isArray(value)) refuse(field, "an object", value);
  for (const name of Object.keys(value)) {
    if (!known.includes(name)) refuse(`${field}.${name}`, `left out; known are ${known.join(", ")}`, name);
  }
  return { ...value };
}

function listAt<T>(value: unknown, field: string, read: (item: unknown, field: string) => T): readonly T[] {
  if (!Array.isArray(value)) return refuse(field, "a list", value);
  return value.map((item, i) => read(item, `${field}[${i}]`));
}

function textAt(value: unknown, field: string): string {
  return typeof value === "string" ? value : refuse(field, "text", value);
}

function integerAt(value: unknown, field: string): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value < 2 ** 32) return value;
  return refuse(field, "an integer in [0, 2^32)", value);
}

function amountAt(value: unknown, field: string): bigint {
  if (typeof value !== "string" || !/^[0-9]{1,20}$/.test(value)) {
    return refuse(field, "an amount in the smallest unit, as decimal text", value);
  }
  return BigInt(value);
}

function addressAt(value: unknown, field: string): Uint8Array {
  try {
    return parseAddress(textAt(value, field));
  } catch (thrown) {
    if (thrown instanceof KeyError) return refuse(field, "an address of 64 hexadecimal digits", value);
    throw thrown;
  }
}

function keyAt(value: unknown, field: string): Uint8Array {
  const digits = textAt(value, field);
  if (!/^([0-9a-f]{2})*$/i.test(digits)) refuse(field, "bytes in hexadecimal", value);
  return hexToBytes(digits.toLowerCase());
}

function roleAt(value: unknown, field: string): Role {
  const role = ROLES.find((known) => known === value);
  return role ?? refuse(field, `one of ${ROLES.join(", ")}`, value);
}

/** Parameters, of which a file names those that differ from those of a local test network. */
function paramsAt(value: unknown, field: string): Params {
  const defaults = devParams();
  const given = objectAt(value ?? {}, field, Object.keys(defaults));
  const entries = Object.entries(defaults).map(([name, usual]) => {
    if (!Object.hasOwn(given, name)) return [name, usual];
    const at = `${field}.${name}`;
    return [name, typeof usual === "bigint" ? amountAt(given[name], at) : integerAt(given[name], at)];
  });
  return { ...defaults, ...Object.fromEntries(entries) };
}

function genesisAt(value: unknown): Genesis {
  const json = objectAt(value, "genesis", [
    "network",
    "symbol",
    "decimals",
    "params",
    "accounts",
    "stakes",
    "validators",
  ]);
  return {
    network: textAt(json.network, "network"),
    symbol: textAt(json.symbol ?? "AIGENSYN", "symbol"),
    decimals: integerAt(json.decimals ?? 9, "decimals"),
    params: paramsAt(json.params, "params"),
    accounts: listAt(json.accounts, "accounts", (item, at) => {
      const { address, balance } = objectAt(item, at, ["address", "balance"]);
      return { address: addressAt(address, `${at}.address`), balance: amountAt(balance, `${at}.balance`) };
    }),
    stakes: listAt(json.stakes, "stakes", (item, at) => {
      const { address, role, amount } = objectAt(item, at, ["address", "role", "amount"]);
      return {
        address: addressAt(address, `${at}.address`),
        role: roleAt(role, `${at}.role`),
        amount: amountAt(amount, `${at}.amount`),
      };
    }),
    validators: listAt(json.validators, "validators", (item, at) => {
      const { address, beaconKey } = objectAt(item, at, ["address", "beaconKey"]);
      return {
        address: addressAt(address, `${at}.address`),
        beaconKey: keyAt(beaconKey ?? "", `${at}.beaconKey`),
      };
    }),
  };
}

/**
 * Reads a genesis file and checks that a chain can start from it. `symbol`, `decimals`, any of `params`, and `beaconKey` may be left
 * out: they default to AIGENSYN, 9, {@link devParams} and none.
 *
 * @throws {GenesisError} naming the field that is wrong.
 */
export function parseGenesis(text: string): Genesis {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    throw new GenesisError(
      "bad_genesis",
      "The genesis file is not JSON. Check it for a missing comma or quote.",
      {
        length: text.length,
      },
      thrown,
    );
  }
  try {
    const genesis = decode(Genesis, encode(Genesis, genesisAt(value)));
    genesisState(genesis);
    return genesis;
  } catch (thrown) {
    if (!(thrown instanceof CodecError)) throw thrown;
    throw new GenesisError("bad_genesis", `The genesis file: ${thrown.message}`, thrown.fields, thrown);
  }
}

/** Writes a genesis file, with everything spelt out. */
export function formatGenesis(genesis: Genesis): string {
  const json = {
    ...genesis,
    accounts: genesis.accounts.map(({ address, balance }) => ({ address: formatAddress(address), balance })),
    stakes: genesis.stakes.map(({ address, role, amount }) => ({
      address: formatAddress(address),
      role,
      amount,
    })),
    validators: genesis.validators.map(({ address, beaconKey }) => ({
      address: formatAddress(address),
      beaconKey: bytesToHex(beaconKey),
    })),
  };
  const text = JSON.stringify(json, (_, value) => typeof value === "bigint" ? value.toString() : value, 2);
  return `${text}\n`;
}
