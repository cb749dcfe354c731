/**
 * The same key in two spellings: our {@link PeerId} (hex of the raw Ed25519 public key) and libp2p's peer id, which wraps it.
 *
 * @module
 */
import { publicKeyFromRaw } from "@libp2p/crypto/keys";
import type { PeerId as Libp2pPeerId } from "@libp2p/interface";
import { peerIdFromPublicKey, peerIdFromString } from "@libp2p/peer-id";
import { bytesToHex, parseAddress } from "../ledger/primitives/mod.ts";
import { NetError } from "./errors.ts";
import type { PeerId } from "./transport.ts";

/**
 * Our name for a libp2p peer.
 *
 * @throws {NetError} `wrong_identity` if its key is not Ed25519: such a peer cannot hold an account.
 */
export function fromLibp2pPeer(peer: Libp2pPeerId): PeerId {
  if (peer.type !== "Ed25519") {
    throw new NetError(
      "wrong_identity",
      `Peer ${peer} has a ${peer.type} key; nodes are known by Ed25519 keys.`,
    );
  }
  return bytesToHex(peer.publicKey.raw);
}

/** libp2p's name for one of our peers. Throws a `KeyError` if it is not 64 hexadecimal digits. */
export function toLibp2pPeer(peer: PeerId): Libp2pPeerId {
  return peerIdFromPublicKey(publicKeyFromRaw(parseAddress(peer)));
}

/**
 * Reads libp2p's text form, as it stands in a multiaddr after `/p2p/`.
 *
 * @throws {NetError} `bad_address` or `wrong_identity`.
 */
export function peerFromLibp2pText(text: string): PeerId {
  let peer;
  try {
    peer = peerIdFromString(text);
  } catch (thrown) {
    throw new NetError("bad_address", `"${text.slice(0, 80)}" is not a libp2p peer id.`, {}, thrown);
  }
  return fromLibp2pPeer(peer);
}
