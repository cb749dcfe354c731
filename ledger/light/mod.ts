/**
 * A light client of the chain: follows final blocks by their certificates and checks what peers say of the state, without executing
 * anything. Pure, so it runs in a browser; carrying questions to nodes and answers back is its host's.
 *
 * It begins at a trusted checkpoint and refuses one older than the trust period: those who validated then may have withdrawn their
 * stake since, and could sign another history without loss ("weak subjectivity",
 * https://blog.ethereum.org/2014/11/25/proof-stake-learned-love-weak-subjectivity). The same holds for a client that slept longer.
 *
 * Read `checkpoint.ts`, then `light_client.ts`; `messages.ts` and `light_source.ts` say what live nodes are asked for.
 *
 * @module
 */
export { Checkpoint, genesisCheckpoint } from "./checkpoint.ts";
export { LightError, type LightErrorCode } from "./errors.ts";
export {
  follow,
  learnValidators,
  type LightClient,
  proven,
  startLightClient,
  trustPeriodMs,
} from "./light_client.ts";
export {
  EpochLink,
  EpochLinks,
  LightState,
  LightUpdate,
  MAX_EPOCH_LINKS,
  MAX_LIGHT_KEY_BYTES,
  MAX_LIGHT_KEYS,
} from "./messages.ts";
export { followLatest, type LightSource, type ProvenRead, readProven } from "./light_source.ts";
