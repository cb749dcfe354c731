/**
 * Genesis: everything a chain starts from. Its hash is the chain's id, so that nothing signed for one chain counts on another.
 *
 * @module
 */
import {
  bytes,
  bytes32,
  encode,
  type Hash,
  hash,
  type Infer,
  list,
  record,
  text,
  u32,
  u64,
} from "../primitives/mod.ts";
import { Params } from "../state/params.ts";
import { Role } from "../state/records.ts";

/** A balance to start with. */
export const GenesisAccount = record("GenesisAccount", { address: bytes32, balance: u64 });

/** A stake to start with, on top of the balance. */
export const GenesisStake = record("GenesisStake", { address: bytes32, role: Role, amount: u64 });

/** A validator of the first epochs. Its stake is among the stakes; `beaconKey` is a BLS public key (48 bytes) or empty. */
export const GenesisValidator = record("GenesisValidator", { address: bytes32, beaconKey: bytes(48) });

/** See the module. */
export const Genesis = record("Genesis", {
  /** Name of the network, for people. */
  network: text(64),
  symbol: text(16),
  decimals: u32,
  params: Params,
  accounts: list(GenesisAccount, 10_000),
  stakes: list(GenesisStake, 10_000),
  validators: list(GenesisValidator, 256),
});
/** See {@link Genesis}. */
export type Genesis = Infer<typeof Genesis>;

/** Identity of the chain that starts from a genesis. */
export function chainIdOf(genesis: Genesis): Hash {
  return hash("assay/genesis", encode(Genesis, genesis));
}
