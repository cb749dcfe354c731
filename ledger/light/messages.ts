/**
 * What nodes tell light clients, as it travels.
 *
 * @module
 */
import { BlockHeader } from "../chain/mod.ts";
import { Certificate } from "../consensus/mod.ts";
import { bytes, type Infer, list, nullable, record } from "../primitives/mod.ts";
import { StateProof, ValidatorSet } from "../state/mod.ts";

/** Most links of one answer. One has at most 41 KiB (256 signatures and 256 validators), so that an answer stays below 4 MiB. */
export const MAX_EPOCH_LINKS = 64;

/** Most keys of one question: balances, params and a task with its audit are read at once. */
export const MAX_LIGHT_KEYS = 32;

/** Longest key of the state, in bytes. */
export const MAX_LIGHT_KEY_BYTES = 256;

/** Longest value of the state, in bytes. */
const MAX_VALUE_BYTES = 1024 * 1024;

/** A certified header: the finalization is of this very block. */
export const LightUpdate = record("LightUpdate", { header: BlockHeader, certificate: Certificate });
/** See {@link LightUpdate}. */
export type LightUpdate = Infer<typeof LightUpdate>;

/**
 * From one epoch to the next: the last block of an epoch, certified, and the next epoch's validators, proven in the state after it. Who
 * trusts anything of the epoch can go on from its last block.
 */
export const EpochLink = record("EpochLink", {
  update: LightUpdate,
  next: ValidatorSet,
  proof: StateProof,
});
/** See {@link EpochLink}. */
export type EpochLink = Infer<typeof EpochLink>;

/** Links of consecutive epochs, from the one asked for on; none if the node does not have that one. */
export const EpochLinks = record("EpochLinks", { links: list(EpochLink, MAX_EPOCH_LINKS) });
/** See {@link EpochLinks}. */
export type EpochLinks = Infer<typeof EpochLinks>;

/**
 * The latest certified header that a node has, and what keys hold in the state after it: one entry for each key asked for, in order, or
 * for as many of the first ones as fit.
 */
export const LightState = record("LightState", {
  update: LightUpdate,
  entries: list(
    record("LightEntry", { value: nullable(bytes(MAX_VALUE_BYTES)), proof: StateProof }),
    MAX_LIGHT_KEYS,
  ),
});
/** See {@link LightState}. */
export type LightState = Infer<typeof LightState>;
