/**
 * The genesis of a test network: every member has money, and stake for its role.
 *
 * @module
 */
import { devParams, type Genesis, type Params, type Role, ROLES } from "../../ledger/mod.ts";
import { beaconSignerFromSeed, signerFromSeed } from "../../ledger/primitives/mod.ts";
import { ONE_TOKEN } from "../terminal/amounts.ts";
import type { Member } from "./testnet_spec.ts";

/** What each member can spend at the start. */
const BALANCE = 1_000n * ONE_TOKEN;

/** What each member has staked in its role, well above the least of `devParams`. */
const STAKES: Readonly<Record<Role, bigint>> = {
  validator: 10_000n * ONE_TOKEN,
  provider: 500n * ONE_TOKEN,
  challenger: 200n * ONE_TOKEN,
  arbiter: 200n * ONE_TOKEN,
};

/** A member with its key. */
export interface KeyedMember extends Member {
  readonly seed: Uint8Array;
  readonly address: Uint8Array;
}

/** Gives a member a fresh key. */
export function keyed(member: Member, seed: Uint8Array): KeyedMember {
  return { ...member, seed, address: signerFromSeed(seed).address };
}

function stakedRole(member: Member): Role | undefined {
  return ROLES.find((role) => role === member.role);
}

/** The genesis of a network of these members. */
export function testnetGenesis(
  name: string,
  members: readonly KeyedMember[],
  params: Partial<Params> = {},
): Genesis {
  return {
    network: name,
    symbol: "AIGENSYN",
    decimals: 9,
    params: devParams(params),
    accounts: members.map(({ address }) => ({ address, balance: BALANCE })),
    stakes: members.flatMap((member) => {
      const role = stakedRole(member);
      return role === undefined ? [] : [{ address: member.address, role, amount: STAKES[role] }];
    }),
    validators: members.filter(({ role }) => role === "validator").map(({ address, seed }) => ({
      address,
      beaconKey: beaconSignerFromSeed(seed).publicKey,
    })),
  };
}
