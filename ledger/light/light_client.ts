/**
 * The light client: a value that holds one trusted block and at most two validator sets, and pure functions from it to the next.
 *
 * The validators of epoch e + 1 stand in the state since the first block of epoch e. So a client that trusts a header of epoch e learns
 * them from a state proof, and then needs nothing of the old ones to check a certificate of epoch e + 1.
 *
 * @module
 */
import { blockHash } from "../chain/mod.ts";
import { ConsensusError, prepareValidators, type Validators, verifyCertificate } from "../consensus/mod.ts";
import { encode, equalBytes, type Hash } from "../primitives/mod.ts";
import {
  type StateProof,
  ValidatorSet,
  validatorSetKey,
  validatorsHash,
  verifyStateProof,
} from "../state/mod.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { LightError, type LightErrorCode } from "./errors.ts";
import type { LightUpdate } from "./messages.ts";

/** Validators as a client keeps them. */
interface KnownSet {
  readonly validators: Validators;
  /** What headers of the epoch carry. */
  readonly hash: Hash;
}

/** What a client trusts. Bounded: one block and two sets, however long it follows. */
export interface LightClient {
  readonly chainId: Hash;
  /** See {@link trustPeriodMs}. */
  readonly periodMs: bigint;
  readonly height: bigint;
  readonly block: Hash;
  readonly stateRoot: Hash;
  /** Validators of the trusted block's epoch. */
  readonly present: KnownSet;
  /** Validators of the epoch after, once proven. */
  readonly next: KnownSet | undefined;
  /** When the trusted block was the latest, as far as the client knows. */
  readonly trustedAtMs: bigint;
}

function refuse(code: LightErrorCode, message: string, fields: Record<string, bigint> = {}): never {
  throw new LightError(code, message, fields);
}

function known(set: ValidatorSet, code: LightErrorCode): KnownSet {
  try {
    return { validators: prepareValidators(set), hash: validatorsHash(set) };
  } catch (thrown) {
    if (!(thrown instanceof ConsensusError)) throw thrown;
    return refuse(code, thrown.message);
  }
}

function requireFresh({ trustedAtMs, periodMs }: LightClient, nowMs: bigint): void {
  const age = nowMs - trustedAtMs;
  if (age <= periodMs) return;
  refuse(
    "trust_expired",
    `What this client trusts is ${age} ms old, and may be at most ${periodMs}: its validators may have withdrawn their stake and ` +
      "lie without loss. Start from a newer checkpoint.",
    { age, periodMs },
  );
}

/**
 * How long trust lasts: two thirds of the time that stake stays slashable, so that there is time to prove a fault.
 *
 * @param unbondingBlocks The chain's parameter.
 * @param leastBlockMs A lower bound of the time from block to block on average over the unbonding time.
 */
export function trustPeriodMs(unbondingBlocks: number, leastBlockMs: number): bigint {
  return BigInt(Math.floor(unbondingBlocks * leastBlockMs * 2 / 3));
}

/**
 * Starts a client.
 *
 * @throws {LightError} `trust_expired` if the checkpoint is too old, `bad_checkpoint` if its validators cannot decide anything.
 */
export function startLightClient(checkpoint: Checkpoint, periodMs: bigint, nowMs: bigint): LightClient {
  const { chainId, height, block, stateRoot, validators, takenAtMs } = checkpoint;
  const present = known(validators, "bad_checkpoint");
  const client = {
    chainId,
    periodMs,
    height,
    block,
    stateRoot,
    present,
    next: undefined,
    trustedAtMs: takenAtMs,
  };
  requireFresh(client, nowMs);
  return client;
}

/**
 * Learns the validators of the next epoch.
 *
 * @param proof Of the set's record in the state after the trusted block.
 * @throws {LightError} `bad_proof` for a set that is not the next one, or does not stand in the trusted state.
 */
export function learnValidators(client: LightClient, set: ValidatorSet, proof: StateProof): LightClient {
  const epoch = client.present.validators.epoch + 1n;
  if (set.epoch !== epoch) {
    refuse("bad_proof", `The next epoch is ${epoch}: the set is of ${set.epoch}. Ask another peer.`, {
      epoch,
    });
  }
  proven(client, validatorSetKey(epoch), encode(ValidatorSet, set), proof);
  return { ...client, next: known(set, "bad_proof") };
}

function validatorsFor(client: LightClient, epoch: bigint): KnownSet {
  const { present, next } = client;
  if (epoch === present.validators.epoch) return present;
  if (epoch === next?.validators.epoch) return next;
  return refuse(
    "unknown_validators",
    `The validators of epoch ${epoch} are not known. Follow a header of epoch ${present.validators.epoch} and learn the next set ` +
      "from it first.",
    { epoch },
  );
}

/**
 * Goes on to a later final block; heights between may be skipped, epochs may not.
 *
 * Trust is renewed, so `nowMs` must be the moment at which the certificate was received, and the header the latest that peers, at least
 * one of them honest, had then.
 *
 * @throws {LightError} `trust_expired`, `bad_header`, `unknown_validators` or `bad_certificate`; the client stays as it was.
 */
export function follow(
  client: LightClient,
  { header, certificate }: LightUpdate,
  nowMs: bigint,
): LightClient {
  requireFresh(client, nowMs);
  const { height, epoch, stateRoot } = header;
  if (!equalBytes(header.chainId, client.chainId)) {
    refuse("bad_header", "The header belongs to another chain. Ask another peer.");
  }
  if (height <= client.height) {
    refuse("bad_header", `Height ${client.height} is trusted already: got ${height}. Ask another peer.`, {
      height,
    });
  }
  const { validators, hash } = validatorsFor(client, epoch);
  if (!equalBytes(header.validatorsHash, hash)) {
    refuse("bad_header", `The header names other validators than those of epoch ${epoch}. Ask another peer.`);
  }
  const block = blockHash(header);
  const { vote } = certificate;
  if (
    vote.kind !== "finalize" || !equalBytes(vote.proposal.block, block) || vote.proposal.height !== height
  ) {
    refuse("bad_certificate", "The certificate does not finalize this header. Ask another peer.");
  }
  try {
    verifyCertificate(client.chainId, validators, certificate);
  } catch (thrown) {
    if (!(thrown instanceof ConsensusError)) throw thrown;
    refuse("bad_certificate", `${thrown.message} Ask another peer.`);
  }
  const trusted = { ...client, height, block, stateRoot, trustedAtMs: nowMs };
  return validators.epoch === client.present.validators.epoch
    ? trusted
    : { ...trusted, present: { validators, hash }, next: undefined };
}

/**
 * What a key of the trusted state holds.
 *
 * @param value What a peer says that it holds; undefined for nothing.
 * @returns `value`, now known to be true.
 * @throws {LightError} `bad_proof`.
 */
export function proven(
  client: LightClient,
  key: Uint8Array,
  value: Uint8Array | undefined,
  proof: StateProof,
): Uint8Array | undefined {
  if (verifyStateProof(client.stateRoot, key, value, proof)) return value;
  return refuse(
    "bad_proof",
    `The proof does not lead to the state after height ${client.height}. Ask another peer, or for that height.`,
    { height: client.height },
  );
}
