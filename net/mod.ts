/**
 * The network: one {@link Transport} interface, and content-addressed blobs over it. Knows only the ledger's primitives.
 *
 * Read `transport.ts` for what is promised, `link.ts` and `make_transport.ts` for how any kind of network becomes a transport,
 * then `memory_transport.ts`; `blob_manifest.ts` and `blob_exchange.ts` for blobs.
 *
 * Leaves are imported by their paths, since they need the host: `webrtc_libp2p.ts`, the real network, `blob_store_file.ts`,
 * blobs on disk, and `timers_system.ts`, the host's clock.
 *
 * @module
 */
export { AddressRecord } from "./address_book.ts";
export { ADDRESS_PROTOCOL } from "./address_exchange.ts";
export {
  type BlobExchange,
  type BlobExchangeOptions,
  CHUNK_PROTOCOL,
  type FetchOptions,
  type FetchProgress,
  makeBlobExchange,
  MANIFEST_PROTOCOL,
} from "./blob_exchange.ts";
export { type BlobId, BlobManifest, manifestId, manifestOf, MAX_CHUNKS } from "./blob_manifest.ts";
export { type BlobStore, makeMemoryBlobStore } from "./blob_store.ts";
export { NetError, type NetErrorCode } from "./errors.ts";
export { MAX_FRAME_BYTES } from "./frames.ts";
export { DEFAULT_LIMITS, type Limits } from "./limits.ts";
export type { Link, LinkServer } from "./link.ts";
export { makeTransport, type ScoredTransport, type TransportOptions } from "./make_transport.ts";
export { makeMemoryMesh, type MemoryMesh, testSigner } from "./memory_mesh.ts";
export {
  makeMemoryNetwork,
  makeMemoryTransport,
  type MemoryNetwork,
  type MemoryNetworkOptions,
  type MemoryTransportOptions,
} from "./memory_transport.ts";
export type { Fault } from "./peer_scores.ts";
export type { Timers } from "./timers.ts";
export {
  type Handler,
  MAX_GOSSIP_BYTES,
  MAX_PROTOCOL_BYTES,
  MAX_TRANSPORT_BYTES,
  type PeerEvent,
  type PeerId,
  type RequestOptions,
  type Transport,
} from "./transport.ts";
