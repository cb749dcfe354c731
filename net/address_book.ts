/**
 * Who can be dialled where. Every entry is signed by the peer it speaks of, so that it can be passed on by anybody, and the
 * book is bounded, so that nobody can fill it with made-up peers.
 *
 * @module
 */
import {
  bytes32,
  encode,
  fixedBytes,
  formatAddress,
  hash,
  type Infer,
  list,
  record,
  type Signer,
  text,
  u64,
  verifySignature,
} from "../ledger/primitives/mod.ts";
import type { PeerId } from "./transport.ts";

/** Longest address in bytes: a webrtc-direct multiaddr with certificate hash and peer id has about 160. */
export const MAX_ADDRESS_BYTES = 512;

/** Most addresses of one peer: a few network interfaces, IPv4 and IPv6. */
export const MAX_ADDRESSES = 8;

/** Peers remembered. Beyond, the one heard of longest ago is forgotten. */
const MAX_ENTRIES = 1024;

const AddressClaim = record("AddressClaim", {
  peer: bytes32,
  /** Milliseconds since 1970 when the claim was made; a later claim replaces an earlier one. */
  sequence: u64,
  addresses: list(text(MAX_ADDRESS_BYTES), MAX_ADDRESSES),
});

/** What a peer says of its own addresses, signed. */
export const AddressRecord = record("AddressRecord", { claim: AddressClaim, signature: fixedBytes(64) });
/** See {@link AddressRecord}. */
export type AddressRecord = Infer<typeof AddressRecord>;

function claimHash(claim: Infer<typeof AddressClaim>): Uint8Array {
  return hash("assay/addresses", encode(AddressClaim, claim));
}

/** Signs this node's own addresses; beyond {@link MAX_ADDRESSES} they are left out. */
export function signAddresses(signer: Signer, addresses: readonly string[], now: number): AddressRecord {
  const claim = {
    peer: signer.address,
    sequence: BigInt(Math.max(0, Math.floor(now))),
    addresses: addresses.slice(0, MAX_ADDRESSES),
  };
  return { claim, signature: signer.sign(claimHash(claim)) };
}

/** Signed addresses by peer. */
export interface AddressBook {
  /** Takes a record in, unless a later one is known. Returns `false` if its signature is wrong. */
  add(record: AddressRecord): boolean;
  /** The record of one peer. */
  get(peer: PeerId): AddressRecord | undefined;
  /** At most `count` records, the latest heard of first. */
  latest(count: number): readonly AddressRecord[];
}

/** An empty book. */
export function makeAddressBook(): AddressBook {
  const records = new Map<PeerId, AddressRecord>();
  return {
    add(record) {
      const peer = formatAddress(record.claim.peer);
      const known = records.get(peer);
      if (known !== undefined && known.claim.sequence >= record.claim.sequence) return true;
      if (!verifySignature(record.signature, claimHash(record.claim), record.claim.peer)) return false;
      records.delete(peer); // to the young end of the map
      records.set(peer, record);
      const oldest = records.keys().next().value;
      if (records.size > MAX_ENTRIES && oldest !== undefined) records.delete(oldest);
      return true;
    },
    get: (peer) => records.get(peer),
    latest: (count) => [...records.values()].slice(-count).reverse(),
  };
}
