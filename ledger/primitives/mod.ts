/**
 * Primitives: canonical bytes, hashes, Merkle trees, keys, and the formats of commitments. The ground that every other part
 * stands on; it knows of nothing else here. Read `codec.ts`, `hash.ts`, `merkle.ts`, then `commitments.ts`.
 *
 * @module
 */
export { batchIndices, batchRoot, MAX_BATCH_ROWS, MAX_DATASET_ROWS, permutation } from "./batch_schedule.ts";
export {
  BEACON_KEY_BYTES,
  BEACON_SIGNATURE_BYTES,
  BeaconError,
  type BeaconInput,
  type BeaconSigner,
  beaconSignerFromSeed,
  nextBeacon,
  verifyContribution,
  verifyPossession,
} from "./beacon.ts";
export { bytesToHex, compareBytes, concatBytes, equalBytes, hexToBytes, utf8 } from "./bytes.ts";
export {
  bool,
  bytes,
  bytes32,
  CodecError,
  type CodecErrorCode,
  decode,
  encode,
  type Fields,
  fixedBytes,
  type Infer,
  LateEncoding,
  list,
  MAX_MESSAGE_BYTES,
  nullable,
  oneOf,
  record,
  type RecordOf,
  type Schema,
  text,
  u32,
  u64,
  u8,
  uint,
  union,
  type UnionOf,
} from "./codec.ts";
export {
  BatchSchedule,
  blobRoot,
  blobRootOfChunks,
  blobRootOfTop,
  CHUNK_BYTES,
  chunkRoot,
  chunkRoots,
  Dtype,
  DTYPE_BYTES,
  LEAF_BYTES,
  locateSegment,
  MAX_NODE_ARITY,
  MAX_PHASES,
  MAX_RANK,
  Metric,
  NodeDescriptor,
  OutputDescriptor,
  Phase,
  phaseSegments,
  Program,
  programId,
  programSegments,
  Proof,
  type SegmentInput,
  segmentInput,
  type SegmentLocation,
  StateEntry,
  stateLeaf,
  stateRoot,
  SumShape,
  TensorHeader,
  TensorInfo,
  tensorRoot,
  TensorSource,
  TraceLeaf,
} from "./commitments.ts";
export { isTolerant } from "./tolerant.ts";
export { CodedError, type ErrorFields, messageOf } from "./errors.ts";
export {
  createSha256,
  type Hash,
  hash,
  HASH_BYTES,
  hashEach,
  type Hasher,
  sha256,
  ZERO_HASH,
} from "./hash.ts";
export {
  type Address,
  formatAddress,
  KeyError,
  parseAddress,
  type Signature,
  type Signer,
  signerFromSeed,
  verifySignature,
} from "./keys.ts";
export {
  combineTops,
  DESCENT_ARITY,
  leafHash,
  leafHashes,
  type LeafRange,
  type MerkleProof,
  merkleRoot,
  proveLeaf,
  rootOfTop,
  splitRange,
  topOf,
  verifyLeaf,
} from "./merkle.ts";
export {
  leafSalt,
  openSegment,
  openSegments,
  runLeaves,
  saltCommitment,
  saltedRunRoot,
  SEED_BYTES,
  segmentLeaf,
  SegmentOpening,
  verifySegment,
} from "./salted_run.ts";
export { copyOfBytes, smallBytes } from "./small_bytes.ts";
export { proveVrf, VRF_PROOF_BYTES, vrfOutput, vrfOutputOf } from "./vrf.ts";
